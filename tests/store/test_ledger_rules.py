"""The database refuses books that cannot be, and hub check finds any drift between the ledger and the levels."""

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hub.kit.ids import uuid7
from hub.store.checks import CHECKS, Verdict, run_checks
from hub.store.db import Tx
from hub.store.stock.levels import Movement, record_movements
from tests.builders import MAIN, NOON, open_shop, order, take

AGREE = [each for each in CHECKS if each.name == "levels are the sum of their movements"]


def movement(kind: str, on_hand: int, allocated: int = 0) -> Movement:
    return Movement(uuid7(), "MUG", MAIN, kind, on_hand, allocated, "test", str(uuid7()))


@pytest.mark.parametrize("column", ["allocated", "reserved"])
async def test_what_is_allocated_or_reserved_never_falls_below_zero(tx: Tx, column: str):
    await open_shop(tx, {"MUG": 5})
    with pytest.raises(IntegrityError, match=f"ck_levels_{column}_not_negative"):
        await tx.execute(text(f"UPDATE levels SET {column} = {column} - 1"))


async def test_a_release_of_what_nobody_was_promised_is_refused_with_its_movement(tx: Tx):
    await open_shop(tx, {"MUG": 5})
    with pytest.raises(IntegrityError, match="ck_levels_allocated_not_negative"):
        await record_movements(tx, [movement("release", 0, -1)], at=NOON)


@pytest.mark.parametrize(
    ("moved", "rule"),
    [
        (movement("receipt", -1), "arrival_form"),
        (movement("receipt", 1, 1), "arrival_form"),
        (movement("transfer in", -1), "arrival_form"),
        (movement("transfer out", 1), "transfer_out_form"),
        (movement("transfer out", -1, -1), "transfer_out_form"),
        (movement("count", 1, 1), "promises_nothing"),
        (movement("adjustment", 0, 1), "promises_nothing"),
        (movement("assembly", -1, -1), "promises_nothing"),
        (movement("count", 0), "moves_something"),
        (movement("transfer", 1), "kind_known"),
    ],
)
async def test_a_movement_of_the_wrong_form_is_refused_by_name(tx: Tx, moved: Movement, rule: str):
    await open_shop(tx, {"MUG": 5})
    with pytest.raises(IntegrityError, match=f"ck_movements_{rule}"):
        await record_movements(tx, [moved], at=NOON)


async def test_what_is_said_to_be_recorded_first_and_was_before_is_refused(tx: Tx):
    await open_shop(tx, {"MUG": 5})
    moved = movement("count", 1)
    await record_movements(tx, [moved], at=NOON, first=True)
    with pytest.raises(IntegrityError, match="uq_movements_cause"):
        await record_movements(tx, [replace(moved, id=uuid7())], at=NOON, first=True)


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE levels SET on_hand = on_hand - 1",
        "UPDATE levels SET allocated = allocated + 1",
        "UPDATE movements SET on_hand_change = 9 WHERE kind = 'receipt'",
        "DELETE FROM movements WHERE kind = 'allocation'",
        "UPDATE movements SET location = 'shop' WHERE kind = 'receipt'",
    ],
)
async def test_drift_between_ledger_and_levels_is_found_whatever_made_it(tx: Tx, by_hand: str):
    seller = await open_shop(tx, {"MUG": 5})
    await take(tx, seller, order("1"))
    assert [each.verdict for each in await run_checks(tx, at=NOON, late_s=60, checks=AGREE)] == [Verdict.KEPT]
    await tx.execute(text(by_hand))
    (found,) = await run_checks(tx, at=NOON, late_s=60, checks=AGREE)
    assert (found.verdict, found.rows[0]["sku"]) == (Verdict.BROKEN, "MUG")
