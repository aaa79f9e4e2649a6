"""An unpaid order keeps its stock for a time; then it gives it back, once, and waits for the payment."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event, text

from hub.flows.orders.end_unpaid import end_unpaid, keep_unpaid, set_patience
from hub.flows.orders.hold import resolve_holds
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.allocate import fill_waiting
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import IncomingOrder, Payment
from hub.model.orders.paying import Patience
from hub.store.db import Tx
from tests.builders import MAIN, NOON, line, open_shop, order, take

DAY, LATER = Patience(24), NOON + timedelta(hours=25)


def unpaid(order_id: str = "1", units: int = 2, **more: object) -> IncomingOrder:
    return order(order_id, line("MUG", units), payment=Payment.PENDING, **more)  # type: ignore[arg-type]


async def shop(tx: Tx, units: int = 5, *, promises: bool = False) -> Seller:
    return replace(await open_shop(tx, {"MUG": units}, promises=promises), patience=DAY)


async def lose(tx: Tx, units: int) -> None:
    if units:
        await adjust_stock(tx, [Adjustment("MUG", MAIN, -units, "broken", "a")], actor="ada", at=LATER)


async def books(tx: Tx) -> list[tuple[object, ...]]:
    """(order, holds, allocated, canceled) of every order, and what the level says is allocated."""
    found = await tx.execute(
        text("""
        SELECT o.channel_order_id, o.holds, l.allocated, o.canceled_at IS NOT NULL, v.allocated
        FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN levels v ON v.sku = l.sku ORDER BY o.number""")
    )
    return [tuple(row) for row in found]


async def test_what_the_channel_calls_cash_on_delivery_waits_for_no_payment(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, unpaid("1", cash_on_delivery=True, payment_method="Nachnahme"), unpaid("2"))
    pay_by = await tx.execute(text("SELECT pay_by IS NULL FROM orders ORDER BY channel_order_id"))
    assert list(pay_by.scalars()) == [True, False]


async def test_an_unpaid_order_keeps_its_stock_until_its_time_is_over(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, unpaid())
    assert await end_unpaid(tx, at=NOON + timedelta(hours=23)) == set()
    assert await books(tx) == [("1", [], 2, False, 2)]


async def test_when_it_is_over_the_stock_is_given_back_once_and_the_order_waits_for_payment(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, unpaid())
    told = [await end_unpaid(tx, at=LATER) for _ in range(3)]
    assert (told, await books(tx)) == ([{seller.id}, set(), set()], [("1", ["payment"], 0, False, 0)])


async def test_what_it_gives_back_goes_to_the_order_that_waited(tx: Tx) -> None:
    seller = await shop(tx, 2)
    await take(tx, seller, unpaid(), order("2", line("MUG", 2)))
    await end_unpaid(tx, at=LATER)
    await fill_waiting(tx, actor="hub", at=LATER)
    assert await books(tx) == [("1", ["payment"], 0, False, 2), ("2", [], 2, False, 2)]


@pytest.mark.parametrize(("left", "holds", "allocated"), [(2, [], 2), (1, ["oversold"], 1)])
async def test_a_payment_that_comes_late_is_promised_again_or_held_for_its_stock(
    tx: Tx, left: int, holds: list[str], allocated: int
) -> None:
    seller = await shop(tx, 2)
    await take(tx, seller, unpaid())
    await end_unpaid(tx, at=LATER)
    await lose(tx, 2 - left)
    await take(tx, seller, order("1", line("MUG", 2), minute=1))
    assert await books(tx) == [("1", holds, allocated, False, allocated)]


async def test_a_late_payment_of_a_typed_order_is_a_fact_and_never_refused(tx: Tx) -> None:
    seller = await shop(tx, 2, promises=True)
    await take(tx, seller, unpaid())
    await end_unpaid(tx, at=LATER)
    await lose(tx, 1)
    await take(tx, seller, order("1", line("MUG", 2), minute=1))
    assert await books(tx) == [("1", ["oversold"], 1, False, 1)]


async def test_an_unpaid_snapshot_after_the_end_takes_no_stock_again(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, unpaid())
    await end_unpaid(tx, at=LATER)
    await take(tx, seller, unpaid(units=3, minute=1, placed_at=NOON - timedelta(days=2)))
    await fill_waiting(tx, actor="hub", at=LATER)
    assert await books(tx) == [("1", ["payment"], 0, False, 0)]


async def test_an_order_that_comes_when_its_time_is_over_is_kept_and_promised_nothing(tx: Tx) -> None:
    seller = await shop(tx)
    taken = await take(tx, seller, unpaid(placed_at=NOON - timedelta(days=3)))
    assert (taken.orders[0].holds, await books(tx)) == (["payment"], [("1", ["payment"], 0, False, 0)])


@pytest.mark.parametrize("method", ["Cash on delivery", " COD "])
async def test_what_is_paid_at_the_door_waits_for_no_payment(tx: Tx, method: str) -> None:
    seller = await shop(tx)
    await take(tx, seller, unpaid(payment_method=method))
    assert (await end_unpaid(tx, at=LATER), await books(tx)) == (set(), [("1", [], 2, False, 2)])


async def test_units_that_have_left_stay_left_and_only_the_rest_is_given_back(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=1), payment=Payment.PENDING))
    await end_unpaid(tx, at=LATER)
    found = await tx.execute(text("SELECT shipped, allocated FROM order_lines"))
    assert [tuple(row) for row in found] == [(1, 0)]


async def test_a_cancel_after_the_end_gives_back_nothing_more(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, unpaid())
    await end_unpaid(tx, at=LATER)
    await take(tx, seller, unpaid(minute=1, canceled=True))
    assert await books(tx) == [("1", [], 0, True, 0)]


async def test_a_person_keeps_it_longer_and_it_is_promised_again(tx: Tx) -> None:
    seller = await shop(tx)
    number = (await take(tx, seller, unpaid())).orders[0].number
    await end_unpaid(tx, at=LATER)
    told = await keep_unpaid(tx, [number], hours=48, actor="ada", at=LATER)
    assert (told, await books(tx)) == ({seller.id}, [("1", [], 2, False, 2)])
    assert await end_unpaid(tx, at=LATER + timedelta(hours=47)) == set()
    await end_unpaid(tx, at=LATER + timedelta(hours=49))
    assert await books(tx) == [("1", ["payment"], 0, False, 0)]


async def test_who_resolves_the_hold_has_the_stock_promised_for_good(tx: Tx) -> None:
    seller = await shop(tx)
    number = (await take(tx, seller, unpaid())).orders[0].number
    await end_unpaid(tx, at=LATER)
    await resolve_holds(tx, [number], "payment", actor="ada", at=LATER)
    await take(tx, seller, unpaid(minute=1))
    await end_unpaid(tx, at=LATER + timedelta(days=400))
    assert await books(tx) == [("1", [], 2, False, 2)]


async def test_patience_counts_for_the_orders_that_are_open(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    await take(
        tx, seller, unpaid("1"), unpaid("2", placed_at=NOON - timedelta(days=3)), order("3", line("MUG"))
    )
    done = await set_patience(tx, seller.id, DAY, actor="ada", at=NOON)
    await end_unpaid(tx, at=NOON)
    assert ((done.open, done.over), [row[1] for row in await books(tx)]) == ((2, 1), [[], ["payment"], []])


async def test_without_patience_nothing_ends(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 5})
    await take(tx, seller, unpaid())
    assert (await end_unpaid(tx, at=datetime.max.replace(tzinfo=NOON.tzinfo)), len(await books(tx))) == (
        set(),
        1,
    )


@pytest.mark.parametrize("bad", [Patience(0), Patience(-3), Patience(10**6), Patience(5, ("",))])
async def test_bad_patience_is_refused_and_nothing_changes(tx: Tx, bad: Patience) -> None:
    seller = await shop(tx)
    with pytest.raises(InputError):
        await set_patience(tx, seller.id, bad, actor="ada", at=NOON)
    with pytest.raises(NotFoundError, match="nothing was changed"):
        await keep_unpaid(tx, [999], hours=3, actor="ada", at=NOON)


async def test_the_number_of_statements_does_not_grow_with_the_orders(tx: Tx) -> None:
    seller, counts = await shop(tx, 900), []
    for batch in (1, 60):
        await take(tx, seller, *(unpaid(f"{batch}-{n}") for n in range(batch)))
        asked: list[object] = []

        def note(*_facts: object, asked: list[object] = asked) -> None:
            asked.append(1)

        event.listen(tx.sync_connection, "before_cursor_execute", note)
        await end_unpaid(tx, at=LATER)
        event.remove(tx.sync_connection, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1]
