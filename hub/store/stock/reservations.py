"""Reservations: units kept for a draft until a moment. `levels.reserved` is their sum, written by the same statement.

Whoever changes them holds the levels of their SKUs: levels first, reservations after.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.reserving import Kept, Lasting
from hub.store.db import Tx, page

SKUS_MAX = 1000  # that run out in one transaction; the others follow with the next

_OF = text("""
SELECT draft_id, sku, location, units FROM reservations WHERE draft_id = ANY(:ids) ORDER BY draft_id, sku, location""")


async def kept_for(tx: Tx, draft_ids: Sequence[str]) -> list[Kept]:
    return [Kept(*row) for row in await tx.execute(_OF, {"ids": list(draft_ids)})]


class Put(Struct, frozen=True):
    """How many units of a SKU at a location a draft has from now on, and until when; 0: none."""

    draft_id: str
    sku: str
    location: str
    units: int
    expires_at: datetime


_PUT = text("""
WITH x AS (
  SELECT * FROM json_to_recordset(CAST(:page AS json))
    AS x(draft_id text, sku text, location text, units int, expires_at timestamptz)
), changed AS (
  SELECT sku, location, sum(x.units - coalesce(r.units, 0)) AS units
  FROM x LEFT JOIN reservations r USING (draft_id, sku, location)
  GROUP BY sku, location HAVING sum(x.units - coalesce(r.units, 0)) <> 0
), ended AS (
  DELETE FROM reservations r USING x
  WHERE x.units = 0 AND (r.draft_id, r.sku, r.location) = (x.draft_id, x.sku, x.location)
), kept AS (
  INSERT INTO reservations (draft_id, sku, location, units, expires_at, created_at)
  SELECT draft_id, sku, location, units, expires_at, :at FROM x WHERE units > 0 ORDER BY draft_id, sku, location
  ON CONFLICT (draft_id, sku, location) DO UPDATE SET units = excluded.units, expires_at = excluded.expires_at
)
UPDATE levels l SET reserved = l.reserved + changed.units FROM changed
WHERE l.sku = changed.sku AND l.location = changed.location RETURNING l.sku""")


async def put_reservations(tx: Tx, rows: Sequence[Put], *, at: datetime) -> list[str]:
    """Write them and their sums, in one statement; return the SKUs whose available moved."""
    if not rows:
        return []
    return [row.sku for row in await tx.execute(_PUT, {"page": page(rows), "at": at})]


_RELEASE = """
WITH ended AS (
  DELETE FROM reservations WHERE {which} RETURNING draft_id, sku, location, units
), sums AS (
  SELECT sku, location, sum(units) AS units FROM ended GROUP BY sku, location
), changed AS (
  UPDATE levels l SET reserved = l.reserved - sums.units FROM sums
  WHERE l.sku = sums.sku AND l.location = sums.location
)
SELECT draft_id, sku, location, units FROM ended ORDER BY draft_id, sku, location"""
_RELEASE_OF = text(_RELEASE.format(which="draft_id = ANY(:ids)"))
_RELEASE_LATE = text(_RELEASE.format(which="expires_at <= :at AND sku = ANY(:skus)"))


async def release_of(tx: Tx, draft_ids: Sequence[str]) -> list[Kept]:
    """End the reservations of these drafts; return them as they were."""
    return [Kept(*row) for row in await tx.execute(_RELEASE_OF, {"ids": list(draft_ids)})]


async def release_expired(tx: Tx, skus: Sequence[str], *, at: datetime) -> list[Kept]:
    """End those of these SKUs whose time has run out; return them as they were."""
    return [Kept(*row) for row in await tx.execute(_RELEASE_LATE, {"skus": list(skus), "at": at})]


FIRST = ("0001-01-01T00:00:00Z", "", "", "")
LASTING = """
SELECT r.sku, r.location, r.units, 'draft' AS owner_kind, r.draft_id AS owner, d.actor, r.created_at AS since,
       r.expires_at
FROM reservations r JOIN order_drafts d ON d.id = r.draft_id
UNION ALL
SELECT m.sku, m.location, m.units, 'order', o.number::text, c.slug, o.taken_at, o.pay_by
FROM orders o JOIN channels c ON c.id = o.channel_id JOIN order_lines l ON l.order_id = o.id
CROSS JOIN LATERAL (
  SELECT sku, location, sum(allocated_change)::int AS units FROM movements WHERE order_line_id = l.id
  GROUP BY sku, location HAVING sum(allocated_change) > 0) m
WHERE o.pay_by < '9999-01-01' AND o.pay_by IS NOT NULL AND o.canceled_at IS NULL
  AND NOT o.holds @> ARRAY['payment']"""
"""All promises that end at a moment, each with its owner: a table in parentheses."""
_LIST = text(f"""
SELECT * FROM ({LASTING}) r
WHERE (CAST(:sku AS text) IS NULL OR sku = :sku)
  AND (expires_at, owner, sku, location) > (CAST(:moment AS timestamptz), :owner, :last_sku, :location)
ORDER BY expires_at, owner, sku, location LIMIT :limit""")  # noqa: S608 -- constants only


async def list_lasting(
    tx: Tx, *, sku: str | None = None, after: tuple[str, str, str, str] = FIRST, limit: int
) -> list[Lasting]:
    """What ends first comes first; `after` is the (moment, owner, SKU, location) a page starts after."""
    moment, owner, last_sku, location = after
    place = {"moment": moment, "owner": owner, "last_sku": last_sku, "location": location}
    return [Lasting(*row) for row in await tx.execute(_LIST, {"sku": sku, "limit": limit, **place})]


_LATE = text(
    "SELECT DISTINCT sku FROM (SELECT sku FROM reservations WHERE expires_at <= :at ORDER BY expires_at LIMIT :limit) r"
)


async def skus_expired(tx: Tx, *, at: datetime) -> list[str]:
    return [row.sku for row in await tx.execute(_LATE, {"at": at, "limit": SKUS_MAX})]
