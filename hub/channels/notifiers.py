"""Open a notifier: its row, its settings, and the transports it tells by."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.joining import SLUG
from hub.channels.lanes import Lane
from hub.channels.mail import MailTransport
from hub.channels.transport import Line, Transport
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.kit.queue import Ring
from hub.model.errors import HubError, InputError, NotFoundError
from hub.spec import Notice, Notifier, OpenNotifier, Probe, Severity
from hub.spec.config import read_settings, write_settings
from hub.store import notices
from hub.store.notices import NotifierRow


class OpenedNotifier(Struct, frozen=True):
    row: NotifierRow
    notifier: Notifier
    open: OpenNotifier


def open_notifier(ctx: HubContext, row: NotifierRow) -> OpenedNotifier:
    """No network yet. Raises InputError where its package is gone or the stored settings no longer fit it."""
    notifier = ctx.registry.notifier(row.kind)
    plain = ctx.vault.open(row.settings, row.id.bytes)
    config = read_settings(notifier.config_type, plain, version=row.settings_version)
    http = Transport(ctx.outside, getattr(config, "base_url", ""), Line(), Lane.BULK)
    return OpenedNotifier(row, notifier, notifier.open(http, MailTransport(), config))


async def find_notifier(ctx: HubContext, slug: str) -> NotifierRow:
    """Raises NotFoundError naming the notifiers there are."""
    async with ctx.db.transaction() as tx:
        row = await notices.notifier_by_slug(tx, slug)
        if row is None:
            known = ", ".join(each.slug for each in await notices.all_notifiers(tx)) or "none yet"
            msg = f"there is no notifier {slug!r}; the hub knows: {known}. Add one with: hub notifier add"
            raise NotFoundError(msg)
    return row


def refuse_slug(slug: str) -> None:
    """Raises InputError for what cannot name a notifier."""
    if not SLUG.fullmatch(slug):
        msg = f"{slug!r} cannot name a notifier: use small letters, digits and hyphens, for example owner"
        raise InputError(msg, field="slug")


async def add_notifier(
    ctx: HubContext, *, kind: str, slug: str, settings: Mapping[str, str], least: str = "info"
) -> NotifierRow:
    """Check the settings and seal them. Raises InputError."""
    config_type = ctx.registry.notifier(kind).config_type
    refuse_slug(slug)
    raw, new_id = write_settings(config_type, settings), uuid7()
    sealed = ctx.vault.seal(raw, new_id.bytes)
    row = NotifierRow(new_id, slug, kind, sealed, config_type.version, least, "active", "", None)
    async with ctx.db.transaction() as tx:
        if await notices.notifier_by_slug(tx, slug):
            msg = f"there is a notifier {slug!r} already: choose another name"
            raise InputError(msg, field="slug")
        await notices.add_notifier(tx, row, at=now())
    return await find_notifier(ctx, slug)


async def set_notifier(ctx: HubContext, row: NotifierRow, settings: Mapping[str, str]) -> None:
    """Change some settings and keep the others."""
    config_type = ctx.registry.notifier(row.kind).config_type
    held = ctx.vault.open(row.settings, row.id.bytes)
    raw = write_settings(config_type, settings, held=held, version=row.settings_version)
    sealed = ctx.vault.seal(raw, row.id.bytes)
    async with ctx.db.transaction() as tx:
        await notices.change_notifier(tx, row.id, settings=sealed, settings_version=config_type.version)


async def probe_notifier(ctx: HubContext, row: NotifierRow) -> list[Probe]:
    """Its own probes; settings that no longer fit are one that failed."""
    try:
        return await open_notifier(ctx, row).open.check()
    except HubError as error:
        return [Probe("settings", ok=False, detail=str(error))]


async def tell_test(ctx: HubContext, row: NotifierRow) -> None:
    """Tell one notice that says it is a test, at once. Raises what the notifier raises."""
    words = f"This is a test of the notifier {row.slug}. Nothing has happened, and nothing is to be done."
    title, link = "The hub can reach you", ctx.config.url
    notice = Notice(str(uuid7()), "notifier.test", Severity.INFO, title, words, link, now())
    await open_notifier(ctx, row).open.notify(notice)


async def ring_notifiers(ctx: HubContext, notifier_ids: set[UUID]) -> None:
    """After commit."""
    await ctx.bell.ring_each([Ring("tell_notices", each) for each in sorted(notifier_ids)])
