"""A hold keeps an order back until somebody has looked: with its stock, or without it; each has its facts."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.flows.orders.hold import Held, assign_holds, put_holds, resolve_holds
from hub.flows.orders.ship import ship
from hub.flows.stock.allocate import fill_waiting
from hub.kit.ids import uuid7
from hub.model.errors import HubError, InputError, NotFoundError, WrongStateError
from hub.model.orders.holds import Hold, Stock
from hub.model.orders.shipping import Parcel
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx, undone
from hub.store.holds import list_holds
from tests.builders import NOON, line, open_shop, order, put_stock, take
from tests.flows.test_batches import statements

ORDERS = "SELECT holds, allocated FROM orders o JOIN order_lines l ON l.order_id = o.id ORDER BY o.number"
LATER = NOON + timedelta(hours=2)


async def taken(tx: Tx, *, count: int = 1, units: int = 2, stock: int = 10) -> list[int]:
    seller = await open_shop(tx, {"MUG": stock})
    made = await take(tx, seller, *(order(str(each), line("MUG", units)) for each in range(count)))
    return [each.number for each in made.orders]


async def put(tx: Tx, *wanted: Hold) -> Held:
    return await put_holds(tx, wanted, actor="ada", at=LATER)


async def books(tx: Tx) -> list[tuple[list[str], int]]:
    return [(row.holds, row.allocated) for row in await tx.execute(text(ORDERS))]


async def kept(tx: Tx) -> bool:
    return all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_a_hold_keeps_the_stock_and_the_goods(tx: Tx) -> None:
    (number,) = await taken(tx)
    done = await put(tx, Hold(number, "gift wrap", "in red", "ada", NOON + timedelta(days=1)))
    (hold,) = await list_holds(tx, limit=9)
    assert (done.new, await books(tx)) == ([(number, "gift wrap")], [(["gift wrap"], 2)])
    assert (hold.note, hold.owner, hold.since, hold.put_by) == ("in red", "ada", LATER, "ada")
    with pytest.raises(WrongStateError, match="held \\(gift wrap\\)"):
        await ship(tx, [Parcel(uuid7(), number)], elsewhere=set(), actor="ada", at=NOON)


async def test_a_hold_that_gives_the_stock_back_leaves_it_to_others_until_it_is_resolved(tx: Tx) -> None:
    first, second = await taken(tx, count=2, stock=2)
    await put(tx, Hold(first, "fraud", stock=Stock.RELEASED))
    await fill_waiting(tx, actor="hub", at=LATER)
    given, right = await books(tx), await kept(tx)
    await resolve_holds(tx, [second, first], "fraud", actor="ada", at=LATER)
    assert (given, right) == ([(["fraud"], 0), ([], 2)], True)
    assert (await books(tx), await kept(tx)) == ([(["oversold"], 0), ([], 2)], True)


async def test_stock_that_comes_meanwhile_passes_it_by_and_is_promised_when_it_is_resolved(tx: Tx) -> None:
    (number,) = await taken(tx, stock=1)
    await put(tx, Hold(number, "review", stock=Stock.RELEASED))
    await put_stock(tx, {"MUG": 5})
    passed = await books(tx)
    done = await resolve_holds(tx, [number], "review", actor="ada", at=LATER)
    assert (passed, done.again, await books(tx)) == ([(["review"], 0)], [number], [([], 2)])


async def test_a_newer_snapshot_promises_nothing_while_its_stock_is_given_back(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    (made,) = (await take(tx, seller, order("1", line("MUG", 2)))).orders
    await put(tx, Hold(made.number, "fraud", stock=Stock.RELEASED))
    await take(tx, seller, order("1", line("MUG", 3), minute=1))
    assert (await books(tx), await kept(tx)) == ([(["fraud"], 0)], True)


async def test_the_same_hold_again_keeps_its_age_and_takes_over_what_is_new(tx: Tx) -> None:
    (number,) = await taken(tx)
    await put_holds(tx, [Hold(number, "review", owner="ada")], actor="rule", at=NOON)
    again = await put(tx, Hold(number, "review", "twice"))
    (hold,) = await list_holds(tx, limit=9)
    assert (again.new, hold.since, hold.owner, hold.note, hold.put_by) == ([], NOON, "ada", "twice", "rule")


async def test_a_hold_is_assigned_with_a_time_and_what_is_not_said_stays(tx: Tx) -> None:
    (number,) = await taken(tx)
    await put(tx, Hold(number, "review", "look"))
    found = await assign_holds(tx, [number, 7], "review", owner="bob", due_at=LATER, actor="ada", at=NOON)
    (hold,) = await list_holds(tx, owner="bob", due_before=LATER, limit=9)
    assert (found, hold.note, hold.due_at) == ([number], "look", LATER)


async def test_a_look_at_what_resolving_would_do_changes_nothing(tx: Tx) -> None:
    first, second = await taken(tx, count=2)
    await put(tx, Hold(first, "fraud", stock=Stock.RELEASED), Hold(second, "fraud"))
    async with undone(tx):
        would = await resolve_holds(tx, [first, second], "fraud", actor="ada", at=LATER)
    assert (would.numbers, would.again) == ([first, second], [first])
    assert await books(tx) == [(["fraud"], 0), (["fraud"], 2)]


@pytest.mark.parametrize("stock", Stock)
async def test_a_hundred_holds_ask_as_often_as_one(tx: Tx, stock: Stock) -> None:
    numbers = await taken(tx, count=101, stock=500)
    asked = []
    for chosen in (numbers[:1], numbers[1:]):
        with statements(tx) as seen:
            await put(tx, *(Hold(number, "review", stock=stock) for number in chosen))
            await resolve_holds(tx, chosen, "review", actor="ada", at=LATER)
        asked.append(len(seen))
    assert asked[0] == asked[1]


async def test_a_cancel_ends_all_holds(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    (made,) = (await take(tx, seller, order("1"))).orders
    await put(tx, Hold(made.number, "fraud"))
    await take(tx, seller, order("1", minute=1, canceled=True))
    assert (await list_holds(tx, limit=9), await kept(tx)) == ([], True)
    with pytest.raises(WrongStateError, match="is canceled"):
        await put(tx, Hold(made.number, "fraud"))


@pytest.mark.parametrize(
    ("reason", "error"),
    [("oversold", WrongStateError), ("payment", WrongStateError), ("Gift!", InputError), ("", InputError)],
)
async def test_what_is_a_fact_or_no_reason_is_not_put(tx: Tx, reason: str, error: type[HubError]) -> None:
    (number,) = await taken(tx)
    with pytest.raises(error):
        await put(tx, Hold(number, "review"), Hold(number, reason))
    assert await list_holds(tx, limit=9) == []


async def test_an_unknown_order_is_named_and_a_fact_about_stock_is_not_resolved(tx: Tx) -> None:
    (number,) = await taken(tx, stock=0)
    with pytest.raises(NotFoundError, match="no order 7"):
        await put(tx, Hold(number, "review"), Hold(7, "review"))
    with pytest.raises(WrongStateError, match="ends by itself"):
        await resolve_holds(tx, [number], "oversold", actor="ada", at=LATER)
    assert await books(tx) == [(["oversold"], 0)]
