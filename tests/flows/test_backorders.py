"""What is sold ahead of its stock is accepted up to the limit, waits in its place, and is filled when stock comes."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy import text

from hub.flows.orders.take_orders import LateLine, Seller
from hub.flows.stock.adjust_stock import Count, count_stock
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.match_lines import match_listings
from hub.flows.stock.set_backorders import end_backorders, set_backorders
from hub.flows.stock.set_sourcing import set_policies
from hub.model.errors import InputError, NotFoundError, OutOfStockError
from hub.model.incoming import IncomingOrder, Person
from hub.model.stock.backorders import AheadKind, Terms
from hub.model.stock.policies import Policy
from hub.store.checks import run_checks
from hub.store.db import Database, Tx
from hub.store.stock import skus
from hub.store.stock.backorders import list_terms
from hub.store.stock.listings import Chosen
from tests.builders import MAIN, NOON, line, open_shop, order, put_stock, take
from tests.flows.test_concurrency import adjust_alone, fill_alone, rows, shop, take_alone, together

SOON = date(2026, 12, 10)
LINES = """SELECT o.holds, l.allocated, l.backordered FROM orders o JOIN order_lines l ON l.order_id = o.id
ORDER BY o.number, l.position"""
TAKEN = "SELECT sku, taken FROM backorder_terms ORDER BY sku"


async def query(tx: Tx, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(statement))]


async def ahead(tx: Tx, limits: Mapping[str, int], *, kind: AheadKind = AheadKind.BACKORDER) -> None:
    wanted = {sku: Terms(limit, SOON, kind) for sku, limit in limits.items()}
    await set_backorders(tx, wanted, actor="ada", at=NOON)


async def open_ahead(tx: Tx, stock: int, limit: int, *, promises: bool = False) -> Seller:
    """A channel that sells mugs ahead of their stock."""
    seller = await open_shop(tx, {"MUG": stock}, promises=promises)
    await ahead(tx, {"MUG": limit})
    return seller


async def test_a_promise_beyond_the_stock_is_accepted_up_to_the_limit_and_says_so(tx: Tx) -> None:
    seller = await open_ahead(tx, 2, 3, promises=True)
    (taken,) = (await take(tx, seller, order("1", line("MUG", 5)))).orders
    assert (taken.holds, taken.backordered) == ([], [LateLine(0, "MUG", 3, AheadKind.BACKORDER, SOON)])
    assert await query(tx, LINES) == [([], 2, 3)]


async def test_a_promise_beyond_stock_and_limit_is_refused_whole(tx: Tx) -> None:
    seller = await open_ahead(tx, 2, 3, promises=True)
    with pytest.raises(OutOfStockError) as refused:
        await take(tx, seller, order("1", line("MUG", 6)))
    assert (refused.value.short, await query(tx, TAKEN)) == ({0: 1}, [("MUG", 0)])


async def test_a_fact_within_the_limit_is_not_held_and_one_beyond_it_is(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("MUG", 2)), order("2", line("MUG", 2)))
    assert await query(tx, LINES) == [([], 0, 2), (["oversold"], 0, 1)]
    assert await query(tx, TAKEN) == [("MUG", 3)]


async def test_stock_that_comes_fills_what_is_on_backorder_and_gives_its_place_free(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("MUG", 2)), order("2", line("MUG", 1)))
    await put_stock(tx, {"MUG": 2})
    assert (await query(tx, LINES), await query(tx, TAKEN)) == ([([], 2, 0), ([], 0, 1)], [("MUG", 1)])


async def test_the_priority_of_an_order_comes_before_its_age_when_stock_comes(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 9)
    await take(tx, seller, order("1"), order("2"), order("3"))
    await tx.execute(text("UPDATE orders SET priority = 10 WHERE channel_order_id = '3'"))
    await put_stock(tx, {"MUG": 2})
    assert [allocated for _, allocated, _ in await query(tx, LINES)] == [1, 0, 1]


@pytest.mark.parametrize("more", [{"canceled": True}, {"lines": [line("TEA", 1)]}])
async def test_a_cancel_gives_its_place_in_the_queue_back(tx: Tx, more: dict[str, object]) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("MUG", 2)))
    await take(tx, seller, order("1", line("MUG", 2), minute=1, **more))
    assert await query(tx, TAKEN) == [("MUG", 0)]


async def test_an_older_snapshot_takes_no_place_away_but_an_older_cancel_does(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("MUG", 3), minute=9))
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=1), minute=1))
    still = await query(tx, TAKEN)
    await take(tx, seller, order("1", line("MUG", 3), minute=2, canceled=True))
    assert (still, await query(tx, TAKEN)) == ([("MUG", 2)], [("MUG", 0)])


async def test_a_higher_limit_takes_the_hold_from_orders_that_lacked_it(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 1)
    await take(tx, seller, order("1", line("MUG", 1)), order("2", line("MUG", 2)))
    before = await query(tx, LINES)
    await ahead(tx, {"MUG": 5})
    assert (before[1], await query(tx, LINES)) == ((["oversold"], 0, 0), [([], 0, 1), ([], 0, 2)])


async def test_a_limit_that_ends_takes_no_new_ones_and_keeps_the_old(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("MUG", 2)))
    await end_backorders(tx, ["MUG"], actor="ada", at=NOON)
    await take(tx, seller, order("2", line("MUG", 1)))
    assert await query(tx, LINES) == [([], 0, 2), (["oversold"], 0, 0)]
    assert [(each.taken, each.left, each.orders) for each in await list_terms(tx, limit=9)] == [(2, 0, 1)]


async def test_a_line_that_is_matched_later_goes_on_backorder_then(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("GHOST", 2)))
    await match_listings(tx, seller.id, [Chosen("listing-GHOST", "MUG")], actor="ada", at=NOON)
    assert (await query(tx, LINES), await query(tx, TAKEN)) == ([([], 0, 2)], [("MUG", 2)])


async def test_an_order_kept_whole_waits_whole_and_is_filled_whole(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 0, "TEA": 5})
    await set_policies(tx, {None: Policy(keep_whole=True)}, actor="ada", at=NOON)
    await ahead(tx, {"MUG": 9})
    await take(tx, seller, order("1", line("MUG", 2), line("TEA", 1)))
    waits = await query(tx, LINES)
    await fill_waiting(tx, actor="hub", at=NOON)
    assert waits == await query(tx, LINES) == [([], 0, 2), ([], 0, 0)]
    await put_stock(tx, {"MUG": 2})
    assert await query(tx, LINES) == [([], 2, 0), ([], 1, 0)]


async def test_a_preorder_is_told_to_channels_although_nobody_has_counted_it(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 0})
    before = await query(tx, "SELECT count(*) FROM publications")
    touched = await set_backorders(tx, {"MUG": Terms(9, SOON, AheadKind.PREORDER)}, actor="ada", at=NOON)
    assert (before, touched) == ([(0,)], {seller.id})


async def test_terms_that_cannot_be_are_refused_and_nothing_is_kept(tx: Tx) -> None:
    await skus.put_skus(tx, [skus.Sku("MUG", "Mug")], at=NOON)
    with pytest.raises(InputError):
        await ahead(tx, {"MUG": -1})
    with pytest.raises(NotFoundError):
        await ahead(tx, {"MUG": 1, "CUP": 1})
    with pytest.raises(NotFoundError):
        await end_backorders(tx, ["MUG"], actor="ada", at=NOON)
    assert await query(tx, TAKEN) == []


def of_somebody(number: int) -> IncomingOrder:
    """Each order by a person of its own: one person's orders would wait for one another."""
    return order(str(number), person=Person(email=f"{number}@example.com"))


async def test_40_parallel_promises_never_take_more_backorders_than_the_limit(many: Database) -> None:
    seller = await shop(many, {"MUG": 5}, promises=True)
    async with many.transaction() as tx:
        await ahead(tx, {"MUG": 7})
    answers = await together(*(take_alone(many, seller, of_somebody(n)) for n in range(40)))
    assert (answers.count("granted"), answers.count("refused")) == (12, 28)
    assert await rows(many, TAKEN) == [("MUG", 7)]
    assert await rows(many, "SELECT sum(allocated), sum(backordered) FROM order_lines") == [(5, 7)]


async def test_a_preorder_without_any_level_holds_its_limit_as_well(many: Database) -> None:
    """Nothing was ever received, so there is no level to lock."""
    seller = await shop(many, {"MUG": 0}, promises=True)
    async with many.transaction() as tx:
        await ahead(tx, {"MUG": 9}, kind=AheadKind.PREORDER)
    answers = await together(*(take_alone(many, seller, of_somebody(n)) for n in range(40)))
    assert (answers.count("granted"), await rows(many, TAKEN)) == (9, [("MUG", 9)])


async def test_backorders_receipts_limits_and_cancels_at_once_never_wait_in_a_circle(many: Database) -> None:
    sellers = [await shop(many, {"MUG": 3, "TEA": 3}, slug=slug) for slug in ("one", "two")]

    async def limit(number: int) -> None:
        async with many.transaction() as tx:
            await ahead(tx, {"MUG": number % 7, "TEA": number % 5})

    baskets = [
        order(str(n), *(line(sku, 2) for sku in (("MUG", "TEA") if n % 2 else ("TEA", "MUG"))))
        for n in range(20)
    ]
    stories = [
        story
        for n, basket in enumerate(baskets)
        for story in (
            take_alone(many, sellers[n % 2], basket),
            take_alone(many, sellers[n % 2], order(str(n), minute=1, canceled=n % 3 == 0)),
            adjust_alone(many, ("MUG", "TEA")[n % 2], 1),
            limit(n),
            fill_alone(many),
        )
    ]
    await together(*stories)
    async with many.transaction() as tx:
        broken = [each.rows for each in await run_checks(tx, at=NOON, late_s=9e9) if each.rows]
    assert broken == []


async def test_a_count_that_finds_more_fills_what_is_on_backorder(tx: Tx) -> None:
    seller = await open_ahead(tx, 0, 3)
    await take(tx, seller, order("1", line("MUG", 2)))
    await count_stock(tx, [Count("MUG", MAIN, 5, "counted", "count-1")], actor="ada", at=NOON)
    assert await query(tx, LINES) == [([], 2, 0)]
