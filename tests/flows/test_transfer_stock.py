"""What is sent to another location lies nowhere until it comes; promised units stay, and none goes missing silently."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.stock.transfer_stock import (
    Draft,
    Parcel,
    cancel_transfer,
    change_draft,
    draft_transfer,
    receive_transfer,
    send_transfer,
)
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.stock.lines import Units
from hub.model.stock.transfers import Arrival, State
from hub.store.api.stock import stock
from hub.store.checks import CHECKS, Verdict, run_checks
from hub.store.db import Tx
from hub.store.stock.transfers import Transfer, list_transfers, read_transfer
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, take

MOVED = "SELECT kind, location, on_hand_change, reason FROM movements WHERE cause = 'transfer' ORDER BY id"


async def draft(tx: Tx, units: int = 4, sku: str = "MUG") -> int:
    return await draft_transfer(tx, Draft(uuid7(), MAIN, SHOP, [Units(sku, units)]), actor="ada", at=NOON)


async def send(tx: Tx, number: int) -> set[UUID]:
    return await send_transfer(tx, number, actor="ada", at=NOON)


async def receive(tx: Tx, number: int, came: dict[str, int] | None = None, **more: object) -> set[UUID]:
    given = {"id": uuid7(), "came": came} | more
    return await receive_transfer(tx, number, Parcel(**given), actor="bob", at=NOON)  # type: ignore[arg-type]


async def read(tx: Tx, number: int) -> Transfer:
    found = await read_transfer(tx, number)
    assert found is not None
    return found


async def places(tx: Tx) -> dict[str, tuple[int, int]]:
    """On hand and in transit, by location."""
    (found,) = await stock(tx, skus=["MUG"], limit=1, at=NOON)
    return {each.location: (each.on_hand, each.in_transit) for each in found.levels}


async def available(tx: Tx) -> int:
    (found,) = await stock(tx, skus=["MUG"], limit=1, at=NOON)
    return found.available


async def refuse_broken_laws(tx: Tx) -> None:
    """Publications wait to be pushed here, and that is no law."""
    found = await run_checks(tx, at=NOON, late_s=60, checks=CHECKS)
    assert [each for each in found if each.verdict is Verdict.BROKEN] == []


async def test_what_is_in_transit_is_shown_and_sold_by_nobody(tx: Tx):
    seller = await open_shop(tx, {"MUG": 10})
    number = await draft(tx)
    assert (await places(tx), await available(tx)) == ({MAIN: (10, 0)}, 10)
    assert await send(tx, number) == {seller.id}
    assert (await places(tx), await available(tx)) == ({MAIN: (6, 0), SHOP: (0, 4)}, 6)
    await receive(tx, number)
    assert (await places(tx), await available(tx)) == ({MAIN: (6, 0), SHOP: (4, 0)}, 10)
    assert (await read(tx, number)).state is State.RECEIVED
    await refuse_broken_laws(tx)


async def test_promised_units_are_not_sent_away(tx: Tx):
    seller = await open_shop(tx, {"MUG": 10})
    await take(tx, seller, order("1", line("MUG", 7)))
    number = await draft(tx)
    with pytest.raises(OutOfStockError, match="where free is only MUG 3: send fewer") as refused:
        await send(tx, number)
    assert (refused.value.short, await places(tx)) == ({0: 1}, {MAIN: (10, 0)})
    await change_draft(tx, number, [Units("MUG", 3)], actor="ada", at=NOON)
    await send(tx, number)
    assert await places(tx) == {MAIN: (7, 0), SHOP: (0, 3)}


async def test_a_transfer_arrives_in_parts_and_what_is_missing_is_adjusted_with_its_reason(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    number = await draft(tx, 5)
    await send(tx, number)
    await receive(tx, number, {"MUG": 3})
    assert (await places(tx))[SHOP] == (3, 2)
    await refuse_broken_laws(tx)
    with pytest.raises(InputError, match="1 of MUG are missing: say why"):
        await receive(tx, number, {"MUG": 1}, close=True)
    await receive(tx, number, {"MUG": 1}, close=True, reason="broken on the way")
    said = f"transfer {number}, main to shop"
    assert [tuple(row) for row in await tx.execute(text(MOVED))] == [
        ("transfer out", MAIN, -5, said),
        ("transfer in", SHOP, 3, said),
        ("transfer in", SHOP, 2, "broken on the way"),
        ("adjustment", SHOP, -1, "broken on the way"),
    ]
    assert [each.lines for each in (await read(tx, number)).arrivals] == [
        [Arrival("MUG", 3)],
        [Arrival("MUG", 1, 1)],
    ]
    await refuse_broken_laws(tx)


async def test_more_than_was_sent_is_found_and_needs_a_reason(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    number = await draft(tx)
    await send(tx, number)
    with pytest.raises(InputError, match="2 of MUG came that were not sent: say why"):
        await receive(tx, number, {"MUG": 6})
    await receive(tx, number, {"MUG": 6}, reason="miscounted when packed")
    assert (await places(tx))[SHOP] == (6, 0)
    assert (await read(tx, number)).arrivals[0].lines == [Arrival("MUG", 4, found=2)]
    await refuse_broken_laws(tx)


async def test_everything_said_twice_happens_once(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    drafted = Draft(uuid7(), MAIN, SHOP, [Units("MUG", 4)])
    numbers = [await draft_transfer(tx, drafted, actor="ada", at=NOON) for _ in range(2)]
    assert numbers[0] == numbers[1]
    parcel = Parcel(uuid7(), {"MUG": 3})
    for _ in range(2):
        await send(tx, numbers[0])
    for _ in range(2):
        await receive_transfer(tx, numbers[0], parcel, actor="bob", at=NOON)
    assert await places(tx) == {MAIN: (6, 0), SHOP: (3, 1)}


async def test_only_a_draft_is_canceled_or_changed(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    first, second = await draft(tx), await draft(tx)
    await cancel_transfer(tx, first, actor="ada", at=NOON)
    await cancel_transfer(tx, first, actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="is canceled, so nobody can send it: nothing more"):
        await send(tx, first)
    await send(tx, second)
    with pytest.raises(WrongStateError, match="is sent, so nobody can cancel it: you may receive it"):
        await cancel_transfer(tx, second, actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="is sent, so nobody can change it"):
        await change_draft(tx, second, [Units("MUG", 1)], actor="ada", at=NOON)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Draft(uuid7(), MAIN, MAIN, [Units("MUG", 1)]), InputError),
        (Draft(uuid7(), MAIN, SHOP, []), InputError),
        (Draft(uuid7(), MAIN, SHOP, [Units("MUG", 0)]), InputError),
        (Draft(uuid7(), MAIN, SHOP, [Units("CUP", 1)]), NotFoundError),
        (Draft(uuid7(), MAIN, "moon", [Units("MUG", 1)]), NotFoundError),
    ],
)
async def test_a_transfer_that_cannot_be_is_refused(tx: Tx, bad: Draft, error: type[Exception]):
    await open_shop(tx, {"MUG": 10})
    with pytest.raises(error):
        await draft_transfer(tx, bad, actor="ada", at=NOON)
    assert await list_transfers(tx, limit=9) == []


async def test_a_transfer_nobody_drafted_is_not_there(tx: Tx):
    with pytest.raises(NotFoundError, match="there is no transfer 99"):
        await send(tx, 99)


async def test_transfers_are_found_by_state_and_location(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    first, second = await draft(tx), await draft(tx)
    await send(tx, first)
    assert [each.number for each in await list_transfers(tx, limit=9)] == [second, first]
    assert [each.number for each in await list_transfers(tx, state="sent", location=SHOP, limit=9)] == [first]
    assert [each.number for each in await list_transfers(tx, before=second, limit=9)] == [first]
