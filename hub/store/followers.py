"""Exporters and observers: each follows what is committed by a cursor of its own."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import RowMapping, text

from hub.store.db import Tx, page


class Role(StrEnum):
    EXPORTER = "exporter"
    OBSERVER = "observer"


class Cursor(Struct, frozen=True):
    """How far it is. All events up to `event_id`; of stock, an exporter is within run `run`, after `sku`.

    That run takes what moved since `stock_since` (everything, where there is none); the next one begins at
    `stock_next`.
    """

    event_id: int = 0
    run: int = 0
    page: int = 0
    sku: str = ""
    stock_since: datetime | None = None
    stock_next: datetime | None = None


class FollowerRow(Struct, frozen=True):
    """`settings` are sealed with the id. No `topics`: all of them. `every_s` 0: by command only."""

    id: UUID
    role: Role
    slug: str
    kind: str
    settings: bytes
    settings_version: int
    topics: Sequence[str]
    every_s: int
    cursor: Cursor
    state: str = "active"
    problem: str = ""
    attempts: int = 0
    passed_over: int = 0
    next_at: datetime | None = None
    went_at: datetime | None = None


class FollowerHealth(Struct, frozen=True):
    """`behind` counts events that are not told yet."""

    slug: str
    kind: str
    topics: Sequence[str]
    every_s: int
    state: str
    problem: str
    passed_over: int
    went_at: datetime | None
    behind: int


_FROM = """SELECT id, role, slug, kind, settings, settings_version, topics, every_s, cursor, state, problem, attempts,
passed_over, next_at, went_at FROM followers"""
_BY_ID = text(f"{_FROM} WHERE id = :id")
_BY_SLUG = text(f"{_FROM} WHERE role = :role AND slug = :slug")
_SLUGS = text("SELECT slug FROM followers WHERE role = :role ORDER BY slug")


async def follower_by_id(tx: Tx, follower_id: UUID) -> FollowerRow | None:
    return _row((await tx.execute(_BY_ID, {"id": follower_id})).mappings().first())


async def follower_by_slug(tx: Tx, role: Role, slug: str) -> FollowerRow | None:
    return _row((await tx.execute(_BY_SLUG, {"role": role, "slug": slug})).mappings().first())


async def slugs(tx: Tx, role: Role) -> list[str]:
    return [row.slug for row in await tx.execute(_SLUGS, {"role": role})]


def _row(found: RowMapping | None) -> FollowerRow | None:
    if found is None:
        return None
    fields: dict[str, Any] = {str(name): value for name, value in found.items()}
    cursor = msgspec.convert(fields["cursor"], Cursor)
    return FollowerRow(**fields | {"role": Role(fields["role"]), "cursor": cursor})


_ADD = text("""
INSERT INTO followers (id, role, slug, kind, settings, settings_version, topics, every_s, cursor, next_at, created_at)
VALUES (:id, :role, :slug, :kind, :settings, :settings_version, :topics, :every_s, CAST(:cursor AS jsonb),
        :next_at, :at)""")
_CHANGE = text("""
UPDATE followers SET settings = :settings, settings_version = :settings_version, topics = :topics,
  every_s = :every_s, state = :state, next_at = :next_at, problem = '', attempts = 0 WHERE id = :id""")
_REMOVE = text("DELETE FROM followers WHERE id = :id")


async def add_follower(tx: Tx, row: FollowerRow, *, at: datetime) -> None:
    names = ("id", "role", "slug", "kind", "settings", "settings_version", "every_s", "next_at")
    values = {name: getattr(row, name) for name in names}
    await tx.execute(_ADD, {**values, "topics": list(row.topics), "cursor": page(row.cursor), "at": at})


async def change_follower(tx: Tx, row: FollowerRow) -> None:
    """Settings, topics, pace and state as this row has them; where it is stays, and old trouble is forgotten."""
    names = ("id", "settings", "settings_version", "every_s", "state", "next_at")
    await tx.execute(_CHANGE, {**{name: getattr(row, name) for name in names}, "topics": list(row.topics)})


async def remove_follower(tx: Tx, follower_id: UUID) -> None:
    await tx.execute(_REMOVE, {"id": follower_id})


_ADVANCE = text("""
UPDATE followers SET cursor = CAST(:cursor AS jsonb), problem = :problem, attempts = :attempts,
  passed_over = passed_over + :passed_over, next_at = :next_at,
  went_at = CASE WHEN :attempts = 0 THEN :at ELSE went_at END WHERE id = :id""")


async def advance(
    tx: Tx,
    row: FollowerRow,
    cursor: Cursor,
    *,
    next_at: datetime | None,
    problem: str = "",
    attempts: int = 0,
    passed_over: int = 0,
    at: datetime,
) -> None:
    """Say how far it is now, and when it is to go on; `attempts` above 0 says that it failed."""
    said = {"problem": problem, "attempts": attempts, "passed_over": passed_over, "next_at": next_at}
    await tx.execute(_ADVANCE, {"id": row.id, "cursor": page(cursor), "at": at, **said})


_DUE = text("""
SELECT id, role FROM followers WHERE state = 'active' AND next_at <= :at AND (
  role = 'exporter' OR (cursor->>'event_id')::bigint < coalesce((SELECT max(id) FROM events), 0))""")


async def followers_due(tx: Tx, *, at: datetime) -> list[tuple[UUID, Role]]:
    return [(row.id, Role(row.role)) for row in await tx.execute(_DUE, {"at": at})]


_HEALTH = text("""
SELECT f.slug, f.kind, f.topics, f.every_s, f.state, f.problem, f.passed_over, f.went_at,
  (SELECT count(*) FROM events e WHERE e.id > (f.cursor->>'event_id')::bigint) AS behind
FROM followers f WHERE f.role = :role ORDER BY f.slug""")


async def follower_health(tx: Tx, role: Role) -> list[FollowerHealth]:
    return [FollowerHealth(*row) for row in await tx.execute(_HEALTH, {"role": role})]
