"""A person moves an order to another location: all of it is given back and promised anew, once, and nothing is lost."""

import pytest
from sqlalchemy import text

from hub.flows.orders.take_orders import Seller
from hub.flows.stock.foresee import Asked, foresee, foresee_order, held_order
from hub.flows.stock.reallocate import Wish, reallocate
from hub.flows.stock.set_backorders import set_backorders
from hub.flows.stock.set_sourcing import set_policies
from hub.model.errors import HubError, InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.stock.backorders import Terms
from hub.model.stock.locations import Location
from hub.model.stock.policies import Policy
from hub.store.checks import run_checks
from hub.store.db import Database, Tx
from hub.store.stock import locations
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take
from tests.flows.test_concurrency import adjust_alone, rows, take_alone, together

HELD = "SELECT sku, location, allocated FROM levels WHERE allocated > 0 ORDER BY sku, location"
LEDGER = "SELECT kind, location, allocated_change, reason FROM movements WHERE cause = 'reallocation' ORDER BY kind"
NUMBER = "SELECT number FROM orders ORDER BY number"


async def query(tx: Tx, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(statement))]


async def open_two(tx: Tx, **units: tuple[int, int]) -> Seller:
    """A channel with units at main and at the shop."""
    seller = await open_shop(tx, {sku: main for sku, (main, _) in units.items()})
    await put_stock(tx, {sku: other for sku, (_, other) in units.items()}, SHOP)
    return seller


async def move(tx: Tx, number: int, location: str | None = None, command: str = "click-1") -> int:
    moved = await reallocate(tx, [Wish(number, command, location)], actor="ada", at=NOON)
    return len(moved.moves)


async def number_of(tx: Tx) -> int:
    ((number,),) = await query(tx, NUMBER)
    assert isinstance(number, int)
    return number


async def test_an_order_moves_to_the_location_a_person_names(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5), TEA=(5, 5))
    await take(tx, seller, order("1", line("MUG", 2), line("TEA", 1)))
    await move(tx, await number_of(tx), SHOP)
    assert await query(tx, HELD) == [("MUG", SHOP, 2), ("TEA", SHOP, 1)]
    assert (await query(tx, LEDGER))[0] == ("allocation", SHOP, 2, "chosen by a person")


async def test_the_same_command_again_changes_nothing(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5))
    await take(tx, seller, order("1", line("MUG", 2)))
    number = await number_of(tx)
    first = await move(tx, number, SHOP)
    back = await move(tx, number, MAIN, "click-2")
    assert (first, back, await move(tx, number, SHOP)) == (2, 2, 0)
    assert await query(tx, HELD) == [("MUG", MAIN, 2)]


async def test_without_a_location_the_policy_decides_anew(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(1, 1))
    await take(tx, seller, order("1", line("MUG", 2)))
    await put_stock(tx, {"MUG": 5}, SHOP)
    await move(tx, await number_of(tx))
    assert await query(tx, HELD) == [("MUG", SHOP, 2)]
    assert await move(tx, await number_of(tx), None, "click-2") == 0


async def test_what_has_left_stays_and_only_the_rest_moves(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5))
    await take(tx, seller, order("1", line("MUG", 3)))
    await take(tx, seller, order("1", line("MUG", 3, fulfilled=1), minute=1))
    await move(tx, await number_of(tx), SHOP)
    assert await query(tx, HELD) == [("MUG", SHOP, 2)]


async def test_what_was_on_backorder_is_promised_where_there_is_some(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(0, 2))
    await locations.put_locations(tx, [Location(SHOP, "Shop", 2, ships=False)])
    await set_backorders(tx, {"MUG": Terms(9)}, actor="ada", at=NOON)
    await set_policies(tx, {None: Policy(split_max=1)}, actor="ada", at=NOON)
    await take(tx, seller, order("1", line("MUG", 3)))
    await move(tx, await number_of(tx), SHOP)
    assert await query(tx, "SELECT allocated, backordered FROM order_lines") == [(2, 1)]
    assert await query(tx, "SELECT taken FROM backorder_terms") == [(1,)]


@pytest.mark.parametrize(
    ("number", "location", "error", "says"),
    [
        (0, SHOP, OutOfStockError, "shop has too little: MUG would lose 1; nothing was changed"),
        (0, "moon", NotFoundError, "there is no location moon"),
        (0, "repair", InputError, "repair keeps its stock"),
        (77, SHOP, NotFoundError, "there is no order"),
    ],
)
async def test_a_move_that_cannot_be_is_refused_and_changes_nothing(
    tx: Tx, number: int, location: str, error: type[HubError], says: str
) -> None:
    seller = await open_two(tx, MUG=(5, 1))
    await locations.put_locations(tx, [Location("repair", "Repair", sellable=False)])
    await take(tx, seller, order("1", line("MUG", 2)))
    with pytest.raises(error, match=says):
        await move(tx, number or await number_of(tx), location)
    assert await query(tx, HELD) == [("MUG", MAIN, 2)]


@pytest.mark.parametrize("more", [{"canceled": True}, {"lines": [line("MUG", 1, fulfilled=1)]}])
async def test_what_is_canceled_or_has_left_cannot_move(tx: Tx, more: dict[str, object]) -> None:
    seller = await open_two(tx, MUG=(5, 5))
    await take(tx, seller, order("1"))
    await take(tx, seller, order("1", minute=1, **more))
    with pytest.raises(WrongStateError):
        await move(tx, await number_of(tx), SHOP)


async def test_20_presses_of_one_button_move_an_order_once_amid_sales(many: Database) -> None:
    async with many.transaction() as tx:
        seller = await open_two(tx, MUG=(30, 30))
        await take(tx, seller, order("0", line("MUG", 5)))
        number = await number_of(tx)

    async def press() -> None:
        async with many.transaction() as tx:
            await move(tx, number, SHOP)

    sales = [take_alone(many, seller, order(str(n), line("MUG", 2))) for n in range(1, 10)]
    await together(*(press() for _ in range(20)), *sales, *(adjust_alone(many, "MUG", 1) for _ in range(9)))
    assert len(await rows(many, LEDGER)) == 2
    async with many.transaction() as tx:
        broken = [each.rows for each in await run_checks(tx, at=NOON, late_s=9e9) if each.rows]
    assert broken == []


async def test_a_dry_run_says_what_would_happen_where_and_why_and_writes_nothing(tx: Tx) -> None:
    await open_two(tx, MUG=(2, 5), TEA=(0, 0))
    await locations.put_locations(tx, [Location("repair", "Repair", 9, sellable=False)])
    await set_backorders(tx, {"TEA": Terms(2)}, actor="ada", at=NOON)
    told = await foresee(tx, [Asked("MUG", 3), Asked("TEA", 3)], channel="web", at=NOON)
    assert [each.says for each in told.lines] == ["3 from shop", "2 on backorder, 1 short"]
    assert [(each.location, each.could_give, each.gives, each.says) for each in told.locations] == [
        (MAIN, {"MUG": 2}, {}, "not needed"),
        (SHOP, {"MUG": 3}, {"MUG": 3}, "the only location with the whole line"),
        ("repair", {}, {}, "keeps its stock: it does not sell"),
    ]
    assert (told.complete, await query(tx, HELD)) == (False, [])


async def test_a_dry_run_of_an_order_counts_what_it_holds_as_free(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(2, 2))
    await take(tx, seller, order("1", line("MUG", 2)))
    told = await foresee_order(tx, await held_order(tx, await number_of(tx)), at=NOON)
    assert [(each.location, each.could_give, each.says) for each in told.locations] == [
        (MAIN, {"MUG": 2}, "priority 1"),
        (SHOP, {"MUG": 2}, "not needed"),
    ]


@pytest.mark.parametrize(
    ("lines", "channel", "error"),
    [
        ([], None, InputError),
        ([Asked("CUP", 1)], None, NotFoundError),
        ([Asked("MUG", 1)], "moon", NotFoundError),
    ],
)
async def test_a_dry_run_of_what_is_not_there_is_refused(
    tx: Tx, lines: list[Asked], channel: str | None, error: type[HubError]
) -> None:
    await open_shop(tx, {"MUG": 1})
    with pytest.raises(error):
        await foresee(tx, lines, channel=channel, at=NOON)
