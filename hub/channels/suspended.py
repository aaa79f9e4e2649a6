"""After a person has decided on what was suspended: who tells it, and who looks at it, hears of it."""

from uuid import UUID

from hub.channels.context import HubContext


async def ring_decided(ctx: HubContext, channel_id: UUID) -> None:
    """After commit."""
    await ctx.bell.ring("push_stock", channel_id)
    await ctx.bell.announce("channels")
