"""What of an order may leave now, and the parcels that have left."""

from uuid import UUID

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.shipping import our_own, page_of
from hub.kit.ids import uuid7
from hub.model.incoming import Person
from hub.model.orders.parcels import NEXT, ParcelState
from hub.model.orders.shipping import goes_to, stopping_holds
from hub.store import shipments
from hub.store.db import Tx
from hub.store.desk.beside import Beside, orders_beside
from hub.store.desk.order import Line, OrderPage
from hub.store.shipments import Shipment
from hub.web.desk.page import open_person


class ParcelView(Struct, frozen=True):
    shipment: Shipment
    url: str

    @property
    def next(self) -> tuple[ParcelState, ...]:
        """What may become of it."""
        return NEXT[self.shipment.state]


class ParcelsView(Struct, frozen=True):
    """`ready` are the lines with promised units; `held_by` are the holds that keep them here. `beside` are orders that
    can leave in the same parcel. `command_id` makes a double click one parcel.
    """

    command_id: str
    ready: list[Line] = []
    sent: list[ParcelView] = []
    held_by: list[str] = []
    carriers: list[str] = []
    beside: list[Beside] = []


async def view_parcels(tx: Tx, ctx: HubContext, page: OrderPage, person: Person | None) -> ParcelsView:
    """What has left, also by the channel's word. What may leave is nothing where it is shipped there, or canceled."""
    found = await shipments.shipments_of(tx, page.head.number)
    sent = [ParcelView(each, page_of(ctx, each.carrier, each.tracking)) for each in found]
    leaves_here = page.head.channel_ships_here or page.head.channel_kind in our_own(ctx)
    here = leaves_here and page.head.canceled_at is None
    ready = [line for line in page.lines if here and line.kind == "item" and line.allocated]
    held_by = stopping_holds(page.head.holds)
    carriers = sorted(each.title for each in ctx.registry.carriers.values())
    beside = await _beside(tx, ctx, page.head.id, person) if ready and person and not page.head.pickup else []
    return ParcelsView(str(uuid7()), ready, sent, held_by, carriers, beside)


async def _beside(tx: Tx, ctx: HubContext, order_id: UUID, person: Person) -> list[Beside]:
    """What goes to the same person at the same address."""
    if not any(goes_to(person)):
        return []
    found = await orders_beside(tx, order_id, our_own(ctx))
    people = [open_person(ctx.vault, each.id, each.personal) for each in found]
    return [
        each
        for each, other in zip(found, people, strict=True)
        if other is not None and goes_to(other) == goes_to(person)
    ]
