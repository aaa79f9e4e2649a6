"""Stock that changes and listings that get their SKU wake the orders that waited, at once and completely."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.match_lines import match_listings
from hub.flows.stock.set_visibility import Wish, set_rules
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.visibility import Rule, Scope
from hub.store import publications
from hub.store.db import Tx
from hub.store.stock.listings import Chosen
from tests.builders import MAIN, NOON, claim_due, line, open_shop, order, record_told, take


async def rows(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


LEDGER = "SELECT sum(on_hand_change), sum(allocated_change) FROM movements"
LEVELS = "SELECT sum(on_hand), sum(allocated) FROM levels"
LINES = (
    "SELECT holds, shipped, allocated FROM orders o JOIN order_lines l ON l.order_id = o.id ORDER BY o.number"
)


async def test_an_oversold_order_that_leaves_anyway_leaves_the_books_whole(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2})
    await take(tx, seller, order("1", line("MUG", 3)))
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=3), minute=1))
    assert await rows(tx, LEVELS) == await rows(tx, LEDGER) == [(-1, 0)]


async def test_a_sale_matched_later_that_exceeds_the_stock_is_held_as_oversold(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1})
    await take(tx, seller, order("1", line("GHOST", 2, fulfilled=2)))
    await match_listings(tx, seller.id, [Chosen("listing-GHOST", "MUG")], actor="ada", at=NOON)
    assert await rows(tx, LINES) == [(["oversold"], 2, 0)]


async def test_matching_one_listing_wakes_all_orders_that_waited_for_it(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000})
    await take(tx, seller, *(order(str(n), line("GHOST")) for n in range(600)))
    await match_listings(tx, seller.id, [Chosen("listing-GHOST", "MUG")], actor="ada", at=NOON)
    assert await rows(tx, "SELECT count(*) FROM orders WHERE holds <> '{}'") == [(0,)]


async def test_other_listings_of_the_sku_a_listing_has_left_are_told_anew(tx: Tx) -> None:
    """The listing had units to itself: now the others may show them."""
    web, till = await open_shop(tx, {"MUG": 10, "TEA": 5}), await open_shop(tx, {"MUG": 0}, slug="till")
    await set_rules(tx, [Wish(Scope("till", None, "listing-MUG"), Rule(allotment=4))], actor="ada", at=NOON)
    assert await told(tx, web.id) == {"MUG": 6, "TEA": 5}
    touched = await match_listings(tx, till.id, [Chosen("listing-MUG", "TEA")], actor="ada", at=NOON)
    assert touched == {web.id, till.id}
    assert await told(tx, web.id) == {"MUG": 10, "TEA": 1}


async def told(tx: Tx, channel_id: UUID) -> dict[str, int]:
    due = await claim_due(tx, channel_id, limit=9, at=NOON)
    done = [publications.Told(each.listing_id, each.version, each.quantity, "applied") for each in due]
    await record_told(tx, done, at=NOON)
    return {each.channel_sku: each.quantity for each in due}


async def test_units_that_came_free_go_to_the_oldest_order_that_lacks_them(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1})
    await take(tx, seller, order("1"), order("2"))
    await take(tx, seller, order("1", minute=1, canceled=True))
    await fill_waiting(tx, actor="hub", at=NOON)
    assert await rows(tx, LINES) == [([], 0, 0), ([], 0, 1)]


async def test_an_order_reduced_to_what_it_holds_is_oversold_no_more(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2})
    await take(tx, seller, order("1", line("MUG", 5)))
    await take(tx, seller, order("1", line("MUG", 2), minute=1))
    assert await rows(tx, LINES) == [([], 0, 2)]


async def test_an_adjustment_with_the_same_cause_again_changes_nothing(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 2})
    again = Adjustment("MUG", MAIN, 5, "found", "click-1")
    for _ in range(5):
        await adjust_stock(tx, [again], actor="ada", at=NOON)
    assert await rows(tx, LEVELS) == [(7, 0)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Adjustment("MUG", MAIN, 0, "found", "a"), InputError),
        (Adjustment("MUG", MAIN, 1, " ", "a"), InputError),
        (Adjustment("NONE", MAIN, 1, "found", "a"), NotFoundError),
        (Adjustment("MUG", "nowhere", 1, "found", "a"), NotFoundError),
    ],
)
async def test_an_adjustment_that_makes_no_sense_is_refused_and_changes_nothing(
    tx: Tx, bad: Adjustment, error: type[Exception]
) -> None:
    await open_shop(tx, {"MUG": 2})
    with pytest.raises(error):
        await adjust_stock(tx, [Adjustment("MUG", MAIN, 1, "found", "b"), bad], actor="ada", at=NOON)
    assert await rows(tx, LEVELS) == [(2, 0)]


async def test_a_listing_or_sku_that_does_not_exist_is_named(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2})
    with pytest.raises(NotFoundError, match="listing-NONE → MUG"):
        await match_listings(tx, seller.id, [Chosen("listing-NONE", "MUG")], actor="ada", at=NOON)
