"""Duplicate: what was ordered once becomes a draft, with who ordered it, to be looked at like any other."""

from datetime import datetime

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from hub.channels.context import HubContext
from hub.channels.drafts import promising_channels
from hub.flows.orders.own_fields import with_known_fields
from hub.flows.orders.versions import read_versions
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Address, IncomingOrder
from hub.store import orders
from hub.store.desk.stock import find_items
from hub.store.orders import HeldOrder
from hub.web.desk.orders.draft import OWN_INPUT, PLACE, Draft, DraftLine
from hub.web.desk.orders.saving import ACTOR, Standing, save
from hub.web.desk.page import AnyRequest, hub_of


@post("/orders/{number:int}/duplicate", status_code=200, include_in_schema=False)
async def duplicate_order(request: AnyRequest, number: FromPath[int]) -> Redirect:
    draft, _ = await duplicate(hub_of(request), number, draft_id=str(uuid7()), actor=ACTOR, at=now())
    return Redirect(f"/orders/new?draft={draft.command_id}", status_code=303)


async def duplicate(
    ctx: HubContext, number: int, *, draft_id: str, actor: str, at: datetime
) -> tuple[Draft, Standing]:
    """Keep a draft of what was ordered; its stock is reserved as for any draft, and nothing is ordered yet.

    The same id again is the same draft. Raises NotFoundError, or InputError where it cannot be kept.
    """
    async with ctx.db.transaction() as tx:
        held = await orders.read_held(tx, number)
        if held is None:
            msg = f"there is no order {number}: check the number"
            raise NotFoundError(msg)
        order = (await read_versions(tx, ctx.vault, [held.id]))[held.id].order
        channels = await promising_channels(tx, ctx)
        (order,) = await with_known_fields(tx, [order])
        draft = draft_of(order, held, draft_id, channel=channels[0].slug if channels else "")
        found = await find_items(tx, [line.item for line in draft.lines])
    standing = await save(ctx, draft, found, at=at, actor=actor)
    if standing.problem:
        raise InputError(standing.problem, field="lines")
    return draft, standing


def draft_of(order: IncomingOrder, held: HeldOrder, draft_id: str, *, channel: str) -> Draft:
    """What still counts of the order, by our SKUs; of a pack, its units, at the price that is the SKU's own."""
    skus = {line.channel_line_id: (line.sku, line.units) for line in held.lines}
    lines = []
    for line in order.lines:
        sku, units = skus.get(line.channel_line_id, (None, 1))
        if live := line.quantity - line.canceled:
            price = str(line.unit_price) if units == 1 else ""
            lines.append(DraftLine(sku or line.title, str(live * units), price, sku is None, line.custom))
    person, to = order.person, order.person.shipping or Address()
    fields = {
        "channel": channel,
        "currency": order.currency,
        "name": person.name or to.name,
        "email": person.email,
        "phone": person.phone or to.phone,
        "shipping_method": order.shipping_method,
        "pickup": order.pickup.name if order.pickup else "",
        "shipping_price": str(order.shipping_total) if order.shipping_total else "",
    }
    fields |= {name: getattr(to, name) for name in PLACE}
    return Draft(
        draft_id, fields | {f"{OWN_INPUT}{key}": value for key, value in order.custom.items()}, lines
    )
