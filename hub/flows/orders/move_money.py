"""Move money: what is on record of an order goes to another with the units it paid for, and back when that is undone.

No fact of the past is changed: as much is taken from the one as the other gets, by the tender it was paid by.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.kit.ids import uuid7
from hub.model.edits.parting import taken_from
from hub.model.orders.payments import Step
from hub.store import payments
from hub.store.db import Tx
from hub.store.orders import HeldOrder
from hub.store.payments import Moved


class Move(Struct, frozen=True):
    """By this split or merge so much of what was captured, and authorized, goes from one order to the other."""

    id: UUID
    source: HeldOrder
    target: HeldOrder
    captured: Decimal
    authorized: Decimal


async def move_money(tx: Tx, moves: Sequence[Move], *, actor: str, at: datetime) -> None:
    """The orders are locked. No statement where nothing moves."""
    wanted = [each for each in moves if each.captured or each.authorized]
    if not wanted:
        return
    tenders = await payments.by_tender(tx, [each.source.id for each in wanted])
    rows = [
        row
        for each in wanted
        for step, amount in ((Step.CAPTURED, each.captured), (Step.AUTHORIZED, each.authorized))
        for tender, part in taken_from(tenders.get((each.source.id, step), []), amount)
        for row in _pair(each, tender, step, part)
    ]
    await payments.add_moved(tx, rows, actor=actor, at=at)


def _pair(move: Move, tender: str, step: Step, amount: Decimal) -> Iterator[Moved]:
    source, target = move.source, move.target
    yield Moved(uuid7(), source.id, tender, step, -amount, f"order {target.number}", move.id)
    yield Moved(uuid7(), target.id, tender, step, amount, f"order {source.number}", move.id)


async def move_back(tx: Tx, moves: Iterable[UUID], *, actor: str, at: datetime) -> None:
    """Undo what these splits and merges have moved."""
    wanted = sorted(set(moves))
    rows = await payments.moves_of(tx, wanted) if wanted else []
    back = [replace(row, id=uuid7(), amount=-row.amount) for row in rows]
    await payments.add_moved(tx, back, actor=actor, at=at)
