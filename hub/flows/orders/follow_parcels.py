"""Follow parcels: what a carrier or a person says of one that left; what is sent back comes back as a return, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.orders.take_back import TakenBack, take_back
from hub.model.errors import NotFoundError
from hub.model.incoming import LineKind
from hub.model.orders.parcels import ParcelState, after
from hub.model.orders.returns import Comeback, Disposition, ShippedLine
from hub.model.orders.shipping import refuse_words
from hub.model.telling.kinds import Kind
from hub.store import returns, shipments
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.shipments import HeldParcel, Label
from hub.store.sync import write_backs


async def tell_parcels(tx: Tx, news: Mapping[UUID, ParcelState], *, actor: str, at: datetime) -> TakenBack:
    """Note what became of parcels; the same news again changes nothing. Goods sent back are put aside to be looked at.

    Raises NotFoundError or WrongStateError with nothing written.
    """
    held = await _lock(tx, list(news))
    states = {
        each.id: then for each in held.values() if (then := after(each.state, news[each.id])) != each.state
    }
    await shipments.tell_states(tx, states, at=at)
    told = [
        Event(_KINDS[then], actor, order_id=held[parcel_id].order_id) for parcel_id, then in states.items()
    ]
    await add_events(tx, told, at=at)
    back = [held[each] for each, then in states.items() if then is ParcelState.SENT_BACK]
    lines = await returns.lock_lines(tx, [line for parcel in back for line in parcel.units]) if back else {}
    return await take_back(tx, _comebacks(back, lines), actor=actor, at=at)


_KINDS: Mapping[ParcelState, Kind] = {
    ParcelState.DELIVERED: "parcel delivered",
    ParcelState.LOST: "parcel lost",
    ParcelState.SENT_BACK: "parcel returned to sender",
}


async def label_parcels(tx: Tx, labels: Sequence[Label], *, actor: str, at: datetime) -> set[UUID]:
    """Say who brings parcels that left, and under which number; return the channels that are to be told again.

    Raises InputError or NotFoundError.
    """
    for each in labels:
        refuse_words(each.carrier, each.tracking)
    held = await _lock(tx, [each.id for each in labels])
    await shipments.put_labels(tx, labels)
    facts = {each.id: {"carrier": each.carrier, "tracking": each.tracking} for each in labels}
    events = [
        Event("parcel labeled", actor, order_id=each.order_id, facts=facts[each.id]) for each in held.values()
    ]
    await add_events(tx, events, at=at)
    was = {each.id: (each.carrier, each.tracking) for each in held.values()}
    corrected = [each.id for each in labels if was[each.id] != (each.carrier, each.tracking)]
    return await write_backs.correct(tx, corrected, at=at)


async def _lock(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, HeldParcel]:
    held = await shipments.lock_parcels(tx, ids)
    unknown = sorted({*ids} - {*held}, key=str)
    if unknown:
        msg = f"there is no parcel {unknown[0]}: see hub parcel list"
        raise NotFoundError(msg)
    return held


def _comebacks(parcels: Sequence[HeldParcel], lines: Mapping[UUID, ShippedLine]) -> list[Comeback]:
    """What of the parcels is still out. Its ids follow from the parcel's, so that it comes back once."""
    out = {line.id: line.shipped - line.returned for line in lines.values() if line.kind == LineKind.ITEM}
    comebacks = []
    for parcel in parcels:
        for place, (line_id, units) in enumerate(sorted(parcel.units.items()), 1):
            back = min(units, out.get(line_id, 0))
            if back:
                out[line_id] -= back
                came_id = UUID(int=(parcel.id.int + place) % 2**128)
                comebacks.append(
                    Comeback(came_id, line_id, back, Disposition.INSPECT, reason="returned to sender")
                )
    return comebacks
