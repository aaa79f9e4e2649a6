"""Receive: what came from a supplier goes to a location, once by its reference."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.allocate import lock_short
from hub.flows.stock.known import refuse_stockless, refuse_strange
from hub.flows.stock.move_stock import record_moves
from hub.flows.stock.name_lots import lots_of, name_lots, refuse_bad_batches
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.stock.lines import Units, summed
from hub.model.stock.lots import Batch
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.stock import receipts
from hub.store.stock.levels import Movement

REFERENCE_MAX = 200


class Delivery(Struct, frozen=True):
    """What came; `reference` is what it can come only once by, such as the number of the supplier's delivery note.

    `batches` names the lots of its units, where a SKU is tracked by lot or serial number; units of none are unnamed.
    """

    id: UUID
    reference: str
    location: str
    lines: Sequence[Units]
    note: str = ""
    batches: Sequence[Batch] = ()


class Received(Struct, frozen=True):
    """`repeated` are the references that had been received before, with the same lines: nothing was done again."""

    touched: set[UUID]
    repeated: list[str]


async def receive_stock(tx: Tx, deliveries: Sequence[Delivery], *, actor: str, at: datetime) -> Received:
    """Record the deliveries in the ledger. Orders that waited for the units get them.

    Raises InputError or NotFoundError before anything is written; also where a reference was received with other lines.
    """
    units = {each.reference: _checked(each) for each in deliveries}
    if len(units) < len(deliveries):
        msg = "two deliveries have one reference: give each its own"
        raise InputError(msg, field="reference")
    await refuse_stockless(tx, [sku for lines in units.values() for sku in lines])
    await refuse_strange(tx, [each.location for each in deliveries])
    await refuse_bad_batches(tx, deliveries, units)
    rows = [receipts.NewReceipt(each.id, each.reference, each.location, each.note) for each in deliveries]
    new = await receipts.add_receipts(tx, rows, actor=actor, at=at)
    await _refuse_other_lines(tx, [each for each in deliveries if each.reference not in new], units)
    fresh = [each for each in deliveries if each.reference in new]
    touched = await _record(tx, fresh, units, actor=actor, at=at) if fresh else set()
    return Received(touched, sorted(units.keys() - new))


async def _record(
    tx: Tx, fresh: Sequence[Delivery], units: Mapping[str, Mapping[str, int]], *, actor: str, at: datetime
) -> set[UUID]:
    movements = [
        _movement(each, sku, count, actor) for each in fresh for sku, count in units[each.reference].items()
    ]
    short = await lock_short(tx, [each.sku for each in movements])
    await name_lots(tx, [batch for each in fresh for batch in each.batches], at=at)
    brings = {
        moved.id: lots_of(delivery.batches, moved.sku)
        for moved in movements
        for delivery in fresh
        if str(delivery.id) == moved.cause_id
    }
    facts = {"references": [each.reference for each in fresh][:20], "count": len(movements)}
    return await record_moves(
        tx, movements, short, event=Event("stock received", actor, facts=facts), at=at, brings=brings
    )


def _checked(delivery: Delivery) -> dict[str, int]:
    reference = delivery.reference
    if not reference.strip() or len(reference) > REFERENCE_MAX:
        msg = f"a receipt needs a reference of up to {REFERENCE_MAX} letters: the delivery note's number, for example"
        raise InputError(msg, field="reference")
    return summed(delivery.lines, what=f"receipt {reference}")


async def _refuse_other_lines(
    tx: Tx, repeated: Sequence[Delivery], units: Mapping[str, Mapping[str, int]]
) -> None:
    """The same receipt told twice is harmless; another one under the same reference is a mistake somebody must see."""
    held = await receipts.receipts_of(tx, [each.reference for each in repeated]) if repeated else {}
    for each in repeated:
        was = held[each.reference]
        if (was.location, {line.sku: line.units for line in was.lines}) != (
            each.location,
            units[each.reference],
        ):
            msg = (
                f"{each.reference} was received at {was.location} on {was.received_at:%Y-%m-%d} with other lines:"
                " use the reference of this delivery, or adjust what was wrong"
            )
            raise InputError(msg, field="reference")


def _movement(delivery: Delivery, sku: str, units: int, actor: str) -> Movement:
    return Movement(
        id=uuid7(),
        sku=sku,
        location=delivery.location,
        kind="receipt",
        on_hand_change=units,
        allocated_change=0,
        cause="receipt",
        cause_id=str(delivery.id),
        actor=actor,
        reason=delivery.reference,
    )
