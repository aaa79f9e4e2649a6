"""Open a channel: its row, its connector, and the object that speaks to it."""

from collections.abc import Mapping
from secrets import token_urlsafe
from uuid import UUID

import msgspec
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.transport import Transport
from hub.flows.orders.take_orders import Seller
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.spec import ChannelConfig, Connector, Secret
from hub.spec.capabilities import OpenChannel
from hub.store import channels
from hub.store.channels import ChannelRow, NewChannel


class OpenedChannel(Struct, frozen=True):
    """`channel` may fulfill more Protocols of hub.spec than OpenChannel: ask with isinstance."""

    row: ChannelRow
    connector: Connector
    config: ChannelConfig
    channel: OpenChannel

    @property
    def seller(self) -> Seller:
        promises = not self.connector.manifest.orders_are_facts
        return Seller(
            id=self.row.id,
            actor=self.row.slug,
            place=self.row.location,
            promises=promises,
            names_our_skus=promises,
            joined_at=self.row.joined_at,
        )


def open_channel(ctx: HubContext, row: ChannelRow) -> OpenedChannel:
    """No network yet. Raises InputError where the connector is gone or the stored config no longer fits it."""
    connector = ctx.registry.connector(row.kind)
    plain = ctx.vault.open(row.credentials, row.account_id.bytes)
    config = read_settings(connector, plain)
    return OpenedChannel(
        row, connector, config, connector.open(Transport(ctx.client, config.base_url), config)
    )


def read_settings(connector: Connector, plain: bytes) -> ChannelConfig:
    try:
        return msgspec.json.decode(plain, type=connector.config_type)
    except msgspec.ValidationError as error:
        msg = f"the settings of a {connector.manifest.title} channel do not fit: {error}"
        raise InputError(msg, field="settings") from error


async def find_channel(ctx: HubContext, slug: str) -> ChannelRow:
    """Raises NotFoundError naming the channels there are."""
    async with ctx.db.transaction() as tx:
        row = await channels.channel_by_slug(tx, slug)
        if row is None:
            known = ", ".join(each.slug for each in await channels.all_channels(tx)) or "none yet"
            msg = f"there is no channel {slug!r}; the hub knows: {known}. Add one with: hub channel add"
            raise NotFoundError(msg)
    return row


async def channel_of(ctx: HubContext, channel_id: UUID) -> OpenedChannel | None:
    async with ctx.db.transaction() as tx:
        row = await channels.channel_by_id(tx, channel_id)
    return open_channel(ctx, row) if row else None


async def open_for_webhook(ctx: HubContext, token: str) -> OpenedChannel | None:
    """The channel a webhook address belongs to; None where the address is not one of ours."""
    async with ctx.db.transaction() as tx:
        row = await channels.channel_by_token(tx, token)
    return open_channel(ctx, row) if row else None


def webhook_url(ctx: HubContext, row: ChannelRow) -> str:
    return f"{ctx.config.url}/in/{row.webhook_token}"


def settings_json(connector: Connector, given: Mapping[str, str]) -> bytes:
    """Turn plain `name=value` settings into the connector's config, secrets wrapped; raises InputError by name."""
    fields = {field.name: field for field in msgspec.structs.fields(connector.config_type)}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        msg = (
            f"a {connector.manifest.title} channel has no setting {unknown[0]!r}; it has: {', '.join(fields)}"
        )
        raise InputError(msg, field=unknown[0])
    values = {
        name: {"value": value} if is_secret(fields[name].type) else value for name, value in given.items()
    }
    raw = msgspec.json.encode(values)
    read_settings(connector, raw)
    return raw


def is_secret(kind: object) -> bool:
    """Tell whether a field's type is Secret, bare or annotated."""
    return kind is Secret or getattr(kind, "__origin__", None) is Secret


async def add_channel(
    ctx: HubContext,
    *,
    kind: str,
    slug: str,
    name: str,
    settings: Mapping[str, str],
    location: str | None = None,
    pull_every_s: int = 60,
) -> ChannelRow:
    """Join a channel: check its settings, seal them, give it a webhook address. Raises InputError."""
    connector = ctx.registry.connector(kind)
    raw = settings_json(connector, settings)
    account_id = uuid7()
    new = NewChannel(
        id=uuid7(),
        account_id=account_id,
        slug=slug,
        name=name,
        kind=kind,
        credentials=ctx.vault.seal(raw, account_id.bytes),
        webhook_token=token_urlsafe(24),
        location=location,
        pull_every_s=pull_every_s,
    )
    async with ctx.db.transaction() as tx:
        if await channels.channel_by_slug(tx, slug):
            msg = f"there is a channel {slug!r} already: choose another name"
            raise InputError(msg, field="slug")
        await channels.add_channel(tx, new, at=now())
    return await find_channel(ctx, slug)
