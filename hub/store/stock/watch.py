"""How far the hub has looked for alarms, what to look at next, and what became of what it saw.

One row is locked by whoever looks, so that two who look never open, close or tell the same alarm.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.kit.ids import uuid7
from hub.model.stock.alarms import Condition, Kind
from hub.store.db import Tx, page


class Watch(Struct, frozen=True):
    """The round over all SKUs has come to `round_after`; with no beginning, a new one begins with the next look."""

    looked_at: datetime | None = None
    round_after: str = ""
    round_began_at: datetime | None = None
    told_at: datetime | None = None


# A row that is there is not touched: whoever has it locked would be waited for.
_BEGIN = text("""
INSERT INTO alarm_watch (one) SELECT true WHERE NOT EXISTS (SELECT FROM alarm_watch) ON CONFLICT DO NOTHING""")
_FIELDS = "looked_at, round_after, round_began_at, told_at"
_LOCK = text(f"SELECT {_FIELDS} FROM alarm_watch FOR UPDATE")  # noqa: S608 -- constants only
_TRY = text(f"SELECT {_FIELDS} FROM alarm_watch FOR UPDATE SKIP LOCKED")  # noqa: S608 -- constants only
_SAVE = text("""
UPDATE alarm_watch SET looked_at = :looked_at, round_after = :round_after, round_began_at = :round_began_at,
  told_at = :told_at""")
_ANEW = text("UPDATE alarm_watch SET round_after = '', round_began_at = NULL")


async def lock_watch(tx: Tx) -> Watch:
    """Wait for whoever looks now."""
    await tx.execute(_BEGIN)
    return Watch(*(await tx.execute(_LOCK)).one())


async def try_watch(tx: Tx) -> Watch | None:
    """None where somebody looks now."""
    await tx.execute(_BEGIN)
    row = (await tx.execute(_TRY)).first()
    return Watch(*row) if row else None


async def save_watch(tx: Tx, watch: Watch) -> None:
    values = {name: getattr(watch, name) for name in Watch.__struct_fields__}
    await tx.execute(_SAVE, values)


async def begin_round(tx: Tx) -> None:
    """Let the next look begin with the first SKU: a rule for all of them is another."""
    await tx.execute(_ANEW)


class Marked(Struct, frozen=True):
    """The SKUs to look at; `round_after` is the last of them that the round came to, "" where it has ended."""

    skus: list[str]
    round_after: str


# Stock that moved, orders that came up short of it, what may not be oversold any more; and some more of the round.
_MARKED = text("""
WITH round AS (
  SELECT sku FROM skus WHERE sku > :round_after ORDER BY sku LIMIT :limit
), moved AS (
  SELECT DISTINCT sku FROM movements WHERE id >= :since_id
  UNION
  SELECT coalesce(p.sku, l.sku) FROM orders o JOIN order_lines l ON l.order_id = o.id
  LEFT JOIN order_line_parts p ON p.line_id = l.id
  WHERE o.holds <> '{}' AND 'oversold' = ANY(o.holds) AND greatest(o.taken_at, o.channel_updated_at) >= :since
    AND l.sku IS NOT NULL
  UNION
  SELECT sku FROM alarms WHERE closed_at IS NULL AND kind = 'oversold'
), marked AS (
  SELECT sku FROM moved UNION SELECT bundle FROM bundle_parts WHERE part IN (SELECT sku FROM moved)
  UNION SELECT sku FROM round
)
SELECT coalesce(array_agg(sku ORDER BY sku), '{}') AS skus,
       (SELECT CASE WHEN count(*) = :limit THEN max(sku) ELSE '' END FROM round) AS round_after
FROM marked""")


async def marked(tx: Tx, *, since: datetime, since_id: UUID, round_after: str, limit: int) -> Marked:
    """What may have changed since a moment, `since_id` being the least id of then, and `limit` SKUs of the round."""
    wanted = {"since": since, "since_id": since_id, "round_after": round_after, "limit": limit}
    return Marked(*(await tx.execute(_MARKED, wanted)).one())


class Recorded(Struct, frozen=True):
    """How many alarms opened, closed, and opened again before they were old."""

    opened: int
    closed: int
    again: int


# Whoever closes an alarm that comes back soon, opens the same one again: one episode is told once.
_RECORD = text("""
WITH found AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, kind text, sku text, location text, units int,
    begins boolean, bound int, expiring int, expires_on date, part text)
), open AS MATERIALIZED (
  SELECT * FROM alarms WHERE closed_at IS NULL AND sku = ANY(:skus)
), missing AS MATERIALIZED (
  SELECT f.* FROM found f WHERE f.begins AND NOT EXISTS (
    SELECT FROM open a WHERE a.kind = f.kind AND a.sku = f.sku AND a.location IS NOT DISTINCT FROM f.location)
), closed AS (
  UPDATE alarms a SET closed_at = greatest(CAST(:at AS timestamptz), a.opened_at) FROM open o
  WHERE a.id = o.id AND NOT EXISTS (
    SELECT FROM found f WHERE f.kind = o.kind AND f.sku = o.sku AND f.location IS NOT DISTINCT FROM o.location)
  RETURNING a.id
), followed AS (
  UPDATE alarms a SET units = f.units, bound = f.bound, expiring = f.expiring, expires_on = f.expires_on, part = f.part
  FROM open o JOIN found f ON f.kind = o.kind AND f.sku = o.sku AND f.location IS NOT DISTINCT FROM o.location
  WHERE a.id = o.id AND (a.units, a.bound, a.expiring, a.expires_on, a.part)
    IS DISTINCT FROM (f.units, f.bound, f.expiring, f.expires_on, f.part)
), lately AS (
  SELECT DISTINCT ON (m.id) a.id, m.id AS new_id, m.units, m.bound, m.expiring, m.expires_on, m.part
  FROM missing m JOIN alarms a ON a.kind = m.kind AND a.sku = m.sku AND a.location IS NOT DISTINCT FROM m.location
  WHERE a.closed_at > :settled_before ORDER BY m.id, a.closed_at DESC
), again AS (
  UPDATE alarms a SET closed_at = NULL, units = n.units, bound = n.bound, expiring = n.expiring,
    expires_on = n.expires_on, part = n.part
  FROM lately n WHERE a.id = n.id RETURNING n.new_id
), opened AS (
  INSERT INTO alarms (id, kind, sku, location, units, bound, expiring, expires_on, part, opened_at)
  SELECT id, kind, sku, location, units, bound, expiring, expires_on, part, :at FROM missing
  WHERE id NOT IN (SELECT new_id FROM lately) ORDER BY sku, kind, location
  ON CONFLICT (kind, sku, location) WHERE closed_at IS NULL DO NOTHING RETURNING id
)
SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM closed) AS closed,
       (SELECT count(*) FROM again) AS again""")


class _Found(Struct, frozen=True):
    id: UUID
    kind: str
    sku: str
    location: str | None
    units: int
    begins: bool
    bound: int
    expiring: int
    expires_on: date | None
    part: str


async def record_conditions(
    tx: Tx, skus: Sequence[str], found: Sequence[Condition], *, at: datetime, settled_before: datetime
) -> Recorded:
    """Open what begins, close what ended, follow the figures of the rest; `found` is all that is so of `skus`.

    What closed after `settled_before` and begins again is the same alarm, open once more.
    """
    rows = [
        _Found(uuid7(), *(getattr(each, name) for name in _Found.__struct_fields__[1:]))
        for each in sorted(found, key=_place)
    ]
    wanted = {"page": page(rows), "skus": list(skus), "at": at, "settled_before": settled_before}
    return Recorded(*(await tx.execute(_RECORD, wanted)).one())


def _place(each: Condition) -> tuple[str, str, str]:
    return each.sku, each.kind, each.location or ""


class Untold(Struct, frozen=True):
    """An open alarm that nobody was told of; `of_kind` of its kind there are."""

    id: UUID
    kind: Kind
    sku: str
    name: str
    location: str | None
    units: int
    bound: int
    expiring: int
    expires_on: date | None
    part: str
    of_kind: int


_UNTOLD = text("""
SELECT * FROM (
  SELECT a.id, a.kind, a.sku, s.name, a.location, a.units, a.bound, a.expiring, a.expires_on, a.part,
         count(*) OVER (PARTITION BY a.kind) AS of_kind, row_number() OVER (PARTITION BY a.kind ORDER BY a.id) AS place
  FROM alarms a JOIN skus s USING (sku)
  WHERE a.told_at IS NULL AND a.closed_at IS NULL AND a.dismissed_at IS NULL) a
WHERE place <= :each ORDER BY id""")
_TOLD = text("""
UPDATE alarms a SET told_at = :at, notice_id = n.id FROM notices n
JOIN json_to_recordset(CAST(:page AS json)) AS x(kind text, key text) USING (key)
WHERE a.kind = x.kind AND a.told_at IS NULL AND a.closed_at IS NULL AND a.dismissed_at IS NULL""")


async def untold(tx: Tx, *, each: int) -> list[Untold]:
    """The oldest of each kind, `each` at most."""
    rows = await tx.execute(_UNTOLD, {"each": each})
    return [Untold(row.id, Kind(row.kind), *row[2:11]) for row in rows]


class ToldBy(Struct, frozen=True):
    """All of this kind that were untold are told by the notice with this key."""

    kind: str
    key: str


async def note_told(tx: Tx, told: Sequence[ToldBy], *, at: datetime) -> None:
    await tx.execute(_TOLD, {"page": page(told), "at": at})
