"""A kit is made of parts that lie at one place: no part is used twice, none that is promised, and each work once."""

import pytest
from sqlalchemy import text

from hub.flows.orders.take_orders import Seller
from hub.flows.stock.assemble_kits import Work, assemble_kits
from hub.flows.stock.set_components import set_components
from hub.model.errors import InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.stock.bundles import Kind, Recipe
from hub.store.checks import run_checks
from hub.store.db import Tx
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take
from tests.flows.test_take_orders import rows, stock


async def hampers(tx: Tx, **stock: int) -> Seller:
    """A shop with HAMPER, a kit of one mug and a PAIR, which is a bundle of two teas."""
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10} | stock | {"PAIR": 0, "HAMPER": 0})
    recipes = [Recipe("HAMPER", Kind.KIT, {"MUG": 1, "PAIR": 1}), Recipe("PAIR", Kind.BUNDLE, {"TEA": 2})]
    await set_components(tx, recipes, actor="ada", at=NOON)
    return seller


async def work(tx: Tx, count: int, cause: str = "1", **more: object) -> None:
    given: dict[str, object] = {"kit": "HAMPER", "location": MAIN, "count": count, "cause_id": cause}
    await assemble_kits(tx, [Work(**(given | more))], actor="ada", at=NOON)  # type: ignore[arg-type]


async def test_kits_are_made_of_their_parts_with_one_cause(tx: Tx) -> None:
    await hampers(tx)
    await work(tx, 3)
    assert await stock(tx) == {"MUG": (7, 0), "TEA": (4, 0), "HAMPER": (3, 0)}
    moved = "SELECT DISTINCT kind, cause, cause_id, reason FROM movements WHERE cause = 'assembly'"
    assert await rows(tx, moved) == [("assembly", "assembly", "1", "3 of kit HAMPER assembled")]
    assert [each.name for each in await run_checks(tx, at=NOON, late_s=9e9) if each.verdict != "kept"] == []


async def test_the_same_work_told_twice_is_done_once(tx: Tx) -> None:
    await hampers(tx, TEA=6)
    for _ in range(2):
        await work(tx, 3)
    assert await stock(tx) == {"MUG": (7, 0), "TEA": (0, 0), "HAMPER": (3, 0)}


async def test_a_kit_taken_apart_gives_its_parts_back(tx: Tx) -> None:
    await hampers(tx)
    await work(tx, 3)
    await work(tx, 2, "2", apart=True)
    assert await stock(tx) == {"MUG": (9, 0), "TEA": (8, 0), "HAMPER": (1, 0)}


async def test_promised_parts_are_not_put_into_kits(tx: Tx) -> None:
    seller = await hampers(tx)
    await take(tx, seller, order("1", line("TEA", 7)))
    with pytest.raises(OutOfStockError, match="1 more of TEA would have to be free") as refused:
        await work(tx, 2)
    assert (refused.value.short, await stock(tx)) == ({0: 1}, {"MUG": (10, 0), "TEA": (10, 7)})


async def test_parts_at_another_location_make_no_kit_here(tx: Tx) -> None:
    await hampers(tx, TEA=0)
    await put_stock(tx, {"TEA": 9}, SHOP)
    with pytest.raises(OutOfStockError, match="2 more of TEA"):
        await work(tx, 1)


async def test_two_works_of_one_batch_never_use_the_same_part(tx: Tx) -> None:
    await hampers(tx, MUG=3)
    two = [Work("HAMPER", MAIN, 2, cause) for cause in ("1", "2")]
    with pytest.raises(OutOfStockError) as refused:
        await assemble_kits(tx, two, actor="ada", at=NOON)
    assert (refused.value.short, (await stock(tx))["MUG"]) == ({1: 1}, (3, 0))


async def test_an_order_that_waited_for_a_kit_gets_the_one_assembled(tx: Tx) -> None:
    seller = await hampers(tx)
    await take(tx, seller, order("1", line("HAMPER", 1)))
    await work(tx, 2)
    assert await rows(tx, "SELECT holds FROM orders") == [([],)]
    assert (await stock(tx))["HAMPER"] == (2, 1)


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"kit": "MUG"}, WrongStateError, "MUG is no kit"),
        ({"kit": "PAIR"}, WrongStateError, "PAIR is no kit"),
        ({"kit": "CUP"}, NotFoundError, "no SKU CUP"),
        ({"location": "moon"}, NotFoundError, "no location moon"),
        ({"count": 0}, InputError, "from 1 to 10000"),
        ({"count": -1}, InputError, "from 1 to 10000"),
    ],
)
async def test_what_cannot_be_assembled_is_refused(
    tx: Tx, more: dict[str, object], error: type[Exception], said: str
) -> None:
    await hampers(tx)
    with pytest.raises(error, match=said):
        await work(tx, **({"count": 1} | more))  # type: ignore[arg-type]
    assert await tx.scalar(text("SELECT count(*) FROM movements WHERE kind = 'assembly'")) == 0
