"""Goods that come back go where a person says: back on the shelf once, to the scrap, or aside until somebody looks."""

import pytest
from sqlalchemy import text

from hub.flows.orders.take_back import inspect, take_back
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.returns import Comeback, Decision, Disposition
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.returns import lines_out
from tests.builders import MAIN, NOON, line, open_shop, order, take

STOCK = "SELECT sum(on_hand), (SELECT sum(returned) FROM order_lines) FROM levels"


async def shipped(tx: Tx, units: int = 3) -> Comeback:
    """An order of mugs has left, seven stay; what it returns is one unit to be sold again."""
    seller = await open_shop(tx, {"MUG": 10})
    taken = await take(tx, seller, order("1", line("MUG", units, fulfilled=units)))
    (out,) = await lines_out(tx, taken.orders[0].number)
    return Comeback(uuid7(), out.id, 1, Disposition.RESTOCK, MAIN, "too small")


def but(comeback: Comeback, **more: object) -> Comeback:
    given = {name: getattr(comeback, name) for name in Comeback.__struct_fields__} | {"id": uuid7()}
    return Comeback(**(given | more))


async def stock(tx: Tx) -> tuple[object, ...]:
    """(on hand, units that came back)."""
    return tuple((await tx.execute(text(STOCK))).one())


async def test_restocked_goods_are_sold_again_and_channels_are_told(tx: Tx) -> None:
    done = await take_back(tx, [await shipped(tx)], actor="ada", at=NOON)
    assert (await stock(tx), len(done.touched), done.freed) == ((8, 1), 1, {"MUG"})


async def test_the_same_return_again_changes_nothing(tx: Tx) -> None:
    back = await shipped(tx)
    first, again = [await take_back(tx, [back, back], actor="ada", at=NOON) for _ in range(2)]
    assert (await stock(tx), first.ids, again.ids) == ((8, 1), [back.id], [])


@pytest.mark.parametrize("disposition", [Disposition.SCRAP, Disposition.INSPECT])
async def test_goods_that_are_not_sold_again_never_reach_the_shelf(tx: Tx, disposition: Disposition) -> None:
    await take_back(tx, [but(await shipped(tx), disposition=disposition)], actor="ada", at=NOON)
    assert await stock(tx) == (7, 1)


async def test_goods_put_aside_are_sold_again_once_somebody_has_looked_and_only_once(tx: Tx) -> None:
    aside = but(await shipped(tx), disposition=Disposition.INSPECT, quantity=2)
    await take_back(tx, [aside], actor="ada", at=NOON)
    looked = [Decision(aside.id, Disposition.RESTOCK, MAIN)]
    await inspect(tx, looked, actor="bob", at=NOON)
    with pytest.raises(WrongStateError, match="does not wait to be looked at"):
        await inspect(tx, looked, actor="bob", at=NOON)
    assert await stock(tx) == (9, 2)


WRONG: dict[str, dict[str, object]] = {
    "more than is out": {"quantity": 4},
    "none": {"quantity": 0},
    "nowhere": {"location": None},
    "of no line": {"line_id": uuid7()},
    "a reason of a thousand characters": {"reason": "x" * 1000},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_return_that_cannot_be_is_refused_and_changes_nothing(tx: Tx, wrong: str) -> None:
    back = await shipped(tx)
    with pytest.raises(InputError):
        await take_back(tx, [back, but(back, **WRONG[wrong])], actor="ada", at=NOON)
    assert await stock(tx) == (7, 0)


async def test_a_place_the_hub_does_not_know_is_refused(tx: Tx) -> None:
    with pytest.raises(NotFoundError, match="no location moon"):
        await take_back(tx, [but(await shipped(tx), location="moon")], actor="ada", at=NOON)


async def test_two_returns_of_one_line_never_bring_back_more_than_left(tx: Tx) -> None:
    back = await shipped(tx)
    with pytest.raises(InputError, match="1 are out"):
        await take_back(tx, [but(back, quantity=2), but(back, quantity=2)], actor="ada", at=NOON)


async def test_the_checks_find_units_that_came_back_and_are_on_no_shelf(tx: Tx) -> None:
    await take_back(tx, [await shipped(tx)], actor="ada", at=NOON)
    kept = await _broken(tx)
    await tx.execute(text("DELETE FROM movements WHERE kind = 'return'"))
    assert (kept, "what came back is counted on its line" in " ".join(await _broken(tx))) == ([], True)


async def _broken(tx: Tx) -> list[str]:
    findings = await run_checks(tx, at=NOON, late_s=3600)
    return [each.name for each in findings if each.verdict is Verdict.BROKEN]
