"""Money of orders, for the edges: recorded in one transaction, then the channels are told what it changed."""

from collections.abc import Sequence
from datetime import datetime

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.orders.pay import Paid, record_payments
from hub.model.orders.payments import Entry


async def take_payments(ctx: HubContext, entries: Sequence[Entry], *, actor: str, at: datetime) -> Paid:
    """Raises InputError or NotFoundError with nothing written."""
    async with ctx.db.transaction() as tx:
        done = await record_payments(tx, entries, actor=actor, at=at)
    await ring_touched(ctx, done.touched)
    await ctx.bell.announce("orders")
    return done
