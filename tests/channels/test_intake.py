"""One bad message never stops its neighbors: it is parked with a reason that names nobody, and the rest are taken."""

import asyncio
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from hub.channels import intake
from hub.channels.intake import take_or_park
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.model.errors import WrongStateError
from hub.model.incoming import Address, IncomingOrder, Person
from hub.spec import RetryLaterError
from tests.builders import line, order
from tests.fake_channel import FakeHub, message_of

FAR, BACK = timezone(timedelta(hours=14)), timezone(-timedelta(hours=14))
ENDLESS = Decimal("Infinity")
EXACT = Decimal("1000000000000000000000000000000.01")
STATES = "SELECT state, count(*) FROM inbox GROUP BY state ORDER BY state"
CANARY = "Canary Row 7"
SECRET = Person(CANARY, f"{CANARY}@example.com", CANARY, Address(street=CANARY), Address(name=CANARY), CANARY)

POISON = {
    "NUL in a title": order("poison", line("MUG", title="A\0B")),
    "NUL in its number": order("poison", channel_order_number="\0"),
    "600 characters": order("poison", line("MUG", title="x" * 600)),
    "more digits than any column": order("poison", line("MUG", unit_price=Decimal("1E+200000"))),
    "more canceled than ordered": order("poison", line("MUG", 1, canceled=2)),
    "40,000 lines": order("poison", *(line("MUG", channel_line_id=str(n)) for n in range(40_000))),
}
UNFIT = {
    "no number at all": order("poison", total=Decimal("NaN")),
    "a signaling no number": order("poison", total=Decimal("sNaN")),
    "endless minus endless": order("poison", line("MUG", total=ENDLESS), total=ENDLESS),
    "one line id twice": order("poison", line("MUG"), line("MUG", 2)),
    "placed before the year 1": order("poison", placed_at=datetime(1, 1, 1, tzinfo=FAR)),
    "changed before the year 1": order("poison", updated_at=datetime(1, 1, 1, tzinfo=FAR)),
    "placed after the year 9999": order("poison", placed_at=datetime(9999, 12, 31, 23, tzinfo=BACK)),
}
FINE = {
    "10^30 euros": order("poison", line("MUG", total=EXACT), total=EXACT + 1),
    "nothing ordered": order("poison", line("MUG", 0)),
    "500 characters": order("poison", line("MUG", title="x" * 500)),
}
ODD = ["nothing ordered", "500 characters", "10^30 euros"]


async def take(hub: FakeHub) -> int:
    async with asyncio.timeout(60):
        return await take_inbox(hub.ctx, hub.rows["shop"].id)


async def arrive_around(hub: FakeHub, poison: IncomingOrder, neighbors: int) -> None:
    """The poison comes in the middle."""
    good = [replace(order(str(n)), person=SECRET) for n in range(neighbors)]
    half = neighbors // 2
    await hub.arrive(*good[:half], replace(poison, person=SECRET), *good[half:])


@pytest.mark.parametrize("name", [*POISON, *UNFIT])
async def test_one_poison_order_is_parked_and_its_neighbors_are_taken(hub: FakeHub, name: str) -> None:
    await arrive_around(hub, (POISON | UNFIT)[name], 9)
    with capture_logs() as logs:
        await take(hub)
    assert await hub.query(STATES) == [("parked", 1), ("taken", 9)]
    ((reason,),) = await hub.query("SELECT reason FROM inbox WHERE state = 'parked'")
    facts = await hub.query("SELECT facts::text FROM events")
    assert (bool(reason), CANARY in f"{reason}{logs}{facts}") == (True, False)


@pytest.mark.parametrize("name", ODD)
async def test_an_order_that_is_only_odd_is_taken(hub: FakeHub, name: str) -> None:
    await arrive_around(hub, FINE[name], 1)
    await take(hub)
    assert await hub.query(STATES) == [("taken", 2)]
    total = "SELECT total = (SELECT sum(total + tax) FROM order_lines WHERE order_id = o.id) + difference FROM orders o"
    assert await hub.query(total) == [(True,), (True,)]


async def test_one_poison_order_in_200_costs_one(hub: FakeHub) -> None:
    await arrive_around(hub, POISON["NUL in a title"], 199)
    assert await take(hub) == 199
    assert await hub.query(STATES) == [("parked", 1), ("taken", 199)]


@pytest.mark.parametrize("error", [KeyError(CANARY), WrongStateError("it cannot be")])
async def test_an_error_over_one_order_costs_one_order(hub: FakeHub, error: Exception) -> None:
    await arrive_around(hub, order("poison"), 9)
    opened = await hub.opened()
    reads = opened.connector.to_incoming

    def trips(message: object, config: object) -> IncomingOrder:
        read = reads(message, config)  # type: ignore[arg-type]
        if read.channel_order_id == "poison":
            raise error
        return read

    opened.connector.to_incoming = trips  # type: ignore[method-assign]
    await take_or_park(hub.ctx, opened, at=now())
    assert await hub.query(STATES) == [("parked", 1), ("taken", 9)]


@pytest.mark.parametrize("wrong", [{"person": None}, {"lines": [replace(line("MUG"), quantity=CANARY)]}])
async def test_a_bug_of_the_hub_over_one_order_costs_one_order(
    hub: FakeHub, wrong: dict[str, object]
) -> None:
    await arrive_around(hub, order("poison"), 9)
    opened = await hub.opened()
    reads = opened.connector.to_incoming

    def slips(message: object, config: object) -> IncomingOrder:
        read = reads(message, config)  # type: ignore[arg-type]
        return replace(read, **wrong) if read.channel_order_id == "poison" else read

    opened.connector.to_incoming = slips  # type: ignore[method-assign]
    await take_or_park(hub.ctx, opened, at=now())
    assert await hub.query(STATES) == [("parked", 1), ("taken", 9)]
    ((reason,),) = await hub.query("SELECT reason FROM inbox WHERE state = 'parked'")
    assert re.fullmatch("the hub failed with (Attribute|Type)Error: report it to its authors", str(reason))


async def test_the_same_message_20_times_at_once_is_one_order_and_one_movement(hub: FakeHub) -> None:
    await asyncio.gather(*(hub.arrive(order("1")) for _ in range(20)))
    await asyncio.gather(*(take(hub) for _ in range(5)))
    counts = (
        "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM movements WHERE kind = 'allocation')"
    )
    assert (await hub.query(counts), await hub.query(STATES)) == ([(1, 1)], [("taken", 1)])


async def test_a_good_order_is_never_parked_for_a_neighbor_that_another_worker_holds(hub: FakeHub) -> None:
    await arrive_around(hub, POISON["NUL in a title"], 39)
    await asyncio.gather(*(take(hub) for _ in range(6)))
    assert await hub.query(STATES) == [("parked", 1), ("taken", 39)]


async def thin(hub: FakeHub, order_id: str) -> None:

    message = message_of(order(order_id), key=f"thin-{order_id}", complete=False)
    await intake.arrive(hub.ctx, hub.rows["shop"], [message], source="webhook", at=now())


async def test_thin_news_is_fetched_and_taken(hub: FakeHub) -> None:
    hub.channels["shop"].orders["7"] = msgspec.json.encode(order("7"))
    await thin(hub, "7")
    assert (await take(hub), await hub.query(STATES)) == (1, [("fetched", 1), ("taken", 1)])


async def test_news_of_an_order_the_channel_does_not_know_is_parked(hub: FakeHub) -> None:
    await thin(hub, "8")
    await take(hub)
    reasons = await hub.query("SELECT state, reason LIKE '%does not know it%' FROM inbox")
    assert reasons == [("parked", True)]


async def test_news_of_what_is_no_order_of_the_hub_ends_there(hub: FakeHub) -> None:
    hub.channels["shop"].orders["8"], hub.channels["shop"].nobodys = b"{}", {"8"}
    await thin(hub, "8")
    await take(hub)
    assert await hub.query(STATES) == [("fetched", 1), ("ignored", 1)]


async def test_news_waits_while_the_channel_is_down_and_is_parked_after_the_last_try(hub: FakeHub) -> None:
    hub.channels["shop"].fails = RetryLaterError("down")
    await thin(hub, "9")
    seen = []
    for _ in range(6):
        await take(hub)
        seen += await hub.query("SELECT state FROM inbox")
        await hub.run("UPDATE inbox SET next_try_at = NULL")
        await hub.run("UPDATE channels SET paused_until = NULL WHERE slug = 'shop'")
    assert seen == [("waiting",)] * 5 + [("parked",)]


async def test_nothing_in_redis_tells_who_bought(hub: FakeHub) -> None:
    await arrive_around(hub, POISON["NUL in a title"], 3)
    redis = hub.ctx.bell.redis
    kept = [await redis.dump(key) for key in await redis.keys()]
    assert (len(kept) > 0, any(CANARY.encode() in (each or b"") for each in kept)) == (True, False)
