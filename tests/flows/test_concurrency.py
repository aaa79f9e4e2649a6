"""Many connections at once: no unit is promised twice, no message counts twice, nobody waits in a circle."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from random import Random

from sqlalchemy import text

from hub.flows.orders.take_orders import Arrival, Seller, take_orders
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.match_lines import match_listings, unmatch_listings
from hub.flows.stock.set_components import set_components
from hub.kit.ids import uuid7
from hub.model.errors import NotFoundError, OutOfStockError, StaleError
from hub.model.incoming import IncomingOrder
from hub.model.stock.bundles import Kind, Recipe
from hub.store import inbox
from hub.store.checks import run_checks
from hub.store.db import Database
from hub.store.publications import Told
from hub.store.stock.listings import Chosen
from tests.builders import MAIN, NOON, VAULT, claim_due, line, open_shop, order, put_stock, record_told, take

LEDGER = "SELECT sku, sum(on_hand_change), sum(allocated_change) FROM movements GROUP BY sku ORDER BY sku"
LEVELS = "SELECT sku, sum(on_hand), sum(allocated) FROM levels GROUP BY sku ORDER BY sku"
COUNTS = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM movements WHERE kind = 'allocation')"


async def rows(db: Database, query: str) -> list[tuple[object, ...]]:
    async with db.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]


async def take_alone(db: Database, seller: Seller, *orders: IncomingOrder) -> str:
    """One transaction of one worker; what two workers take at once is taken again."""
    try:
        async with db.transaction() as tx:
            await take(tx, seller, *orders)
    except OutOfStockError:
        return "refused"
    except StaleError:
        return await take_alone(db, seller, *orders)
    return "granted"


async def adjust_alone(db: Database, sku: str, change: int) -> None:
    async with db.transaction() as tx:
        await adjust_stock(tx, [Adjustment(sku, MAIN, change, "counted", str(uuid7()))], actor="ada", at=NOON)


async def fill_alone(db: Database) -> None:
    """As the sweep does."""
    async with db.transaction() as tx:
        await fill_waiting(tx, actor="hub", at=NOON)


async def match_alone(db: Database, seller: Seller, *chosen: Chosen) -> None:
    async with db.transaction() as tx:
        await match_listings(tx, seller.id, list(chosen), actor="ada", at=NOON)


async def shop(db: Database, stock: dict[str, int], *, promises: bool = False, slug: str = "web") -> Seller:
    async with db.transaction() as tx:
        return await open_shop(tx, stock, promises=promises, slug=slug)


async def together(*stories: Awaitable[object]) -> list[object]:
    async with asyncio.timeout(300):
        return list(await asyncio.gather(*stories))


async def test_40_parallel_promises_on_10_units_grant_exactly_10(many: Database) -> None:
    seller = await shop(many, {"MUG": 10}, promises=True)
    answers = await together(*(take_alone(many, seller, order(str(n))) for n in range(40)))
    assert (answers.count("granted"), answers.count("refused")) == (10, 30)
    assert await rows(many, LEVELS) == await rows(many, LEDGER) == [("MUG", 10, 10)]


async def test_the_same_order_20_times_at_once_is_one_order_and_one_movement(many: Database) -> None:
    seller = await shop(many, {"MUG": 10})
    await together(*(take_alone(many, seller, order("1")) for _ in range(20)))
    assert (await rows(many, COUNTS), await rows(many, LEVELS)) == ([(1, 1)], [("MUG", 10, 1)])


async def test_the_same_message_5_times_in_turn_is_kept_once(many: Database) -> None:
    seller = await shop(many, {"MUG": 10})
    message = inbox.NewMessage(uuid7(), "key-1", "order", "1", complete=True, body=b"")
    for _ in range(5):
        async with many.transaction() as tx:
            if await inbox.add_messages(tx, seller.id, [message], source="webhook", at=NOON):
                await take_orders(tx, VAULT, seller, [Arrival(message.id, order("1"))], people={}, at=NOON)
    assert await rows(many, COUNTS) == [(1, 1)]


async def test_40_parallel_promises_of_bundles_that_share_parts_grant_exactly_what_is_there(
    many: Database,
) -> None:
    """Ten mugs: each GIFT takes one and each PAIR two, in every sequence, and no promise waits in a circle."""
    seller = await shop(many, {"MUG": 10, "TEA": 40, "TIN": 40, "GIFT": 0, "PAIR": 0}, promises=True)
    async with many.transaction() as tx:
        recipes = {"GIFT": {"TEA": 1, "MUG": 1}, "PAIR": {"MUG": 2, "TIN": 1, "TEA": 1}}
        made = [Recipe(sku, Kind.BUNDLE, parts) for sku, parts in recipes.items()]
        await set_components(tx, made, actor="ada", at=NOON)
    asked = [order(str(n), line(("GIFT", "PAIR")[n % 2], 1)) for n in range(40)]
    await together(*(take_alone(many, seller, each) for each in asked))
    assert await rows(many, LEVELS) == await rows(many, LEDGER)
    (mugs,) = await rows(many, "SELECT allocated FROM levels WHERE sku = 'MUG'")
    assert (mugs, await rows(many, "SELECT count(*) FROM orders WHERE holds <> '{}'")) == ((10,), [(0,)])


async def test_bundles_redefined_amid_baskets_never_wait_in_a_circle(many: Database) -> None:
    skus = [f"S{n}" for n in range(8)]
    sellers = [await shop(many, dict.fromkeys(skus, 20) | {"GIFT": 0}, slug=slug) for slug in ("one", "two")]
    await _redefine(many, {"S0": 1})
    changes = [_redefine(many, dict.fromkeys(Random(n).sample(skus, 3), 1)) for n in range(20)]
    await together(*baskets(many, sellers, skus, 40, "GIFT"), *changes)
    assert await rows(many, LEVELS) == await rows(many, LEDGER)
    async with many.transaction() as tx:
        await tx.execute(text("UPDATE publications SET confirmed_version = 0"))
        assert [
            each.name for each in await run_checks(tx, at=NOON, late_s=9e9) if each.verdict == "broken"
        ] == []


async def _redefine(db: Database, parts: dict[str, int]) -> None:
    async with db.transaction() as tx:
        await set_components(tx, [Recipe("GIFT", Kind.BUNDLE, parts)], actor="ada", at=NOON)


def baskets(
    db: Database, sellers: list[Seller], skus: list[str], count: int, *bundles: str
) -> list[Awaitable[object]]:
    """Orders over the same SKUs in every sequence, two of them in each batch, while stock comes and goes."""
    dice = Random(7)
    stories: list[Awaitable[object]] = []
    for n in range(count):
        basket = [line(sku, dice.randint(1, 3)) for sku in dice.sample([*skus, *bundles], 4)]
        two = order(str(n), *basket), order(str(n + 1), *basket)
        stories += [take_alone(db, dice.choice(sellers), *two), adjust_alone(db, dice.choice(skus), 2)]
    return stories


async def test_overlapping_baskets_and_adjustments_never_wait_in_a_circle(many: Database) -> None:
    skus = [f"S{n}" for n in range(8)]
    sellers = [await shop(many, dict.fromkeys(skus, 20), slug=slug) for slug in ("one", "two")]
    await together(*baskets(many, sellers, skus, 60))
    assert await rows(many, LEVELS) == await rows(many, LEDGER)


async def test_matching_amid_overlapping_baskets_never_waits_in_a_circle(many: Database) -> None:
    skus = [f"S{n}" for n in range(8)]
    sellers = [await shop(many, dict.fromkeys(skus, 20), slug=slug) for slug in ("one", "two")]
    matches = [_match_once_seen(many, sellers[n % 2], skus[n % 8]) for n in range(20)]
    await together(*baskets(many, sellers, skus, 60), *matches)
    assert await rows(many, LEVELS) == await rows(many, LEDGER)


async def test_unmatching_amid_overlapping_baskets_never_waits_in_a_circle(many: Database) -> None:
    skus = [f"S{n}" for n in range(4)]
    sellers = [await shop(many, dict.fromkeys(skus, 20), slug=slug) for slug in ("one", "two")]
    changes = [_unmatch_and_back(many, sellers[n % 2], skus[n % 4]) for n in range(20)]
    await together(*baskets(many, sellers, skus, 40), *changes)
    assert await rows(many, LEVELS) == await rows(many, LEDGER)


async def _unmatch_and_back(db: Database, seller: Seller, sku: str) -> None:
    with suppress(NotFoundError):  # somebody else has taken it off, and puts it back
        async with db.transaction() as tx:
            await unmatch_listings(tx, seller.id, [f"listing-{sku}"], actor="ada", at=NOON)
    await match_alone(db, seller, Chosen(f"listing-{sku}", sku))


async def _match_once_seen(db: Database, seller: Seller, sku: str) -> None:
    await take_alone(db, seller, order(f"ghost-{uuid7()}", line("GHOST")))
    await match_alone(db, seller, Chosen("listing-GHOST", sku))


async def test_matching_on_two_channels_at_once_never_waits_in_a_circle(many: Database) -> None:
    one, two = await shop(many, {"MUG": 0}, slug="one"), await shop(many, {"MUG": 0}, slug="two")
    for seller in (one, two):
        await take_alone(many, seller, order("1", line("GHOST"), line("MUG")))
    for _ in range(10):
        await together(*(match_alone(many, seller, Chosen("listing-GHOST", "MUG")) for seller in (one, two)))
        async with many.transaction() as tx:
            await tx.execute(text("UPDATE order_lines SET sku = NULL WHERE channel_sku = 'GHOST'"))
            await tx.execute(text("UPDATE orders SET holds = '{unmatched,oversold}'"))


async def test_a_change_of_stock_reaches_a_listing_matched_at_the_same_moment(many: Database) -> None:
    await shop(many, {"MUG": 5})
    seller = await shop(many, {"TEA": 5}, slug="late")
    await take_alone(many, seller, order("1", line("GHOST")))
    async with many.transaction() as slow:
        await adjust_stock(slow, [Adjustment("MUG", MAIN, 3, "found", "a")], actor="ada", at=NOON)
        matching = asyncio.create_task(match_alone(many, seller, Chosen("listing-GHOST", "MUG")))
        await asyncio.wait([matching], timeout=0.3)
        shown = await _push(many, seller)
    await together(matching)
    assert (shown | await _push(many, seller))["GHOST"] == 7


async def _push(db: Database, seller: Seller) -> dict[str, int]:
    """Tell everything that is due, with success."""
    async with db.transaction() as tx:
        due = await claim_due(tx, seller.id, limit=9, at=NOON)
        await record_told(
            tx, [Told(each.listing_id, each.version, each.quantity, "applied") for each in due], at=NOON
        )
    return {each.channel_sku: each.quantity for each in due}


async def test_an_order_that_comes_up_short_while_stock_arrives_gets_its_units(many: Database) -> None:
    seller = await shop(many, {"MUG": 1})
    await take_alone(many, seller, order("0"))
    async with many.transaction() as slow:
        await take(slow, seller, order("1"))
        arriving = asyncio.create_task(adjust_alone(many, "MUG", 10))
        await asyncio.wait([arriving], timeout=0.3)
    await together(arriving)
    await fill_alone(many)
    assert await rows(many, "SELECT holds FROM orders ORDER BY number") == [([],), ([],)]


async def test_one_sku_all_channels_want_is_sold_out_and_not_oversold(many: Database) -> None:
    sellers = [await shop(many, {"MUG": 0}, slug=f"s{n}") for n in range(4)]
    async with many.transaction() as tx:
        await put_stock(tx, {"MUG": 25})
    await together(*(take_alone(many, seller, order(str(n))) for n in range(10) for seller in sellers))
    assert await rows(many, LEVELS) == [("MUG", 25, 25)]
    assert await rows(many, "SELECT count(*) FROM orders WHERE holds = '{oversold}'") == [(15,)]
