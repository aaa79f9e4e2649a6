"""Open an exporter or an observer: its row, its settings, and the transport it calls by."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from hub.channels.bugs import opening
from hub.channels.context import HubContext
from hub.channels.lanes import Lane
from hub.channels.transport import Line, Transport
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.spec import Exporter, Observer, OpenExporter, OpenObserver, Settings
from hub.spec.config import read_settings, write_settings
from hub.store import events, followers
from hub.store.followers import Cursor, FollowerRow, Role

LATER_S_MAX = 3600
JOBS = {Role.EXPORTER: "run_exporter", Role.OBSERVER: "tell_observer"}


def open_exporter(ctx: HubContext, row: FollowerRow) -> OpenExporter:
    """Raises InputError where its package is gone or fails, or the stored settings no longer fit it."""
    exporter = ctx.registry.exporter(row.kind)
    with opening(f"the {row.role}"):
        return exporter.open(*_outfit(ctx, row, exporter))


def open_observer(ctx: HubContext, row: FollowerRow) -> OpenObserver:
    """Raises InputError where its package is gone or fails, or the stored settings no longer fit it."""
    observer = ctx.registry.observer(row.kind)
    with opening(f"the {row.role}"):
        return observer.open(*_outfit(ctx, row, observer))


def _outfit(ctx: HubContext, row: FollowerRow, member: Exporter | Observer) -> tuple[Transport, Settings]:
    plain = ctx.vault.open(row.settings, row.id.bytes)
    config = read_settings(member.config_type, plain, version=row.settings_version)
    return Transport(ctx.outside, getattr(config, "base_url", ""), Line(), Lane.BULK), config


def config_type_of(ctx: HubContext, role: Role, kind: str) -> type[Settings]:
    """Raises InputError naming the kinds there are."""
    member = ctx.registry.exporter(kind) if role is Role.EXPORTER else ctx.registry.observer(kind)
    return member.config_type


async def find_follower(ctx: HubContext, role: Role, slug: str) -> FollowerRow:
    """Raises NotFoundError naming those there are."""
    async with ctx.db.transaction() as tx:
        row = await followers.follower_by_slug(tx, role, slug)
        if row is None:
            known = ", ".join(await followers.slugs(tx, role)) or "none yet"
            msg = f"there is no {role} {slug!r}; the hub knows: {known}. Add one with: hub {role} add"
            raise NotFoundError(msg)
    return row


async def add_follower(
    ctx: HubContext,
    role: Role,
    *,
    kind: str,
    slug: str,
    settings: Mapping[str, str],
    topics: Sequence[str] = (),
    every_s: int = 0,
    from_start: bool,
) -> FollowerRow:
    """Check the settings and seal them; without `from_start` it hears of nothing that is past. Raises InputError."""
    config_type = config_type_of(ctx, role, kind)
    raw, new_id, at = write_settings(config_type, settings), uuid7(), now()
    sealed = ctx.vault.seal(raw, new_id.bytes)
    async with ctx.db.transaction() as tx:
        if await followers.follower_by_slug(tx, role, slug):
            msg = f"there is an {role} {slug!r} already: choose another name"
            raise InputError(msg, field="slug")
        cursor = Cursor(0 if from_start else await events.newest_event(tx))
        row = FollowerRow(
            new_id, role, slug, kind, sealed, config_type.version, list(topics), every_s, cursor
        )
        await followers.add_follower(tx, replace(row, next_at=next_at(row, at)), at=at)
    return await find_follower(ctx, role, slug)


async def set_follower(ctx: HubContext, row: FollowerRow, settings: Mapping[str, str]) -> None:
    """Change some settings and keep the others; `row` has the topics and the pace as they shall be."""
    config_type = config_type_of(ctx, row.role, row.kind)
    held = ctx.vault.open(row.settings, row.id.bytes)
    raw = write_settings(config_type, settings, held=held, version=row.settings_version)
    sealed = ctx.vault.seal(raw, row.id.bytes)
    changed = replace(row, settings=sealed, settings_version=config_type.version, next_at=next_at(row, now()))
    async with ctx.db.transaction() as tx:
        await followers.change_follower(tx, changed)


async def switch_follower(ctx: HubContext, row: FollowerRow, *, state: str) -> None:
    """Pause it or let it go on; it goes on where it was."""
    async with ctx.db.transaction() as tx:
        await followers.change_follower(tx, replace(row, state=state, next_at=next_at(row, now())))


def next_at(row: FollowerRow, at: datetime) -> datetime | None:
    """When it is to be looked at after all is well: an observer always, an exporter by its pace."""
    return at if row.role is Role.OBSERVER else at + timedelta(seconds=row.every_s) if row.every_s else None


def later(attempts: int, at: datetime) -> datetime:
    """After a failure: ten seconds, then twice as long each time, an hour at most."""
    return at + timedelta(seconds=min(10 * 2 ** min(attempts, 20), LATER_S_MAX))


async def ring_follower(ctx: HubContext, role: Role, follower_id: UUID) -> None:
    """After commit."""
    await ctx.bell.ring(JOBS[role], follower_id)
