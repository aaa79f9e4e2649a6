"""What waits for a person: orders, listings, messages, numbers refused, held back or changed, channels in trouble."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from litestar import get
from litestar.response import Template
from msgspec import Struct

from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.orders.holds import can_be_resolved
from hub.model.orders.states import Counts, Wait, waits_for
from hub.store.desk.waiting import (
    HeldOrder,
    UnmatchedListing,
    asking_channels,
    held_orders,
    parked_messages,
    rejected_publications,
    troubled_channels,
    unmatched_listings,
)
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, name_of, open_person, render

SHOWN_MAX = 50
SKUS_MAX = 3  # of one order; the others are on its page


class HeldLine(Struct, frozen=True):
    """One held order, and what ends each wait: SKUs to open, a listing on this page to match, holds to resolve."""

    number: int
    channel_kind: str
    channel_name: str
    customer: str
    placed_at: datetime
    total: Decimal
    currency: str
    waits: list[Wait]
    lacking: list[str]
    match: UUID | None
    resolvable: list[str]


class Asked(Struct, frozen=True):
    """A form of the page that comes back: about what, what was typed, and what is wrong with it."""

    about: UUID | None = None
    given: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}


@get("/waiting", include_in_schema=False)
async def waiting_page(request: AnyRequest) -> Template:
    return await render_waiting(request, at=now())


async def render_waiting(
    request: AnyRequest, *, at: datetime, asked: Asked | None = None, status: int = 200
) -> Template:
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        listings = await unmatched_listings(tx, limit=SHOWN_MAX)
        held = await held_orders(tx, limit=SHOWN_MAX)
        values = {
            "orders": [_held(order, listings, ctx.vault) for order in held],
            "listings": listings,
            "messages": await parked_messages(tx, limit=SHOWN_MAX),
            "publications": await rejected_publications(tx, limit=SHOWN_MAX),
            "asking": await asking_channels(tx),
            "channels": await troubled_channels(tx, at=at),
            "asked": asked or Asked(),
        }
        frame = Frame("waiting", "orders,stock,channels")
        return await render(tx, "waiting.html", frame, format_of(request, at), values, status=status)


def _held(order: HeldOrder, listings: list[UnmatchedListing], vault: Vault) -> HeldLine:
    theirs = (
        each.id
        for each in listings
        if each.channel_slug == order.channel_slug and each.channel_listing_id in order.unmatched
    )
    return HeldLine(
        number=order.number,
        channel_kind=order.channel_kind,
        channel_name=order.channel_name,
        customer=name_of(open_person(vault, order.id, order.personal)),
        placed_at=order.placed_at,
        total=order.total,
        currency=order.currency,
        waits=waits_for(Counts(), order.holds, canceled=False),
        lacking=order.lacking[:SKUS_MAX] if "oversold" in order.holds else [],
        match=next(theirs, None) if "unmatched" in order.holds else None,
        resolvable=[hold for hold in order.holds if can_be_resolved(hold)],
    )
