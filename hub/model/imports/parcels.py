"""Parcels from a carrier's file: an order leaves, a parcel gets its number, or news of it are told. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from hub.model.errors import HubError, InputError
from hub.model.imports.cells import read_code, read_text, read_whole
from hub.model.imports.lines import Change, Line, compared, refused
from hub.model.imports.rows import Given
from hub.model.orders.parcels import ParcelState, after, read_state
from hub.model.orders.shipping import TEXT_MAX


class KnownParcel(Struct, frozen=True):
    id: UUID
    carrier: str
    tracking: str
    state: ParcelState


class KnownOrder(Struct, frozen=True):
    """`stays` is why nothing more of it can leave now; empty where something can."""

    number: int
    stays: str
    parcels: Sequence[KnownParcel]


class ParcelRow(Struct, frozen=True):
    """`parcel` None: a new one leaves."""

    order: int
    parcel: KnownParcel | None
    carrier: str
    tracking: str
    state: ParcelState


def judge_all(rows: Sequence[Given], orders: Mapping[int, KnownOrder]) -> list[tuple[Line, ParcelRow | None]]:
    """Row by row: a parcel without a number takes the first that its order gets, and an order leaves once."""
    taken: set[UUID] = set()
    leaving: set[int] = set()
    return [_judge(given, orders, taken, leaving) for given in rows]


def _judge(
    given: Given, orders: Mapping[int, KnownOrder], taken: set[UUID], leaving: set[int]
) -> tuple[Line, ParcelRow | None]:
    key = f"{given.text('tracking')} of order {given.text('order')}"[:300]
    try:
        row = _read(given, orders, taken, leaving)
    except HubError as error:
        field = error.field if isinstance(error, InputError) else "state"
        return refused(given.row, key, InputError(str(error), field=field)), None
    held = row.parcel
    changes = [
        Change("carrier", held.carrier if held else "", row.carrier),
        Change("tracking", held.tracking if held else "", row.tracking),
        Change("state", held.state if held else "", row.state),
    ]
    return compared(given.row, key, changes, is_new=held is None), row


def _read(given: Given, orders: Mapping[int, KnownOrder], taken: set[UUID], leaving: set[int]) -> ParcelRow:
    number = read_whole(given.text("order"), "order")
    tracking = read_code(given.text("tracking"), "tracking", longest=TEXT_MAX)
    carrier = read_text(given.text("carrier"), "carrier", longest=TEXT_MAX)
    told = read_state(given.text("state")) if given.text("state") else None
    order = orders.get(number)
    if order is None or not tracking:
        msg = f"there is no order {number}" if order is None else "the row has no tracking number"
        raise InputError(msg, field="tracking" if order else "order")
    parcel = _parcel_of(order, tracking, taken)
    if parcel is None:
        if order.stays or number in leaving:
            why = order.stays or f"all of order {number} leaves by a row before this one"
            msg = f"{why}, and it has no parcel {tracking[:40]}, nor one without a number"
            raise InputError(msg, field="tracking")
        leaving.add(number)
        return ParcelRow(number, None, carrier, tracking, _told_of_new(told))
    taken.add(parcel.id)
    state = after(parcel.state, told) if told else parcel.state
    return ParcelRow(number, parcel, carrier or parcel.carrier, tracking, state)


def _parcel_of(order: KnownOrder, tracking: str, taken: set[UUID]) -> KnownParcel | None:
    for wanted in (tracking, ""):
        for each in order.parcels:
            if each.tracking == wanted and each.id not in taken:
                return each
    return None


def _told_of_new(told: ParcelState | None) -> ParcelState:
    return after(ParcelState.SHIPPED, told) if told else ParcelState.SHIPPED
