"""A count tells what lies there at the moment of counting; it is reviewed, posted once, and takes back no sale."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid5

import pytest
from sqlalchemy import text

from hub.flows.stock.adjust_stock import Adjustment, Count, adjust_stock, count_stock
from hub.flows.stock.count_sheets import (
    Plan,
    Posted,
    accept,
    begin_count,
    count_again,
    drop_count,
    enter_counts,
    find_none,
    post_count,
)
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, StaleError, WrongStateError
from hub.model.stock.counts import Entry, Line, Risk
from hub.store.api.counts import SheetLine, read_sheet, sheet_lines
from hub.store.db import Tx
from hub.store.stock.counts import riskiest
from hub.store.stock.skus import Sku, put_skus
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take

COUNTS = "SELECT sku, on_hand_change, reason FROM movements WHERE cause = 'count sheet' ORDER BY sku"
SPACE = uuid7()


async def begin(tx: Tx, location: str = MAIN, **more: object) -> int:
    plan = Plan(**({"id": uuid7(), "location": location} | more))  # type: ignore[arg-type]
    return (await begin_count(tx, plan, actor="ada", at=NOON)).number


async def enter(tx: Tx, number: int, minute: int = 1, **found: int) -> list[Line]:
    entries = [Entry(uuid7(), sku, units, by="ada") for sku, units in found.items()]
    return await enter_counts(tx, number, entries, at=NOON + timedelta(minutes=minute))


async def scan(tx: Tx, number: int, *names: str, minute: int = 1) -> None:
    """One unit for each name; a name that was sent before is the same scan."""
    entries = [Entry(uuid5(SPACE, f"{number}/{name}"), "MUG", 1, adds=True) for name in names]
    await enter_counts(tx, number, entries, at=NOON + timedelta(minutes=minute))


async def post(tx: Tx, number: int, reason: str = "inventory", minute: int = 60) -> Posted:
    return await post_count(tx, number, reason=reason, actor="ada", at=NOON + timedelta(minutes=minute))


async def review(tx: Tx, number: int, which: str = "all") -> dict[str, SheetLine]:
    return {each.sku: each for each in await sheet_lines(tx, number, which=which, limit=99)}


async def on_hand(tx: Tx, sku: str = "MUG") -> int:
    return int(await tx.scalar(text(f"SELECT sum(on_hand) FROM levels WHERE sku = '{sku}'")) or 0)


async def sell(tx: Tx, sku: str, units: int, minute: int) -> None:
    """It leaves the shelf at that minute."""
    moved = Adjustment(sku, MAIN, -units, "sold", str(uuid7()))
    await adjust_stock(tx, [moved], actor="till", at=NOON + timedelta(minutes=minute))


async def test_a_sheet_of_a_location_holds_what_the_books_have_there(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 3, "LAMP": 0})
    await put_stock(tx, {"LAMP": 4}, SHOP)
    assert [*await review(tx, await begin(tx))] == ["MUG", "TEA"]


async def test_differences_are_posted_as_count_movements_once(tx: Tx):
    seller = await open_shop(tx, {"MUG": 10, "TEA": 3, "LAMP": 1})
    number = await begin(tx)
    await enter(tx, number, MUG=8, TEA=3)
    assert await post(tx, number) == Posted({seller.id}, 2, 1, 1)
    assert await post(tx, number) == Posted(set(), 0, 0, 0)
    assert [tuple(row) for row in await tx.execute(text(COUNTS))] == [("MUG", -2, "inventory")]
    assert (await on_hand(tx), await on_hand(tx, "LAMP")) == (8, 1)


async def test_what_is_sold_while_others_count_is_no_difference(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 5})
    number = await begin(tx)
    await sell(tx, "MUG", 2, minute=5)
    await enter(tx, number, 10, MUG=8)
    await sell(tx, "MUG", 3, minute=15)
    assert (await post(tx, number)).changed == 0
    assert await on_hand(tx) == 5


async def test_a_difference_stays_what_it_was_whatever_is_sold_before_it_is_posted(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    number = await begin(tx)
    await enter(tx, number, 10, MUG=9)
    await sell(tx, "MUG", 4, minute=15)
    await post(tx, number)
    assert await on_hand(tx) == 5


async def test_units_that_moved_between_two_scans_of_a_sku_are_pointed_out(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    number = await begin(tx)
    await scan(tx, number, "1", minute=1)
    await sell(tx, "MUG", 1, minute=2)
    await scan(tx, number, "2", minute=3)
    seen = (await review(tx, number))["MUG"]
    assert (seen.expected, seen.counted, seen.moved_meanwhile, seen.changed_since) == (9, 2, True, False)


async def test_scans_of_several_devices_add_up_and_one_sent_twice_counts_once(tx: Tx):
    await open_shop(tx, {"MUG": 3})
    number = await begin(tx)
    await scan(tx, number, "a1", "a2")
    await scan(tx, number, "b1", "a2")
    await scan(tx, number, "b1")
    assert (await review(tx, number))["MUG"].counted == 3


async def test_a_difference_waits_for_a_reason_or_another_count(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 3})
    number = await begin(tx)
    await enter(tx, number, MUG=8, TEA=1)
    with pytest.raises(InputError, match=r"2 differences .* no reason yet \(MUG -2, TEA -2\)"):
        await post(tx, number, reason="")
    await accept(tx, number, ["MUG"], "stolen", actor="ada", at=NOON)
    await count_again(tx, number, ["TEA"], actor="ada", at=NOON)
    assert [*await review(tx, number, "uncounted")] == ["TEA"]
    await enter(tx, number, TEA=3)
    await post(tx, number, reason="")
    assert [tuple(row) for row in await tx.execute(text(COUNTS))] == [("MUG", -2, "stolen")]


async def test_a_sku_that_another_sheet_has_posted_since_is_counted_again(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    one, other = await begin(tx), await begin(tx)
    for number in (one, other):
        await enter(tx, number, MUG=8)
    await post(tx, one)
    await count_stock(
        tx, [Count("MUG", MAIN, 8, "looked", str(uuid7()))], actor="ada", at=NOON + timedelta(minutes=9)
    )
    with pytest.raises(StaleError, match="MUG: another count was posted since"):
        await post(tx, other)
    assert await on_hand(tx) == 8


async def test_what_nobody_found_is_nothing_only_by_a_persons_word(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 3})
    number = await begin(tx)
    await enter(tx, number, MUG=10)
    assert await find_none(tx, number, by="ada", at=NOON) == 1
    await post(tx, number)
    assert (await on_hand(tx), await on_hand(tx, "TEA")) == (10, 0)


async def test_more_found_goes_to_the_order_that_lacks_it(tx: Tx):
    seller = await open_shop(tx, {"MUG": 1})
    await take(tx, seller, order("1", line("MUG", 3)))
    number = await begin(tx)
    await enter(tx, number, MUG=4)
    await post(tx, number)
    assert [tuple(row) for row in await tx.execute(text("SELECT on_hand, allocated FROM levels"))] == [(4, 3)]


async def test_a_sheet_that_is_dropped_moves_nothing_and_takes_no_more(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    number = await begin(tx)
    await enter(tx, number, MUG=8)
    for _ in range(2):
        await drop_count(tx, number, actor="ada", at=NOON)
    for story in (
        enter(tx, number, MUG=1),
        post(tx, number),
        accept(tx, number, ["MUG"], "x", actor="a", at=NOON),
    ):
        with pytest.raises(WrongStateError, match=f"count sheet {number} is dropped"):
            await story
    assert await on_hand(tx) == 10


async def test_the_riskiest_by_the_query_are_those_by_the_score(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 300, "LAMP": 2, "VASE": 1})
    await put_skus(
        tx,
        [Sku("LAMP", "Lamp", "", Decimal("640.5"), "EUR"), Sku("VASE", "Vase", "", Decimal(9), "EUR")],
        at=NOON,
    )
    await sell(tx, "TEA", 40, minute=1)
    await count_stock(tx, [Count("MUG", MAIN, 7, "looked", "a")], actor="ada", at=NOON)
    found = await riskiest(tx, MAIN, limit=9, at=NOON + timedelta(days=30))
    scores = [Risk(Decimal(str(each.value)), each.moved, each.days, each.differed).score for each in found]
    assert [each.score for each in found] == scores == sorted(scores, reverse=True)
    assert {each.sku: (each.value, each.moved, each.days, each.differed) for each in found} == {
        "TEA": (0, 340, 365, 0),
        "LAMP": (1281, 2, 365, 0),
        "MUG": (0, 10, 30, 3),
        "VASE": (9, 1, 365, 0),
    }


async def test_a_cycle_count_takes_the_riskiest_that_no_open_sheet_has(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 300, "LAMP": 2})
    first, second = await begin(tx, riskiest=1), await begin(tx, riskiest=2)
    assert [[*await review(tx, number)] for number in (first, second)] == [["TEA"], ["LAMP", "MUG"]]
    with pytest.raises(InputError, match="nothing lies at main that is not being counted already"):
        await begin(tx, riskiest=1)
    with pytest.raises(InputError, match="MUG: not on count sheet"):
        await enter(tx, first, MUG=1)


async def test_a_sheet_of_a_location_takes_what_the_books_do_not_have_there(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 3})
    number = await begin(tx, SHOP)
    await enter(tx, number, TEA=2)
    await post(tx, number, reason="found there")
    assert await on_hand(tx, "TEA") == 5


async def test_the_same_sheet_begun_twice_is_one(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    plan = Plan(uuid7(), MAIN, skus=["MUG"])
    numbers = {(await begin_count(tx, plan, actor="ada", at=NOON)).number for _ in range(2)}
    assert len(numbers) == 1


async def test_how_far_a_sheet_is_can_be_seen(tx: Tx):
    await open_shop(tx, {"MUG": 10, "TEA": 3, "LAMP": 1})
    number = await begin(tx)
    await enter(tx, number, MUG=8, TEA=3)
    found = await read_sheet(tx, number)
    assert found is not None
    assert (found.lines, found.counted, found.differing, found.undecided) == (3, 2, 1, 1)


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        ({"location": "moon"}, NotFoundError),
        ({"skus": ["CUP"]}, NotFoundError),
        ({"riskiest": -1}, InputError),
        ({"riskiest": 1001}, InputError),
        ({"riskiest": 1, "skus": ["MUG"]}, InputError),
    ],
)
async def test_a_sheet_that_cannot_be_is_refused(tx: Tx, plan: dict[str, object], error: type[Exception]):
    await open_shop(tx, {"MUG": 10})
    with pytest.raises(error):
        await begin(tx, **plan)  # type: ignore[arg-type]


async def test_a_sheet_nobody_began_is_not_there(tx: Tx):
    with pytest.raises(NotFoundError, match="there is no count sheet 99"):
        await post(tx, 99)
