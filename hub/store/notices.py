"""Notifiers, and the notices each of them still has to tell. A notice has one natural key: it is told once (L1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page


class NotifierRow(Struct, frozen=True):
    """`settings` are sealed with the id."""

    id: UUID
    slug: str
    kind: str
    settings: bytes
    settings_version: int
    least: str
    state: str
    problem: str
    told_at: datetime | None


class NotifierHealth(Struct, frozen=True):
    slug: str
    kind: str
    least: str
    state: str
    problem: str
    told_at: datetime | None
    waiting: int
    failed: int


class NoticeRow(Struct, frozen=True):
    id: UUID
    key: str
    topic: str
    severity: str
    title: str
    body: str
    link: str


class DueNotice(Struct, frozen=True):
    id: UUID
    topic: str
    severity: str
    title: str
    body: str
    link: str
    at: datetime
    attempts: int


class Told(Struct, frozen=True):
    """What became of one notice at one notifier; one that is still `waiting` is due again after `retry_s`."""

    notice_id: UUID
    state: str
    reason: str = ""
    retry_s: float = 0


_FIELDS = "id, slug, kind, settings, settings_version, least, state, problem, told_at"
_FROM = "FROM notifiers"
_ALL = text(f"SELECT {_FIELDS} {_FROM} ORDER BY slug")
_BY_ID = text(f"SELECT {_FIELDS} {_FROM} WHERE id = :id")
_BY_SLUG = text(f"SELECT {_FIELDS} {_FROM} WHERE slug = :slug")


async def all_notifiers(tx: Tx) -> list[NotifierRow]:
    return [NotifierRow(*row) for row in await tx.execute(_ALL)]


async def notifier_by_id(tx: Tx, notifier_id: UUID) -> NotifierRow | None:
    row = (await tx.execute(_BY_ID, {"id": notifier_id})).first()
    return NotifierRow(*row) if row else None


async def notifier_by_slug(tx: Tx, slug: str) -> NotifierRow | None:
    row = (await tx.execute(_BY_SLUG, {"slug": slug})).first()
    return NotifierRow(*row) if row else None


_PUT = text("""
INSERT INTO notifiers (id, slug, kind, settings, settings_version, least, created_at)
VALUES (:id, :slug, :kind, :settings, :settings_version, :least, :at)""")
_CHANGE = text("""
UPDATE notifiers SET settings = coalesce(CAST(:settings AS bytea), settings),
  settings_version = coalesce(CAST(:settings_version AS int), settings_version),
  least = coalesce(:least, least), state = coalesce(:state, state) WHERE id = :id""")
_REMOVE = text("DELETE FROM notifiers WHERE id = :id")


async def add_notifier(tx: Tx, row: NotifierRow, *, at: datetime) -> None:
    values = {
        name: getattr(row, name) for name in ("id", "slug", "kind", "settings", "settings_version", "least")
    }
    await tx.execute(_PUT, {**values, "at": at})


async def change_notifier(
    tx: Tx,
    notifier_id: UUID,
    *,
    settings: bytes | None = None,
    settings_version: int | None = None,
    least: str | None = None,
    state: str | None = None,
) -> None:
    """Change what is given, leave the rest."""
    wanted = {"settings": settings, "settings_version": settings_version, "least": least, "state": state}
    await tx.execute(_CHANGE, {**wanted, "id": notifier_id})


async def remove_notifier(tx: Tx, notifier_id: UUID) -> None:
    await tx.execute(_REMOVE, {"id": notifier_id})


_POST = text("""
WITH ranks AS (SELECT severity, rank FROM unnest(ARRAY['info', 'warning', 'critical'])
  WITH ORDINALITY AS r(severity, rank)
), new AS (
  INSERT INTO notices (id, key, topic, severity, title, body, link, at)
  SELECT id, key, topic, severity, title, body, link, :at FROM (
    SELECT DISTINCT ON (key) * FROM json_to_recordset(CAST(:page AS json)) AS r(
      id uuid, key text, topic text, severity text, title text, body text, link text) ORDER BY key, id) x
  ON CONFLICT (key) DO NOTHING RETURNING id, severity
), told AS (
  INSERT INTO tellings (notice_id, notifier_id, next_try_at)
  SELECT new.id, n.id, :at FROM new JOIN ranks said ON said.severity = new.severity
  CROSS JOIN notifiers n JOIN ranks wanted ON wanted.severity = n.least
  WHERE n.state = 'active' AND wanted.rank <= said.rank
  RETURNING notifier_id
)
SELECT DISTINCT notifier_id FROM told""")


async def post(tx: Tx, rows: Sequence[NoticeRow], *, at: datetime) -> set[UUID]:
    """Keep what is new and queue it for every active notifier that wants to hear it; return those notifiers."""
    found = await tx.execute(_POST, {"page": page(rows), "at": at})
    return {row.notifier_id for row in found}


_DUE = text("""
SELECT n.id, n.topic, n.severity, n.title, n.body, n.link, n.at, t.attempts
FROM tellings t JOIN notices n ON n.id = t.notice_id
WHERE t.notifier_id = :notifier_id AND t.state = 'waiting' AND t.next_try_at <= :at
ORDER BY n.at, n.id LIMIT :limit""")


async def due_notices(tx: Tx, notifier_id: UUID, *, limit: int, at: datetime) -> list[DueNotice]:
    """The oldest first. Only the one worker that holds the notifier's lock may ask."""
    rows = await tx.execute(_DUE, {"notifier_id": notifier_id, "limit": limit, "at": at})
    return [DueNotice(*row) for row in rows]


_RECORD = text("""
UPDATE tellings t SET state = x.state, reason = x.reason, attempts = t.attempts + 1,
  next_try_at = :at + make_interval(secs => x.retry_s), settled_at = CASE WHEN x.state <> 'waiting' THEN :at END
FROM json_to_recordset(CAST(:page AS json)) AS x(notice_id uuid, state text, reason text, retry_s float)
WHERE t.notice_id = x.notice_id AND t.notifier_id = :notifier_id""")
_HEALTH_AFTER = text("""
UPDATE notifiers SET problem = :problem, told_at = CASE WHEN :told THEN :at ELSE told_at END WHERE id = :id""")


async def record_told(tx: Tx, notifier_id: UUID, told: Sequence[Told], *, at: datetime) -> None:
    """Say what became of these notices; the last outcome is the notifier's health."""
    await tx.execute(_RECORD, {"notifier_id": notifier_id, "page": page(told), "at": at})
    went_well = any(each.state == "told" for each in told)
    await tx.execute(
        _HEALTH_AFTER, {"id": notifier_id, "problem": told[-1].reason, "told": went_well, "at": at}
    )


_NOTIFIERS_DUE = text("""
SELECT DISTINCT t.notifier_id FROM tellings t JOIN notifiers n ON n.id = t.notifier_id
WHERE t.state = 'waiting' AND t.next_try_at <= :before AND n.state = 'active'""")


async def notifiers_due(tx: Tx, *, before: datetime) -> list[UUID]:
    """Notifiers with something to tell since before: their ring was lost (L3)."""
    return [row.notifier_id for row in await tx.execute(_NOTIFIERS_DUE, {"before": before})]


_HEALTH = text("""
SELECT n.slug, n.kind, n.least, n.state, n.problem, n.told_at,
  count(t.state) FILTER (WHERE t.state = 'waiting') AS waiting,
  count(t.state) FILTER (WHERE t.state = 'failed') AS failed
FROM notifiers n LEFT JOIN tellings t ON t.notifier_id = n.id AND t.state <> 'told'
GROUP BY n.id ORDER BY n.slug""")


async def notifier_health(tx: Tx) -> list[NotifierHealth]:
    return [NotifierHealth(*row) for row in await tx.execute(_HEALTH)]


class Posted(Struct, frozen=True):
    """A notice as a list shows it; `tellings` maps each notifier to what became of it there."""

    id: UUID
    at: datetime
    topic: str
    severity: str
    title: str
    body: str
    link: str
    tellings: Mapping[str, str]


_LATEST = text("""
SELECT n.id, n.at, n.topic, n.severity, n.title, n.body, n.link, coalesce(jsonb_object_agg(
    r.slug, CASE WHEN t.reason = '' THEN t.state ELSE t.state || ': ' || t.reason END)
  FILTER (WHERE r.slug IS NOT NULL), '{}') AS tellings
FROM (SELECT * FROM notices ORDER BY at DESC, id DESC LIMIT :limit) n
LEFT JOIN tellings t ON t.notice_id = n.id LEFT JOIN notifiers r ON r.id = t.notifier_id
GROUP BY n.id, n.at, n.topic, n.severity, n.title, n.body, n.link ORDER BY n.at DESC, n.id DESC""")


async def latest_notices(tx: Tx, *, limit: int) -> list[Posted]:
    """The newest first."""
    return [Posted(*row) for row in await tx.execute(_LATEST, {"limit": limit})]
