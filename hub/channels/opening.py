"""Open a channel: its row, its connector, and the object that speaks to it."""

from collections.abc import Mapping
from secrets import token_urlsafe
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.channels.accounts import keys_of
from hub.channels.bugs import opening
from hub.channels.calls import Redactor
from hub.channels.context import HubContext
from hub.channels.lanes import Lane
from hub.channels.tokens import TokenKeeper
from hub.channels.transport import Line, Transport
from hub.flows.orders.take_orders import Seller
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.paying import Patience
from hub.spec import ChannelConfig, Connector, LogsIn, Redacts, Secret
from hub.spec.capabilities import OpenChannel
from hub.spec.config import read_settings, secrets_of, typed_text, write_settings
from hub.store import channels
from hub.store.accounts import AccountKeys
from hub.store.channels import ChannelRow, NewChannel
from hub.store.doubts import doubt_all


class OpenedChannel(Struct, frozen=True):
    """`channel` may fulfill more Protocols of hub.spec than OpenChannel: ask with isinstance."""

    row: ChannelRow
    connector: Connector
    config: ChannelConfig
    channel: OpenChannel
    keys: AccountKeys

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
            patience=Patience(self.row.unpaid_hours, tuple(self.row.unpaid_but)),
            handling=self.row.handling,
            ships_here=promises or self.row.ships_here,
        )


def open_channel(ctx: HubContext, row: ChannelRow, *, lane: Lane = Lane.PROMPT) -> OpenedChannel:
    """No network yet. Raises InputError where the connector is gone or fails, or what is stored no longer fits it."""
    with opening(
        f"the {row.kind} connector", settings="the channel's settings", author="the connector's author"
    ):
        return _open(ctx, row, lane)


def _open(ctx: HubContext, row: ChannelRow, lane: Lane) -> OpenedChannel:
    connector = ctx.registry.connector(row.kind)
    plain = ctx.vault.open(row.credentials, row.account_id.bytes)
    config = read_settings(connector.config_type, plain, version=row.settings_version)
    keys = keys_of(ctx.vault, connector, config)
    line = line_of(connector, config, keys, row)
    if isinstance(connector, LogsIn):
        plainly = Transport(ctx.outside, config.base_url, line, lane)
        keeper = TokenKeeper(ctx.db, ctx.vault, row.account_id, connector, config, plainly)
        line = replace(line, tokens=keeper)
    http = Transport(ctx.outside, config.base_url, line, lane)
    return OpenedChannel(row, connector, config, connector.open(http, config), keys)


def line_of(
    connector: Connector, config: ChannelConfig, keys: AccountKeys, row: ChannelRow | None = None
) -> Line:
    """How calls of this channel go out: within which budgets, and recorded without what. None: it is not joined yet."""
    manifest = connector.manifest
    account, channel = (str(row.account_id), str(row.id)) if row else ("", "")
    redact = connector.redact if isinstance(connector, Redacts) else None
    return Line(
        account=account,
        limits=keys.limits.hex() if keys.limits else "",
        channel=channel,
        budgets=manifest.budgets,
        redactor=Redactor(secrets_of(config), redact),
        idempotency_header=manifest.idempotency_header,
        token_header=manifest.token_header,
        token_prefix=manifest.token_prefix,
    )


async def find_channel(ctx: HubContext, slug: str) -> ChannelRow:
    """Raises NotFoundError naming the channels there are."""
    async with ctx.db.transaction() as tx:
        row = await channels.channel_by_slug(tx, slug)
        if row is None:
            known = ", ".join(each.slug for each in await channels.all_channels(tx)) or "none yet"
            msg = f"there is no channel {slug!r}; the hub knows: {known}. Add one with: hub channel add"
            raise NotFoundError(msg)
    return row


async def find_open_channel(ctx: HubContext, slug: str) -> ChannelRow:
    """As find_channel; raises WrongStateError where it is closed."""
    row = await find_channel(ctx, slug)
    if row.is_closed:
        msg = f"channel {slug!r} is closed: open it again with: hub channel open {slug}"
        raise WrongStateError(msg)
    return row


async def channel_of(ctx: HubContext, channel_id: UUID, *, lane: Lane = Lane.PROMPT) -> OpenedChannel | None:
    async with ctx.db.session() as session:
        row = await channels.channel_by_id(session, channel_id)
    return open_channel(ctx, row, lane=lane) if row else None


async def open_for_webhook(ctx: HubContext, token: str) -> OpenedChannel | None:
    """The channel a webhook address belongs to; None where the address is not one of ours, or closed."""
    async with ctx.db.session() as session:
        row = await channels.channel_by_token(session, token)
    return None if row is None or row.is_closed else open_channel(ctx, row)


def webhook_url(ctx: HubContext, row: ChannelRow) -> str:
    return f"{ctx.config.url}/in/{row.webhook_token}"


def held_settings(ctx: HubContext, row: ChannelRow) -> tuple[dict[str, str], frozenset[str]]:
    """What is stored, as it was typed in, and the names of the secrets that are set. Raises InputError."""
    config_type = ctx.registry.connector(row.kind).config_type
    plain = ctx.vault.open(row.credentials, row.account_id.bytes)
    config = read_settings(config_type, plain, version=row.settings_version)
    values = {name: getattr(config, name) for name in config.__struct_fields__}
    secrets = {name for name, value in values.items() if isinstance(value, Secret) and value.value}
    shown = {name: typed_text(value) for name, value in values.items() if not isinstance(value, Secret)}
    return shown, frozenset(secrets)


async def set_channel(ctx: HubContext, row: ChannelRow, settings: Mapping[str, str]) -> None:
    """Change some settings of the channel's account and keep the others. Raises InputError."""
    connector = ctx.registry.connector(row.kind)
    config_type = connector.config_type
    held = ctx.vault.open(row.credentials, row.account_id.bytes)
    raw = write_settings(config_type, settings, held=held, version=row.settings_version)
    sealed = ctx.vault.seal(raw, row.account_id.bytes)
    keys = keys_of(ctx.vault, connector, read_settings(config_type, raw))
    async with ctx.db.transaction() as tx:
        await channels.save_credentials(tx, row.account_id, sealed, keys, version=config_type.version)
        await doubt_all(tx, row.id)


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
    config_type = connector.config_type
    raw = write_settings(config_type, settings)
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
        settings_version=config_type.version,
        keys=keys_of(ctx.vault, connector, read_settings(config_type, raw)),
    )
    async with ctx.db.transaction() as tx:
        if await channels.channel_by_slug(tx, slug):
            msg = f"there is a channel {slug!r} already: choose another name"
            raise InputError(msg, field="slug")
        await channels.add_channel(tx, new, at=now())
    return await find_channel(ctx, slug)
