"""Import parcels: orders leave, parcels get their numbers and news of them are told. The same file twice is once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.flows.imports.taking import Around, By, Taken
from hub.flows.orders.follow_parcels import label_parcels, tell_parcels
from hub.flows.orders.ship import ship
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.imports import parcels
from hub.model.imports.lines import Line, refused
from hub.model.imports.parcels import ParcelRow
from hub.model.imports.rows import Given
from hub.model.orders.shipping import Parcel
from hub.store import channels, orders
from hub.store.db import Tx
from hub.store.imports.parcels import known_orders
from hub.store.shipments import Label

Judged = tuple[Line, ParcelRow | None]


async def look(tx: Tx, rows: Sequence[Given], around: Around) -> list[Judged]:
    """What each row would change; nothing is written."""
    known = await known_orders(
        tx, _numbers(rows), elsewhere=await channels.shipped_elsewhere(tx, around.our_own)
    )
    return parcels.judge_all(rows, known)


async def take(tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime) -> Taken:
    """Orders are locked first, for all that is done; then some leave, and others are labeled and told of."""
    ids = await orders.ids_of(tx, _numbers(rows))
    await orders.lock_open(tx, sorted(ids.values()))
    judged = await look(tx, rows, around)
    new = {row.order: uuid7() for line, row in judged if line.writes and row and row.parcel is None}
    leaving = [
        Parcel(new[row.order], row.order, {}, row.carrier, row.tracking)
        for line, row in judged
        if line.writes and row and row.parcel is None
    ]
    elsewhere = await channels.shipped_elsewhere(tx, around.our_own)
    done = await ship(tx, leaving, elsewhere=elsewhere, actor=by.actor, at=at, each_alone=True)
    judged = [_after(each, done.refused) for each in judged]
    followed = [
        (row.parcel.id if row.parcel else new[row.order], row) for line, row in judged if line.writes and row
    ]
    labels = [Label(parcel_id, row.carrier, row.tracking) for parcel_id, row in followed if _relabels(row)]
    await label_parcels(tx, labels, actor=by.actor, at=at)
    news = {parcel_id: row.state for parcel_id, row in followed if row.state != "shipped"}
    told = await tell_parcels(tx, news, actor=by.actor, at=at)
    return Taken([line for line, _ in judged], done.touched | told.touched)


def _numbers(rows: Sequence[Given]) -> list[int]:
    words = [given.text("order") for given in rows]
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 16]


def _relabels(row: ParcelRow) -> bool:
    held = row.parcel
    return held is not None and (held.carrier, held.tracking) != (row.carrier, row.tracking)


def _after(each: Judged, refusals: Mapping[int, str]) -> Judged:
    """An order that could not leave after all says why on its row."""
    line, row = each
    if row is None or row.parcel is not None or row.order not in refusals:
        return each
    return refused(line.row, line.key, InputError(refusals[row.order], field="order")), None
