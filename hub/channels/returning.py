"""Goods that come back, for the edges: taken back and restocked, then offered to the orders that wait for them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched
from hub.flows.orders.take_back import TakenBack, inspect, take_back
from hub.model.orders.returns import Comeback, Disposition
from hub.store.db import Tx


async def take_goods_back(
    ctx: HubContext, comebacks: Sequence[Comeback], *, actor: str, at: datetime
) -> TakenBack:
    """Raises InputError or NotFoundError with nothing written."""
    return await _do(ctx, lambda tx: take_back(tx, comebacks, actor=actor, at=at), actor=actor, at=at)


async def decide_over_goods(
    ctx: HubContext,
    ids: Sequence[UUID],
    disposition: Disposition,
    location: str | None,
    *,
    actor: str,
    at: datetime,
) -> TakenBack:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    return await _do(
        ctx, lambda tx: inspect(tx, ids, disposition, location, actor=actor, at=at), actor=actor, at=at
    )


async def _do(
    ctx: HubContext, story: Callable[[Tx], Awaitable[TakenBack]], *, actor: str, at: datetime
) -> TakenBack:
    async with ctx.db.transaction() as tx:
        done = await story(tx)
    await ring_touched(ctx, done.touched | await fill_freed(ctx, done.freed, actor=actor, at=at))
    return done
