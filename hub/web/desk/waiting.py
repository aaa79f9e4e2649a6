"""What waits for a person: held orders, parked messages, rejected publications, channels in trouble."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.states import Counts, Wait, waits_for
from hub.store.desk.waiting import (
    HeldOrder,
    held_orders,
    parked_messages,
    rejected_publications,
    troubled_channels,
)
from hub.store.inbox import retry_parked
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, name_of, open_person, render

SHOWN_MAX = 50


class HeldLine(Struct, frozen=True):
    number: int
    channel_kind: str
    channel_name: str
    customer: str
    placed_at: datetime
    total: Decimal
    currency: str
    waits: list[Wait]


@get("/waiting", include_in_schema=False)
async def waiting_page(request: AnyRequest) -> Template:
    at, ctx = now(), hub_of(request)
    async with ctx.db.transaction() as tx:
        values = {
            "orders": [_held(order, ctx.vault) for order in await held_orders(tx, limit=SHOWN_MAX)],
            "messages": await parked_messages(tx, limit=SHOWN_MAX),
            "publications": await rejected_publications(tx, limit=SHOWN_MAX),
            "channels": await troubled_channels(tx, at=at),
        }
        frame = Frame("waiting", "orders,stock,channels")
        return await render(tx, "waiting.html", frame, format_of(request, at), values)


@post("/waiting/messages/{message_id:uuid}/retry", status_code=200, include_in_schema=False)
async def retry_message(request: AnyRequest, message_id: FromPath[UUID]) -> Redirect:
    """Put one parked message back in line; harmless where it is not parked any more."""
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        channels = await retry_parked(tx, ids=[message_id])
    for channel_id in channels:
        await ctx.bell.ring("take_inbox", channel_id)
    return Redirect("/waiting", status_code=303)


def _held(order: HeldOrder, vault: Vault) -> HeldLine:
    return HeldLine(
        number=order.number,
        channel_kind=order.channel_kind,
        channel_name=order.channel_name,
        customer=name_of(open_person(vault, order.id, order.personal)),
        placed_at=order.placed_at,
        total=order.total,
        currency=order.currency,
        waits=waits_for(Counts(), order.holds, canceled=False),
    )
