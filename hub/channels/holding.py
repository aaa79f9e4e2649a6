"""Holds, for the edges: put, and resolve many; a look at what resolving would do changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.orders.hold import Held, Resolved, put_holds, resolve_holds
from hub.model.orders.holds import Hold
from hub.store.db import undone


async def hold_orders(ctx: HubContext, wanted: Sequence[Hold], *, actor: str, at: datetime) -> Held:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        done = await put_holds(tx, wanted, actor=actor, at=at)
    await ring_touched(ctx, done.touched)
    return done


async def resolve_orders(
    ctx: HubContext, numbers: Sequence[int], reason: str, *, actor: str, at: datetime, preview: bool = False
) -> Resolved:
    """With `preview` nothing is changed. Raises NotFoundError or WrongStateError."""
    async with ctx.db.transaction() as tx:
        if preview:
            async with undone(tx):
                return await resolve_holds(tx, numbers, reason, actor=actor, at=at)
        done = await resolve_holds(tx, numbers, reason, actor=actor, at=at)
    await ring_touched(ctx, done.touched)
    return done
