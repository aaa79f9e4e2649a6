"""A bundle is promised whole from one location, out of the same units as all else, and keeps its promise (L7)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hub.flows.orders.take_orders import Seller
from hub.flows.stock.adjust_stock import Adjustment, Count, adjust_stock, count_stock
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.match_lines import match_listings
from hub.flows.stock.set_components import set_components
from hub.model.errors import InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.wants import Parts
from hub.store.checks import run_checks
from hub.store.db import Tx
from hub.store.publications import Told
from hub.store.stock.listings import Chosen
from tests.builders import MAIN, NOON, SHOP, claim_due, line, open_shop, order, put_stock, record_told, take
from tests.flows.test_take_orders import rows, statements_of, stock

GIFT = {"MUG": 1, "TEA": 2}
LINES = (
    "SELECT holds, allocated, shipped FROM orders o JOIN order_lines l ON l.order_id = o.id ORDER BY o.number"
)


async def make(tx: Tx, sku: str, parts: Parts, kind: Kind = Kind.BUNDLE) -> None:
    await set_components(tx, [Recipe(sku, kind, parts)], actor="ada", at=NOON)


async def gifts(tx: Tx, *, promises: bool = False, **stock: int) -> Seller:
    """A shop that lists mugs, teas and GIFT, a bundle of one mug and two teas."""
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10} | stock | {"GIFT": 0}, promises=promises)
    await make(tx, "GIFT", GIFT)
    return seller


async def refold(tx: Tx) -> list[str]:
    """The names of the laws that are broken."""
    found = await run_checks(tx, at=NOON, late_s=3600)
    return [each.name for each in found if each.verdict != "kept"]


async def told(tx: Tx, seller: Seller) -> dict[str, int]:
    """Tell all that is due, with success, and return it."""
    due = await claim_due(tx, seller.id, limit=99, at=NOON)
    await record_told(
        tx, [Told(each.listing_id, each.version, each.quantity, "applied") for each in due], at=NOON
    )
    return {each.channel_sku: each.quantity for each in due}


async def test_a_bundle_promises_its_parts_and_has_no_stock_of_its_own(tx: Tx) -> None:
    seller = await gifts(tx)
    taken = await take(tx, seller, order("1", line("GIFT", 3)))
    assert (taken.orders[0].holds, await stock(tx)) == ([], {"MUG": (10, 3), "TEA": (10, 6)})
    assert (await rows(tx, LINES), await refold(tx)) == ([([], 3, 0)], [])


async def test_two_lines_that_share_a_component_never_get_the_same_unit(tx: Tx) -> None:
    seller = await gifts(tx, MUG=3)
    await take(tx, seller, order("1", line("GIFT", 2), line("MUG", 2)))
    assert await rows(tx, "SELECT sku, allocated FROM order_lines ORDER BY position") == [
        ("GIFT", 1),
        ("MUG", 2),
    ]
    assert (await stock(tx))["MUG"] == (3, 3)


async def test_a_promise_of_the_hubs_own_names_the_line_that_shares_too_little(tx: Tx) -> None:
    seller = await gifts(tx, promises=True, MUG=3)
    with pytest.raises(OutOfStockError) as refused:
        await take(tx, seller, order("1", line("GIFT", 2), line("MUG", 2)))
    assert refused.value.short == {0: 1}


async def test_a_bundle_is_never_filled_from_two_locations(tx: Tx) -> None:
    seller = await gifts(tx, TEA=0)
    await put_stock(tx, {"TEA": 4}, SHOP)
    await take(tx, seller, order("1", line("GIFT", 1)))
    assert await rows(tx, LINES) == [(["unsourced"], 0, 0)]
    await put_stock(tx, {"MUG": 1}, SHOP)
    assert await rows(tx, LINES) == [([], 1, 0)]
    assert await rows(tx, "SELECT DISTINCT location FROM movements WHERE kind = 'allocation'") == [(SHOP,)]


async def test_a_canceled_bundle_gives_back_every_part_once(tx: Tx) -> None:
    seller = await gifts(tx)
    await take(tx, seller, order("1", line("GIFT", 3)))
    for _ in range(2):
        await take(tx, seller, order("1", line("GIFT", 3), minute=1, canceled=True))
    assert (await stock(tx), await refold(tx)) == ({"MUG": (10, 0), "TEA": (10, 0)}, [])


async def test_a_bundle_that_leaves_takes_its_parts_from_where_they_were_promised(tx: Tx) -> None:
    seller = await gifts(tx)
    await take(tx, seller, order("1", line("GIFT", 3)))
    await take(tx, seller, order("1", line("GIFT", 3, fulfilled=2), minute=1))
    assert (await stock(tx), await refold(tx)) == ({"MUG": (8, 1), "TEA": (6, 2)}, [])


async def test_a_till_sale_beyond_the_parts_is_booked_and_held(tx: Tx) -> None:
    seller = await gifts(tx, TEA=1)
    await take(tx, seller, order("1", line("GIFT", 1, fulfilled=1)))
    assert (await rows(tx, LINES), await stock(tx)) == (
        [(["oversold"], 0, 1)],
        {"MUG": (9, 0), "TEA": (-1, 0)},
    )
    assert await refold(tx) == []


async def test_a_changed_recipe_changes_no_promise(tx: Tx) -> None:
    seller = await gifts(tx)
    await take(tx, seller, order("1", line("GIFT", 2)))
    await make(tx, "GIFT", {"TEA": 5})
    await take(tx, seller, order("1", line("GIFT", 1), minute=1), order("2", line("GIFT", 1)))
    assert (await stock(tx), await refold(tx)) == ({"MUG": (10, 1), "TEA": (10, 7)}, [])


async def test_a_pack_of_bundles_takes_the_parts_of_each(tx: Tx) -> None:
    seller = await gifts(tx)
    await match_listings(tx, seller.id, [Chosen("listing-GIFT", "GIFT", 2)], actor="ada", at=NOON)
    await take(tx, seller, order("1", line("GIFT", 2)))
    assert (await stock(tx), await refold(tx)) == ({"MUG": (10, 4), "TEA": (10, 8)}, [])


async def test_nested_bundles_take_the_parts_of_all_that_is_in_them(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "TEA": 9, "PAIR": 0, "BOX": 0})
    await make(tx, "PAIR", {"MUG": 2})
    await make(tx, "BOX", {"PAIR": 1, "TEA": 1})
    await take(tx, seller, order("1", line("BOX", 2)))
    await make(tx, "PAIR", {"MUG": 1})
    await take(tx, seller, order("2", line("BOX", 1)))
    assert (await stock(tx), await refold(tx)) == ({"MUG": (9, 5), "TEA": (9, 3)}, [])


async def test_a_listing_matched_to_a_bundle_fills_what_waited_for_it(tx: Tx) -> None:
    seller = await gifts(tx)
    await take(tx, seller, order("1", line("SET", 2)))
    await match_listings(tx, seller.id, [Chosen("listing-SET", "GIFT")], actor="ada", at=NOON)
    assert (await rows(tx, LINES), await stock(tx)) == ([([], 2, 0)], {"MUG": (10, 2), "TEA": (10, 4)})


async def test_orders_that_waited_for_a_sku_are_filled_once_it_is_a_bundle(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 5, "TEA": 4, "GIFT": 0})
    await take(tx, seller, order("1", line("GIFT", 3)))
    await make(tx, "GIFT", GIFT)
    await fill_waiting(tx, actor="hub", at=NOON)
    assert (await rows(tx, LINES), await stock(tx)) == (
        [(["oversold"], 2, 0)],
        {"MUG": (5, 2), "TEA": (4, 4)},
    )
    assert await refold(tx) == []


async def test_one_more_part_on_the_shelf_fills_a_bundle_that_waits_for_it(tx: Tx) -> None:
    seller = await gifts(tx, TEA=1)
    await take(tx, seller, order("1", line("GIFT", 1)))
    await put_stock(tx, {"TEA": 1})
    assert await rows(tx, LINES) == [([], 1, 0)]


async def test_a_part_that_moves_marks_the_listings_of_its_bundles(tx: Tx) -> None:
    seller = await gifts(tx)
    await told(tx, seller)
    taken = await take(tx, seller, order("1", line("MUG", 1)))
    assert (taken.touched, {*await told(tx, seller)}) == ({seller.id}, {"MUG", "GIFT"})


async def test_a_bundle_is_told_to_channels_once_all_of_its_parts_are_counted(tx: Tx) -> None:
    seller = await gifts(tx, TEA=0)
    assert {*await told(tx, seller)} == {"MUG"}
    await put_stock(tx, {"TEA": 4})
    assert ({*await told(tx, seller)}, await refold(tx)) == ({"TEA", "GIFT"}, [])


async def test_a_part_nobody_has_counted_does_not_empty_the_catalogue(tx: Tx) -> None:
    seller = await gifts(tx)
    await open_shop(tx, {"TIN": 0}, slug="two")
    with pytest.raises(InputError, match="nobody has counted TIN"):
        await make(tx, "GIFT", {"MUG": 1, "TIN": 1})
    await take(tx, seller, order("1", line("GIFT", 1)))
    assert (await stock(tx))["TEA"] == (10, 2)


async def test_a_sku_with_stock_in_its_past_is_no_bundle(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 1, "GIFT": 1})
    with pytest.raises(WrongStateError, match="GIFT has had stock of its own"):
        await make(tx, "GIFT", {"MUG": 1})


async def test_a_bundle_is_neither_adjusted_nor_counted(tx: Tx) -> None:
    await gifts(tx)
    said = "GIFT is a bundle and has no stock of its own: take its parts, MUG, TEA"
    with pytest.raises(WrongStateError, match=said):
        await adjust_stock(tx, [Adjustment("GIFT", MAIN, 1, "found", "1")], actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match=said):
        await count_stock(tx, [Count("GIFT", MAIN, 0, "found", "1")], actor="ada", at=NOON)


async def test_the_database_itself_refuses_stock_of_a_bundle(tx: Tx) -> None:
    await gifts(tx)
    with pytest.raises(IntegrityError, match="fk_levels_sku_has_stock"):
        await tx.execute(text(f"INSERT INTO levels (sku, location, on_hand) VALUES ('GIFT', '{MAIN}', 1)"))


async def test_what_is_no_bundle_any_more_is_told_to_no_channel_until_it_is_counted(tx: Tx) -> None:
    seller = await gifts(tx)
    await told(tx, seller)
    await make(tx, "GIFT", {}, Kind.ITEM)
    assert ("GIFT" in await told(tx, seller), await refold(tx)) == (False, [])
    await put_stock(tx, {"GIFT": 4})
    assert await told(tx, seller) == {"GIFT": 4}


async def test_a_bundle_of_what_is_not_there_or_of_itself_changes_nothing(tx: Tx) -> None:
    await gifts(tx)
    with pytest.raises(NotFoundError, match="there is no SKU CUP"):
        await make(tx, "GIFT", {"CUP": 1})
    with pytest.raises(InputError, match="made of itself: GIFT → GIFT"):
        await make(tx, "GIFT", {"GIFT": 1})
    assert await rows(tx, "SELECT part, units FROM bundle_parts ORDER BY 1") == [("MUG", 1), ("TEA", 2)]


async def test_the_number_of_statements_does_not_grow_with_the_bundles(tx: Tx) -> None:
    seller = await gifts(tx, MUG=500, TEA=500)
    await take(tx, seller, order("0", line("GIFT", 1)))
    one = await statements_of(tx, seller, [order("1", line("GIFT", 1))])
    many = [order(str(number), line("GIFT", 1), line("MUG", 1)) for number in range(2, 90)]
    assert await statements_of(tx, seller, many) == one
