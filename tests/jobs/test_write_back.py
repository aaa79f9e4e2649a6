"""What was done to an order reaches its channel once: whatever dies, is lost, is refused, or is put off on the way."""

import asyncio
from uuid import UUID

import pytest

from hub.channels.budgets import BudgetSpentError
from hub.channels.shipping import label_parcels, set_ships_here, ship_parcels
from hub.channels.telling import decide, set_told
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.jobs.write_back import ATTEMPTS_MAX, write_back
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.kit.queue import wake_key
from hub.model.errors import InputError
from hub.model.incoming import IncomingParcel
from hub.model.orders.shipping import Parcel
from hub.model.sync.write_backs import Kind, Step
from hub.spec import Fulfillment, Idempotency, LineUnits, OutcomeState, ParcelLabel, RetryLaterError
from hub.store.shipments import Label
from tests.builders import line, order
from tests.fake_channel import FakeHub, TellingChannel, message_of

ROWS = "SELECT state, reason FROM write_backs ORDER BY id"
AGAIN = "UPDATE write_backs SET next_try_at = NULL; UPDATE channels SET paused_until = NULL"


async def shipped(hub: FakeHub, count: int = 1, *, repeats: Idempotency = Idempotency.KEY) -> TellingChannel:
    """A shop whose orders leave here, and that is to be told of so many parcels."""
    channel = hub.tells(repeats=repeats)
    await set_ships_here(hub.ctx, "shop", here=True, actor="ada", at=now())
    await hub.arrive(*[order(str(place), line("MUG")) for place in range(1, count + 1)])
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    numbers = [int(str(number)) for (number,) in await hub.query("SELECT number FROM orders ORDER BY number")]
    parcels = [Parcel(uuid7(), number, {}, "DHL", f"0034{number}") for number in numbers]
    await ship_parcels(hub.ctx, parcels, actor="ada", at=now())
    return channel


async def tell(hub: FakeHub) -> int:
    async with asyncio.timeout(60):
        return await write_back(hub.ctx, hub.rows["shop"].id)


async def again(hub: FakeHub) -> int:
    for statement in AGAIN.split(";"):
        await hub.run(statement)
    return await tell(hub)


async def test_c46_a_parcel_is_told_with_its_number_and_the_moment_of_the_answer_is_kept(
    hub: FakeHub,
) -> None:
    channel = await shipped(hub, 2)
    began = now()
    assert await tell(hub) == 2
    ((told_at, ref),) = await hub.query(
        "SELECT min(told_at), min(channel_ref) FROM write_backs WHERE state = 'applied'"
    )
    assert began <= told_at <= now()  # type: ignore[operator]
    assert str(ref).startswith("ref-")
    assert channel.told[0].known_lines == (LineUnits("MUG", 1),)  # type: ignore[union-attr]
    assert (await tell(hub), len(channel.told), len(channel.acts)) == (0, 2, 2)


async def test_c47_a_lost_answer_is_read_back_and_not_sent_again(hub: FakeHub) -> None:
    channel = await shipped(hub)
    channel.says = OutcomeState.UNKNOWN
    await tell(hub)
    assert await hub.query(ROWS) == [("unknown", "as the test says")]
    ours = IncomingParcel("P-1", "DHL", channel.told[0].tracking_number)  # type: ignore[union-attr]
    channel.orders["1"] = message_of(order("1", line("MUG"), parcels=(ours,))).body
    await again(hub)
    assert (await hub.query(ROWS), len(channel.told)) == ([("applied", "")], 1)


async def test_what_is_not_found_there_is_sent_again_under_the_same_key(hub: FakeHub) -> None:
    channel = await shipped(hub)
    channel.breaks = RetryLaterError("no answer")
    await tell(hub)
    channel.breaks = None
    await again(hub)
    assert (await hub.query(ROWS), len(channel.told), len(channel.acts)) == ([("applied", "")], 2, 1)


async def test_where_a_repeat_would_act_twice_a_person_is_asked(hub: FakeHub) -> None:
    channel = await shipped(hub, repeats=Idempotency.NONE)
    channel.breaks = RetryLaterError("no answer")
    await tell(hub)
    await again(hub)
    ((state, reason),) = await hub.query(ROWS)
    assert (state, len(channel.told)) == ("rejected", 1)
    assert "look at the order there" in str(reason)


async def test_a_worker_that_is_killed_sends_nothing_twice(hub: FakeHub) -> None:
    channel = await shipped(hub)
    job = asyncio.create_task(tell(hub))

    async def die_before_anything_is_recorded() -> None:
        channel.during = _nothing
        job.cancel()
        await asyncio.sleep(1)

    channel.during = die_before_anything_is_recorded
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await again(hub), await hub.query(ROWS)) == (0, [("claimed", "")])
    await hub.run("UPDATE write_backs SET leased_until = now()")
    await tell(hub)
    assert (await hub.query(ROWS), len(channel.acts)) == ([("applied", "")], 1)


async def _nothing() -> None:
    return


async def test_what_was_answered_before_the_job_was_cut_off_is_kept(hub: FakeHub) -> None:
    channel = await shipped(hub, 2)
    channel.says = OutcomeState.UNKNOWN
    await tell(hub)
    channel.orders["1"] = message_of(order("1", line("MUG", fulfilled=1))).body
    job = asyncio.create_task(again(hub))

    async def cut() -> None:
        job.cancel()
        await asyncio.sleep(1)

    channel.during = cut
    with pytest.raises(asyncio.CancelledError):
        await job
    assert [state for state, _ in await hub.query(ROWS)] == ["applied", "claimed"]


async def test_while_the_budget_of_its_lane_is_spent_the_job_ends_and_its_rows_wait(hub: FakeHub) -> None:
    channel = await shipped(hub)
    channel.fails = BudgetSpentError("in a minute", after_s=60, for_all=False)
    assert await tell(hub) == 0
    assert await hub.query("SELECT state, attempts, next_try_at > now() FROM write_backs") == [
        ("waiting", 0, True)
    ]


async def test_what_may_be_there_is_sent_once_more_on_the_word_of_a_person_alone(hub: FakeHub) -> None:
    channel = await shipped(hub, repeats=Idempotency.NONE)
    channel.breaks = RetryLaterError("no answer")
    await tell(hub)
    await again(hub)
    ((one, state, sent),) = await hub.query("SELECT id, state, attempts FROM write_backs")
    await decide(hub.ctx, [UUID(str(one))], Step.RETRY, actor="ada", at=now())
    await again(hub)
    await again(hub)
    assert (state, sent, len(channel.told)) == ("rejected", 2, 2)
    assert await hub.query("SELECT state, attempts FROM write_backs") == [("rejected", 2)]


async def test_switched_off_what_may_be_there_is_looked_for_and_what_was_put_off_is_let_be(
    hub: FakeHub,
) -> None:
    channel = await shipped(hub, 2)
    channel.breaks = RetryLaterError("no answer")
    await tell(hub)
    last = "order_id = (SELECT id FROM orders WHERE channel_order_id = '2')"
    await hub.run(f"UPDATE write_backs SET state = 'waiting', may_be_there = false WHERE {last}")
    await hub.run("DELETE FROM write_back_switches")
    channel.breaks = None
    await again(hub)
    assert [state for state, _ in await hub.query(ROWS)] == ["rejected", "dismissed"]
    assert len(channel.told) == 2


async def test_what_was_surely_not_sent_waits_on_while_the_channel_pauses(hub: FakeHub) -> None:
    channel = await shipped(hub)
    channel.fails = RetryLaterError("too many calls", after_s=60, sent=False)
    await tell(hub)
    assert await hub.query(ROWS) == [("waiting", "")]
    ((paused,),) = await hub.query("SELECT paused_until > now() FROM channels WHERE slug = 'shop'")
    channel.fails = None
    assert (paused, await tell(hub), await again(hub)) == (True, 0, 1)


async def test_a_batch_that_is_refused_whole_costs_only_those_that_are_refused_alone(hub: FakeHub) -> None:
    channel = await shipped(hub, 3)
    channel.refuses = "2"
    await tell(hub)
    assert [state for state, _ in await hub.query(ROWS)] == ["applied", "rejected", "applied"]


async def test_what_a_person_did_there_meanwhile_is_no_refusal(hub: FakeHub) -> None:
    channel = await shipped(hub)
    channel.says = OutcomeState.REJECTED
    channel.orders["1"] = message_of(order("1", line("MUG", fulfilled=1))).body
    await tell(hub)
    assert await hub.query(ROWS) == [("applied", "")]


async def test_after_a_refusal_another_key_is_used_and_after_silence_the_same(hub: FakeHub) -> None:
    channel = await shipped(hub)
    for channel.says in (OutcomeState.UNKNOWN, OutcomeState.REJECTED):
        await again(hub)
    ((refused, may_be_there),) = await hub.query("SELECT id, may_be_there FROM write_backs")
    await decide(hub.ctx, [UUID(str(refused))], Step.RETRY, actor="ada", at=now())
    await again(hub)
    keys = [each.key for each in channel.told]
    assert (keys, may_be_there) == ([str(refused), str(refused), f"{refused}-1"], False)


async def label(hub: FakeHub, tracking: str) -> None:
    ((parcel,),) = await hub.query("SELECT id FROM shipments")
    await label_parcels(hub.ctx, [Label(UUID(str(parcel)), "UPS", tracking)], actor="ada", at=now())


async def test_a_label_is_told_as_it_is_and_once_more_where_it_is_corrected_after_that(hub: FakeHub) -> None:
    channel = await shipped(hub)
    await label(hub, "before it was told")
    await tell(hub)
    for tracking in ("wrong again", "1Z", "1Z"):
        await label(hub, tracking)
    assert (await tell(hub), await tell(hub)) == (1, 0)
    parcel, corrected = channel.told
    numbers = [each.tracking_number for each in channel.told]  # type: ignore[union-attr]
    assert (type(corrected), numbers) == (ParcelLabel, ["before it was told", "1Z"])
    assert corrected.parcel_key == parcel.key != corrected.key  # type: ignore[union-attr]
    assert corrected.channel_ref == f"ref-{parcel.key[-4:]}"  # type: ignore[union-attr]


async def test_a_corrected_label_is_looked_for_by_its_number_and_completes_no_order_twice(
    hub: FakeHub,
) -> None:
    channel = await shipped(hub)
    channel.says = OutcomeState.UNKNOWN
    await tell(hub)
    await label(hub, "1Z")
    channel.says = OutcomeState.APPLIED
    all_left = order("1", line("MUG", fulfilled=1), parcels=(IncomingParcel("P", "DHL", "0034"),))
    channel.orders["1"] = message_of(all_left).body
    await again(hub)
    await again(hub)
    assert [state for state, _ in await hub.query(ROWS)] == ["applied", "applied"]
    assert [type(each) for each in channel.told] == [Fulfillment, ParcelLabel]


async def test_a_connector_that_fails_each_time_ends_with_a_person(hub: FakeHub) -> None:
    channel = await shipped(hub)
    channel.breaks = KeyError("x")
    await tell(hub)
    assert await hub.query("SELECT state, next_try_at > now() FROM write_backs") == [("unknown", True)]
    await hub.run(f"UPDATE write_backs SET attempts = {ATTEMPTS_MAX} - 1")
    await again(hub)
    ((state, reason),) = await hub.query(ROWS)
    assert state == "rejected"
    assert "KeyError" in str(reason)


async def test_in_shadow_nothing_is_sent_and_afterwards_everything(hub: FakeHub) -> None:
    channel = await shipped(hub)
    await hub.run("UPDATE channels SET shadow_since = now()")
    assert (await tell(hub), channel.told) == (0, [])
    await hub.run("UPDATE channels SET shadow_since = NULL")
    assert await tell(hub) == 1


async def test_the_sweep_rings_for_what_lost_its_ring(hub: FakeHub) -> None:
    await shipped(hub)
    await hub.run("UPDATE write_backs SET made_at = now() - interval '1 minute'")
    await hub.ctx.bell.redis.flushall()
    await sweep(hub.ctx)
    assert await hub.ctx.bell.redis.exists(wake_key("write_back", hub.rows["shop"].id))


async def test_a_channel_is_told_of_nothing_that_its_connector_cannot(hub: FakeHub) -> None:
    with pytest.raises(InputError, match="cannot be told of a refund"):
        await set_told(hub.ctx, "shop", {Kind.REFUND}, actor="ada", at=now())
