"""Join a channel, whoever asks for it: what is refused before a secret is typed, and what its connection says."""

import re
from collections.abc import Mapping

from hub.channels.accounts import keys_of
from hub.channels.bugs import BUGS, fault_of, opening
from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel, line_of, open_channel
from hub.channels.transport import Transport
from hub.kit.queue import Ring
from hub.model.errors import HubError, InputError, NotFoundError
from hub.spec import Connector, Probe
from hub.spec.capabilities import OpenChannel
from hub.spec.config import read_settings, write_settings
from hub.store import accounts, channels
from hub.store.channels import ChannelRow
from hub.store.stock import locations

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


async def refuse_bad(ctx: HubContext, slug: str, location: str | None) -> None:
    """Say what is wrong before anybody types a secret. Raises InputError and NotFoundError."""
    if not SLUG.fullmatch(slug):
        msg = f"{slug!r} cannot name a channel: use small letters, digits and hyphens, for example shop-de"
        raise InputError(msg, field="slug")
    async with ctx.db.transaction() as tx:
        taken = await channels.channel_by_slug(tx, slug)
        known = [each.code for each in await locations.all_locations(tx)]
    if taken:
        msg = f"there is a channel {slug!r} already: choose another name"
        raise InputError(msg, field="slug")
    if location is not None and location not in known:
        msg = f"there is no location {location!r}: the hub knows {', '.join(known) or 'none yet'}"
        raise NotFoundError(msg)


async def probe(opened: OpenedChannel) -> list[Probe]:
    """The connection's own probes; whatever stopped them is one more that failed."""
    return await _probe(opened.channel, opened.row.kind)


async def probe_settings(ctx: HubContext, connector: Connector, settings: Mapping[str, str]) -> list[Probe]:
    """What the connection would say with these settings; nothing is kept. Raises InputError by the setting's name."""
    kind = connector.manifest.kind
    config = read_settings(connector.config_type, write_settings(connector.config_type, settings))
    line = line_of(connector, config, keys_of(ctx.vault, connector, config))
    with opening(f"the {kind} connector", settings="these settings", author="the connector's author"):
        channel = connector.open(Transport(ctx.outside, config.base_url, line), config)
    return await _probe(channel, kind)


async def _probe(channel: OpenChannel, kind: str) -> list[Probe]:
    try:
        return await channel.check()
    except (HubError, *BUGS) as error:
        return [Probe("connection", ok=False, detail=fault_of(f"the {kind} connector", error))]


async def try_again(ctx: HubContext, row: ChannelRow) -> tuple[list[Probe], bool]:
    """Its probes, and whether it had stood still and goes on now."""
    probes = await probe(open_channel(ctx, row))
    stood_still = row.account_state != "ok" or row.failures > 0
    if not stood_still or not all(each.ok for each in probes):
        return probes, False
    await reconnect(ctx, row)
    return probes, True


async def reconnect(ctx: HubContext, row: ChannelRow) -> None:
    """Its login is good again: it can be talked to, and so can every channel that waited for the same."""
    async with ctx.db.transaction() as tx:
        reconnected = await accounts.reconnect(tx, row.account_id)
        alike = [each for each in await channels.all_channels(tx) if each.id in reconnected]
    for each in alike:
        await ring_all(ctx, each)


async def ring_all(ctx: HubContext, row: ChannelRow) -> None:
    jobs = ("pull_orders", "push_stock", "take_inbox")
    await ctx.bell.ring_each([Ring(job, row.id) for job in jobs], ["channels"])
