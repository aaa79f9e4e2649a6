"""The webhooks that a channel keeps for the hub: made by a person's word, looked after, removed when it is closed."""

from collections.abc import Sequence
from datetime import datetime

from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel, open_channel, webhook_url
from hub.model.errors import HubError, WrongStateError
from hub.spec import Probe, ReceivesWebhooks
from hub.store import channels
from hub.store.channels import ChannelRow

SWITCHED_OFF = "webhooks switched off by the channel"


async def ensure_webhooks(ctx: HubContext, opened: OpenedChannel, *, at: datetime) -> list[Probe]:
    """Have the channel send its webhooks here; what it had switched off is counted, where people see it (C72).

    From now on they are looked after. Raises WrongStateError where its kind sends none, and what the channel raises.
    """
    channel = opened.channel
    if not isinstance(channel, ReceivesWebhooks):
        msg = f"a {opened.connector.manifest.title} channel sends no webhooks: its orders are pulled or typed"
        raise WrongStateError(msg)
    probes = await channel.ensure_webhooks(webhook_url(ctx, opened.row))
    await note_webhooks(ctx, opened.row, probes, at=at)
    return probes


async def note_webhooks(ctx: HubContext, row: ChannelRow, probes: Sequence[Probe], *, at: datetime) -> None:
    mended = any(each.mended for each in probes)
    problem = "; ".join(_in_words(each) for each in probes if not each.ok)
    async with ctx.db.transaction() as tx:
        await channels.note_webhooks(tx, row.id, problem=problem, at=at)
        if mended:
            await channels.count(tx, row.id, SWITCHED_OFF, at=at)
    if mended or problem != row.webhooks_problem:
        await ctx.bell.announce("channels")


async def remove_webhooks(ctx: HubContext, row: ChannelRow) -> Probe | None:
    """Take them away over there; None where there were never any. What goes wrong is a probe with its remedy."""
    try:
        channel = open_channel(ctx, row).channel
        if row.webhooks_at is None or not isinstance(channel, ReceivesWebhooks):
            return None
        await channel.remove_webhooks(webhook_url(ctx, row))
    except HubError as error:
        remedy = f"delete them there, or close it again later; they go to {webhook_url(ctx, row)}"
        return Probe("webhooks", ok=False, detail=str(error), remedy=remedy)
    return Probe("webhooks", ok=True, detail="removed there")


def _in_words(probe: Probe) -> str:
    return f"{probe.name}: {probe.detail or 'does not stand'}{f', {probe.remedy}' if probe.remedy else ''}"
