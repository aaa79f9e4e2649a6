"""Orders that a person types: taken at once, promised whole or refused with what is short."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched, take_again
from hub.channels.opening import OpenedChannel, find_open_channel, open_channel
from hub.flows.orders.arrive import arrive
from hub.flows.orders.take_orders import TakenOrder
from hub.model.errors import InputError, OutOfStockError
from hub.model.incoming import IncomingOrder
from hub.model.orders.fields import filled, of_lines, of_order
from hub.spec import Message
from hub.store import inbox, order_fields, orders
from hub.store.stock import skus

LOOKS = 30
LOOK_EVERY_S = 0.1


async def take_form(ctx: HubContext, slug: str, body: bytes, *, at: datetime) -> TakenOrder:
    """Take one typed order. The same form again gives the same order, so a double click is one order.

    Raises WrongStateError where the channel is closed, MalformedError with the field, InputError for a SKU the hub
    does not know, OutOfStockError with the lines that are short; the raw form is kept either way, once it could be
    read.
    """
    opened = open_channel(ctx, await find_open_channel(ctx, slug))
    if not opened.seller.promises:
        msg = f"channel {slug!r} sends its own orders: type this one into a channel of kind manual"
        raise InputError(msg, field="channel")
    messages = opened.connector.split_file(body)
    incoming = [opened.connector.to_incoming(message, opened.config) for message in messages]
    await _refuse_unknown(ctx, incoming)
    ids = await _keep(ctx, opened, messages, at)
    try:
        taken = await take_again(ctx, opened, at=at, only=ids)
    except OutOfStockError as error:
        await _refuse(ctx, ids, str(error), at=at)
        raise
    await ring_touched(ctx, taken.touched)
    if taken.orders:
        return taken.orders[0]
    await _raise_if_parked(ctx, ids)
    return await _taken_before(ctx, opened.row.id, [message.channel_order_id for message in messages])


async def _raise_if_parked(ctx: HubContext, ids: Sequence[UUID]) -> None:
    """Tell the clerk at once why the form could not be taken."""
    async with ctx.db.transaction() as tx:
        for each in await inbox.standing_of(tx, ids):
            if each.state == "parked":
                raise InputError(each.reason)


async def _refuse(ctx: HubContext, ids: Sequence[UUID], reason: str, *, at: datetime) -> None:
    """Keep the form with its reason. It waits for nobody: the clerk was told, and says what happens next."""
    async with ctx.db.transaction() as tx:
        await inbox.settle(tx, [inbox.Settled(each, "ignored", f"refused: {reason}") for each in ids], at=at)


async def _refuse_unknown(ctx: HubContext, incoming: Sequence[IncomingOrder]) -> None:
    lines = [(position, line.channel_sku) for order in incoming for position, line in enumerate(order.lines)]
    own = [order.custom for order in incoming if order.custom]
    of_each = [line.custom for order in incoming for line in order.lines if line.custom]
    async with ctx.db.transaction() as tx:
        known = await skus.kinds_of(tx, [sku for _, sku in lines if sku])
        fields = await order_fields.all_fields(tx) if own or of_each else []
    for values in own:
        filled(of_order(fields), {}, values)
    for values in of_each:
        filled(of_lines(fields), {}, values)
    for position, sku in lines:
        if sku and sku not in known:
            msg = f"there is no SKU {sku!r}: pick one from the list, or leave the SKU empty for a custom line"
            raise InputError(msg, field=f"lines[{position}].sku")


async def _keep(
    ctx: HubContext, opened: OpenedChannel, messages: Sequence[Message], at: datetime
) -> list[UUID]:
    """Store the form; one that was refused before and is sent again gets another chance."""
    async with ctx.db.transaction() as tx:
        arrived = await arrive(tx, ctx.vault, opened.row.id, messages, source="form", at=at)
        if not arrived.repeated:
            return arrived.ids
        again = await inbox.reopen(tx, opened.row.id, [message.delivery_key for message in messages])
    return [*arrived.ids, *again]


async def _taken_before(ctx: HubContext, channel_id: UUID, channel_order_ids: Sequence[str]) -> TakenOrder:
    """The order an earlier click made, or is making at this moment."""
    for _ in range(LOOKS):
        async with ctx.db.transaction() as tx:
            held = await orders.lock_held(tx, channel_id, channel_order_ids)
        for order in held.values():
            return TakenOrder(order.id, order.number, order.channel_order_id, order.holds)
        await asyncio.sleep(LOOK_EVERY_S)
    msg = "this form was sent before and could not be taken: start a new order"
    raise InputError(msg, field="command_id")
