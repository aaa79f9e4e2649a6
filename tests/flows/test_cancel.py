"""Many orders are canceled at once, each once; a hundred cost as many questions as one, and all of it is undone."""

from sqlalchemy import text

from hub.flows.orders.cancel import cancel_orders
from hub.flows.orders.undo import undo_edits
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements

STOCK = "SELECT sum(on_hand), sum(allocated) FROM levels"


async def taken(tx: Tx, count: int) -> list[int]:
    """Orders of two mugs each; of the first, one mug has left."""
    seller = await open_shop(tx, {"MUG": 500})
    orders = [order(f"{each:03}", line("MUG", 2, fulfilled=int(not each))) for each in range(count)]
    return [each.number for each in (await take(tx, seller, *orders)).orders]


async def stock(tx: Tx) -> tuple[int, int]:
    on_hand, allocated = (await tx.execute(text(STOCK))).one()
    return on_hand, allocated


async def test_what_has_not_left_comes_free_once_and_what_was_canceled_before_keeps_back_no_other(
    tx: Tx,
) -> None:
    numbers = await taken(tx, 3)
    await cancel_orders(tx, VAULT, numbers[2:], actor="ada", at=NOON)
    done = await cancel_orders(tx, VAULT, numbers, reason="out", actor="ada", at=NOON)
    assert (done.numbers, done.before, done.partly, done.units) == (numbers[:2], numbers[2:], numbers[:1], 3)
    assert await stock(tx) == (499, 0)
    assert (await cancel_orders(tx, VAULT, numbers, actor="ada", at=NOON)).numbers == []


async def test_all_of_it_is_undone_at_once(tx: Tx) -> None:
    numbers = await taken(tx, 3)
    before = await stock(tx)
    done = await cancel_orders(tx, VAULT, numbers, actor="ada", at=NOON)
    await undo_edits(tx, VAULT, done.done.ids, actor="ada", at=NOON)
    assert await stock(tx) == before
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_a_hundred_cancels_ask_as_often_as_one(tx: Tx) -> None:
    numbers = await taken(tx, 102)
    asked = []
    for chosen in (numbers[1:2], numbers[2:]):
        with statements(tx) as seen:
            await cancel_orders(tx, VAULT, chosen, actor="ada", at=NOON)
        asked.append(len(seen))
    assert asked[0] == asked[1]
