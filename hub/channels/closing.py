"""Close a channel, and open it again: nothing is asked, told or taken meanwhile, and all that was stays."""

from datetime import datetime

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.joining import ring_all
from hub.channels.opening import find_channel, open_channel
from hub.channels.webhooks import ensure_webhooks, remove_webhooks
from hub.model.errors import HubError
from hub.spec import Probe
from hub.store import channels, publications
from hub.store.channels import ChannelRow
from hub.store.events import Event, add_events


class Switched(Struct, frozen=True):
    """`webhooks` says what became of them over there; empty where it never had any."""

    slug: str
    state: str
    webhooks: list[Probe]


async def close_channel(ctx: HubContext, slug: str, *, actor: str, at: datetime) -> Switched:
    """Take a channel out of service; closing it again only tries to remove its webhooks once more.

    It is closed before anybody calls it: a channel that does not answer is closed as well.
    """
    row = await find_channel(ctx, slug)
    if not row.is_closed:
        async with ctx.db.transaction() as tx:
            await channels.close(tx, row.id, at=at)
            await publications.stop_channel(tx, row.id, at=at)
            await add_events(tx, [Event("channel closed", actor, channel_id=row.id)], at=at)
        await ctx.bell.announce("channels")
    removed = await remove_webhooks(ctx, row)
    return Switched(slug, channels.CLOSED, [removed] if removed else [])


async def reopen_channel(ctx: HubContext, slug: str, *, actor: str, at: datetime) -> Switched:
    """Go on where it stopped: what was sold there meanwhile is taken, then every number is told. Again: nothing."""
    row = await find_channel(ctx, slug)
    if not row.is_closed:
        return Switched(slug, row.state, [])
    async with ctx.db.transaction() as tx:
        await channels.reopen(tx, row.id, at=at)
        await publications.open_channel(tx, row.id, at=at)
        await add_events(tx, [Event("channel opened", actor, channel_id=row.id)], at=at)
    probes = await _ensured(ctx, await find_channel(ctx, slug), at)
    await ring_all(ctx, row)
    return Switched(slug, "active", probes)


async def _ensured(ctx: HubContext, row: ChannelRow, at: datetime) -> list[Probe]:
    """Those it had before; a channel that does not answer now is asked again by itself."""
    if row.webhooks_at is None:
        return []
    try:
        return await ensure_webhooks(ctx, open_channel(ctx, row), at=at)
    except HubError as error:
        return [Probe("webhooks", ok=False, detail=str(error), remedy="the hub tries again by itself")]
