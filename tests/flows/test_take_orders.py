"""Taking an order promises stock once, whatever arrives, in whatever order, and however often."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import event, text

from hub.flows.orders.take_orders import Seller
from hub.flows.stock.allocate import fill_short, lock_short
from hub.flows.stock.match_lines import match_listings
from hub.kit.ids import uuid7
from hub.model.errors import OutOfStockError
from hub.model.incoming import IncomingOrder
from hub.store import publications
from hub.store.db import Tx
from hub.store.publications import Told
from hub.store.stock import listings
from hub.store.stock.listings import Chosen
from tests.builders import NOON, claim_due, line, open_shop, order, put_stock, record_told, take


async def rows(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def stock(tx: Tx) -> dict[object, tuple[object, ...]]:
    """(on hand, allocated) by SKU, over all locations."""
    found = await rows(tx, "SELECT sku, sum(on_hand), sum(allocated) FROM levels GROUP BY sku")
    return {sku: (on_hand, allocated) for sku, on_hand, allocated in found}


async def test_an_order_promises_its_units(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10, "TEA": 5})
    taken = await take(tx, seller, order("1", line("MUG", 3), line("TEA", 2)))
    assert (taken.touched, taken.orders[0].holds) == (set(), [])
    assert await stock(tx) == {"MUG": (10, 3), "TEA": (5, 2)}


async def test_a_channel_that_lists_a_sku_twice_is_told_at_once_of_what_it_sold_once(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await listings.add_listings(
        tx, seller.id, [listings.NewListing(uuid7(), "twin", "MUG", "Mug", "MUG")], at=NOON
    )
    await publications.open_publications(tx, ["MUG"], at=NOON)
    assert (await take(tx, seller, order("1", line("MUG", 3)))).touched == {seller.id}


async def test_the_same_snapshot_again_changes_nothing(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("MUG", 3)))
    again = await take(tx, seller, order("1", line("MUG", 3)), order("1", line("MUG", 3)))
    assert (again.orders, await stock(tx)) == ([], {"MUG": (10, 3)})
    assert await rows(tx, "SELECT DISTINCT state FROM inbox ORDER BY 1") == [("taken",), ("unchanged",)]


async def test_a_new_order_beside_a_changed_one_is_promised_once_however_often_they_come(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("MUG", 3)))
    for _ in range(2):
        await take(tx, seller, order("1", line("MUG", 5), minute=1), order("2", line("MUG", 2)))
    assert await stock(tx) == {"MUG": (10, 7)}


async def test_every_arrival_order_of_snapshots_ends_in_the_same_place(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 100})
    for number, arrival in enumerate(
        itertools.permutations(((1, 1, "paid"), (2, 4, "paid"), (3, 2, "refunded")))
    ):
        for minute, units, payment in arrival:
            await take(tx, seller, order(str(number), line("MUG", units), minute=minute, payment=payment))
    ends = await rows(
        tx,
        "SELECT DISTINCT o.payment, l.quantity, l.allocated FROM orders o JOIN order_lines l ON l.order_id = o.id",
    )
    assert (ends, await stock(tx)) == ([("refunded", 2, 2)], {"MUG": (100, 12)})


async def test_a_cancel_gives_the_units_back_once_and_is_never_unsaid(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    canceled, paid = order("1", minute=2, canceled=True), order("1", minute=3)
    for snapshot in (order("1"), canceled, canceled, paid):
        await take(tx, seller, snapshot)
    assert await stock(tx) == {"MUG": (10, 0)}
    assert await rows(tx, "SELECT canceled_at IS NOT NULL FROM orders") == [(True,)]


async def test_an_older_cancel_counts_although_a_newer_snapshot_was_taken(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", minute=3))
    await take(tx, seller, order("1", minute=2, canceled=True))
    assert await stock(tx) == {"MUG": (10, 0)}
    assert await rows(tx, "SELECT canceled, allocated FROM order_lines") == [(1, 0)]


async def test_a_fact_beyond_the_stock_is_taken_and_held_as_oversold(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2})
    taken = await take(tx, seller, order("1", line("MUG", 5)))
    assert (taken.orders[0].holds, await stock(tx)) == (["oversold"], {"MUG": (2, 2)})


async def test_a_promise_beyond_the_stock_is_refused_with_what_is_short(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2}, promises=True)
    with pytest.raises(OutOfStockError) as refused:
        await take(tx, seller, order("1", line("MUG", 5)))
    assert (refused.value.short, await stock(tx)) == ({0: 3}, {"MUG": (2, 0)})


async def test_two_orders_of_one_batch_never_get_the_same_unit(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 5})
    taken = await take(tx, seller, order("1", line("MUG", 3)), order("2", line("MUG", 3)))
    assert [each.holds for each in taken.orders] == [[], ["oversold"]]
    assert await stock(tx) == {"MUG": (5, 5)}


async def test_stock_that_arrives_goes_to_the_oldest_order_that_lacks_it(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 0})
    await take(tx, seller, order("1", line("MUG", 2)), order("2", line("MUG", 2)))
    await put_stock(tx, {"MUG": 3})
    found = await rows(
        tx, "SELECT allocated, holds FROM order_lines l JOIN orders o ON o.id = l.order_id ORDER BY o.number"
    )
    assert found == [(2, []), (1, ["oversold"])]


async def test_a_till_sale_leaves_at_once_and_is_never_refused(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1})
    taken = await take(tx, seller, order("1", line("MUG", 2, fulfilled=2)))
    assert (taken.orders[0].holds, await stock(tx)) == (["oversold"], {"MUG": (-1, 0)})


async def test_shipping_uses_up_the_promise_and_leaves_available_as_it_was(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("MUG", 3)))
    shipped = await take(tx, seller, order("1", line("MUG", 3, fulfilled=3), minute=1))
    assert (await stock(tx), shipped.touched) == ({"MUG": (7, 0)}, set())


async def test_a_removed_line_gives_its_units_back(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10})
    await take(tx, seller, order("1", line("MUG", 3), line("TEA", 1)))
    await take(tx, seller, order("1", line("TEA", 1), minute=1))
    assert await stock(tx) == {"MUG": (10, 0), "TEA": (10, 1)}


async def test_an_unknown_listing_holds_the_order_and_waits_on_the_listings_page(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    taken = await take(tx, seller, order("1", line("MUG"), line("GHOST")))
    assert (taken.orders[0].holds, await stock(tx)) == (["unmatched"], {"MUG": (10, 1)})
    assert await rows(tx, "SELECT channel_listing_id FROM listings WHERE sku IS NULL") == [("listing-GHOST",)]


async def test_the_ledger_adds_up_to_the_levels(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("MUG", 3)), order("2", line("MUG", 9)))
    await take(
        tx, seller, order("1", minute=1, canceled=True), order("2", line("MUG", 9, fulfilled=8), minute=1)
    )
    refold = "SELECT sum(on_hand_change), sum(allocated_change) FROM movements"
    assert await rows(tx, refold) == await rows(tx, "SELECT sum(on_hand), sum(allocated) FROM levels")


async def statements_of(tx: Tx, seller: Seller, batch: list[IncomingOrder]) -> list[str]:
    """The statements of one batch, each by its first words; those nothing had to be done for count as not run."""
    statements: list[str] = []

    def note(*facts: object) -> None:
        statements.append(" ".join(str(facts[2]).split()[:6]))

    event.listen(tx.sync_connection, "before_cursor_execute", note)
    await take(tx, seller, *batch)
    event.remove(tx.sync_connection, "before_cursor_execute", note)
    return statements


async def test_the_number_of_statements_does_not_grow_with_the_batch(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000})
    await take(tx, seller, order("0"))
    one = await statements_of(tx, seller, [order("1")])
    hundred = await statements_of(tx, seller, [order(str(number)) for number in range(100, 200)])
    assert one == hundred
    assert len(one) <= 15


async def test_what_left_before_the_channel_was_joined_moves_no_stock(tx: Tx) -> None:
    seller = replace(await open_shop(tx, {"MUG": 10}), joined_at=NOON + timedelta(hours=1))
    taken = await take(
        tx, seller, order("1", line("MUG", 3, fulfilled=3)), order("2", line("GHOST", 1, fulfilled=1))
    )
    assert (await stock(tx), [each.holds for each in taken.orders]) == ({"MUG": (10, 0)}, [[], []])
    assert await rows(tx, "SELECT DISTINCT shipped = left_before FROM order_lines") == [(True,)]


async def test_what_is_still_open_when_the_channel_is_joined_is_promised(tx: Tx) -> None:
    seller = replace(await open_shop(tx, {"MUG": 10}), joined_at=NOON + timedelta(hours=1))
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=1)))
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=3), minute=90))
    assert await stock(tx) == {"MUG": (8, 0)}


async def test_a_sale_that_left_unmatched_leaves_the_stock_when_it_is_matched(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("GHOST", 2, fulfilled=2)))
    await match_listings(tx, seller.id, [Chosen("listing-GHOST", "MUG")], actor="ada", at=NOON)
    assert await stock(tx) == {"MUG": (8, 0)}
    assert await rows(
        tx, "SELECT holds, shipped, allocated FROM orders o JOIN order_lines l ON l.order_id = o.id"
    ) == [([], 2, 0)]


async def test_a_removed_line_costs_nothing_any_more_so_that_the_money_still_adds_up(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10})
    await take(tx, seller, order("1", line("MUG", 3), line("TEA", 1)))
    await take(tx, seller, order("1", line("TEA", 1), minute=1))
    parts = "SELECT sum(l.total + l.tax), o.total, o.difference FROM orders o JOIN order_lines l ON l.order_id = o.id"
    assert await rows(tx, f"{parts} GROUP BY o.id") == [(Decimal("9.99"), Decimal("9.99"), 0)]


async def test_units_a_cancel_sets_free_are_named_for_the_orders_that_lack_them(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2})
    await take(tx, seller, order("1", line("MUG", 2)), order("2", line("MUG", 2)))
    freed = (await take(tx, seller, order("1", line("MUG", 2), minute=1, canceled=True))).freed
    await fill_short(tx, await lock_short(tx, sorted(freed)), actor="test", at=NOON)
    assert await rows(
        tx, "SELECT allocated, holds FROM order_lines l JOIN orders o ON o.id = l.order_id ORDER BY number"
    ) == [(0, []), (2, [])]


async def test_a_sale_beyond_the_books_waits_until_the_books_are_right(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1})
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=3)))
    await put_stock(tx, {"MUG": 1})
    still = await rows(tx, "SELECT holds FROM orders")
    await put_stock(tx, {"MUG": 1})
    assert (still, await rows(tx, "SELECT holds FROM orders")) == ([(["oversold"],)], [([],)])


async def test_a_channel_that_cancels_what_had_left_is_told_again_what_there_is(tx: Tx) -> None:
    """It puts the goods back on its own shelf, as shops do; here they lie only once they have come back."""
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("MUG", 2, fulfilled=2)))
    due = await claim_due(tx, seller.id, limit=9, at=NOON)
    await record_told(
        tx, [Told(each.listing_id, each.version, each.quantity, "applied") for each in due], at=NOON
    )
    await take(tx, seller, order("1", line("MUG", 2, fulfilled=2), minute=1, canceled=True))
    assert [each.quantity for each in await claim_due(tx, seller.id, limit=9, at=NOON)] == [8]


async def test_newer_news_of_a_hundred_orders_asks_as_often_as_of_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000})
    await take(tx, seller, *(order(str(number)) for number in range(101)))
    newer = [order(str(number), line("MUG", 2), minute=1) for number in range(101)]
    assert await statements_of(tx, seller, newer[:1]) == await statements_of(tx, seller, newer[1:])


async def test_a_person_whom_no_key_opens_any_more_keeps_no_news_out(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1"))
    await tx.execute(text("UPDATE orders SET personal = 'lost'"))
    await take(tx, seller, order("1", line("MUG", 2), minute=1))
    assert await stock(tx) == {"MUG": (10, 2)}


async def test_c55_an_order_is_dated_by_its_channel_not_by_its_sync(tx: Tx):
    seller = await open_shop(tx, {"MUG": 5})
    placed = NOON - timedelta(days=3)
    await take(tx, seller, order("1", placed_at=placed), at=NOON)
    await take(tx, seller, order("1", placed_at=placed, minute=1), at=NOON + timedelta(days=1))
    dates = (await tx.execute(text("SELECT placed_at, taken_at FROM orders"))).one()
    assert tuple(dates) == (placed, NOON)
