"""Edits, for the edges: made or undone, then what came free goes to the orders that wait for it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched
from hub.channels.shipping import promised_here
from hub.flows.orders.cancel import Canceled, cancel_orders
from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.record_edits import Done
from hub.flows.orders.split import Merge, Split, merge_orders, split_orders
from hub.flows.orders.undo import undo_edits
from hub.store.db import Tx, undone


async def edit_and_tell(ctx: HubContext, wanted: Sequence[Edit], *, actor: str, at: datetime) -> Done:
    """Raises InputError, NotFoundError, WrongStateError, OutOfStockError or StaleError with nothing written."""
    return await _do(ctx, lambda tx: edit_orders(tx, ctx.vault, wanted, actor=actor, at=at), actor, at)


async def cancel_and_tell(
    ctx: HubContext,
    numbers: Sequence[int],
    *,
    reason: str = "",
    command: UUID | None = None,
    actor: str,
    at: datetime,
    preview: bool = False,
) -> Canceled:
    """With `preview` nothing is changed. Raises InputError or NotFoundError."""
    async with ctx.db.transaction() as tx:
        if preview:
            async with undone(tx):
                return await cancel_orders(tx, ctx.vault, numbers, reason=reason, actor=actor, at=at)
        canceled = await cancel_orders(
            tx, ctx.vault, numbers, reason=reason, command=command, actor=actor, at=at
        )
    await _tell(ctx, canceled.done, actor, at)
    return canceled


async def undo_and_tell(ctx: HubContext, ids: Sequence[UUID], *, actor: str, at: datetime) -> Done:
    """Raises NotFoundError, WrongStateError or OutOfStockError with nothing written."""
    return await _do(ctx, lambda tx: undo_edits(tx, ctx.vault, ids, actor=actor, at=at), actor, at)


async def split_and_tell(ctx: HubContext, wanted: Sequence[Split], *, actor: str, at: datetime) -> Done:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""

    async def story(tx: Tx) -> Done:
        ours = await promised_here(ctx, tx)
        return await split_orders(tx, ctx.vault, wanted, ours=ours, actor=actor, at=at)

    return await _do(ctx, story, actor, at)


async def merge_and_tell(ctx: HubContext, wanted: Merge, *, actor: str, at: datetime) -> Done:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""

    async def story(tx: Tx) -> Done:
        ours = await promised_here(ctx, tx)
        return await merge_orders(tx, ctx.vault, wanted, ours=ours, actor=actor, at=at)

    return await _do(ctx, story, actor, at)


async def _do(ctx: HubContext, story: Callable[[Tx], Awaitable[Done]], actor: str, at: datetime) -> Done:
    async with ctx.db.transaction() as tx:
        done = await story(tx)
    await _tell(ctx, done, actor, at)
    return done


async def _tell(ctx: HubContext, done: Done, actor: str, at: datetime) -> None:
    filled = await fill_freed(ctx, done.freed, actor=actor, at=at)
    await ring_touched(ctx, done.touched | filled, to_tell=done.to_tell)
