"""Alarms as lists show them, with who was told; and the thresholds they go by."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.kit.ids import uuid7
from hub.model.stock.alarm_words import says
from hub.model.stock.alarms import Bounds, Kind
from hub.store.db import Tx, page

LATEST = UUID(int=(1 << 128) - 1)


class Teller(Struct, frozen=True):
    """What became of it at one notifier: told at a moment, waiting, or failed for a reason."""

    notifier: str
    state: str
    at: datetime | None
    reason: str


class Alarm(Struct, frozen=True):
    """One episode of one kind. `says` is the sentence a person reads; the figures are as of the last look.

    `units` is what is left, oversold, unmoved or below zero; `bound` the threshold, or the days; `expiring` units are
    to be sold by `expires_on`. Of a bundle, `part` is its scarcest part.
    """

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
    opened_at: datetime
    closed_at: datetime | None
    dismissed_at: datetime | None
    dismissed_by: str
    told_at: datetime | None
    told: list[Teller]
    says: str = ""


# One alarm `a` with who was told of it; tellings of a notifier that was removed are gone with it.
ALARM = """
SELECT a.id, a.kind, a.sku, s.name, a.location, a.units, a.bound, a.expiring, a.expires_on, a.part, a.opened_at,
       a.closed_at, a.dismissed_at, a.dismissed_by, a.told_at, coalesce((
         SELECT jsonb_agg(jsonb_build_object('notifier', n.slug, 'state', t.state, 'at', t.settled_at,
                  'reason', t.reason) ORDER BY n.slug)
         FROM tellings t JOIN notifiers n ON n.id = t.notifier_id WHERE t.notice_id = a.notice_id), '[]') AS told
FROM {which} a JOIN skus s USING (sku) ORDER BY a.id DESC"""

_LIST = text(
    ALARM.format(
        which="""(SELECT * FROM alarms WHERE id < :before AND (:all OR closed_at IS NULL AND dismissed_at IS NULL)
    AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND (CAST(:skus AS text[]) IS NULL OR sku = ANY(:skus))
  ORDER BY id DESC LIMIT :limit)"""
    )
)


async def list_alarms(
    tx: Tx,
    *,
    kind: Kind | None = None,
    skus: Sequence[str] | None = None,
    everything: bool = False,
    before: UUID = LATEST,
    limit: int,
) -> list[Alarm]:
    """One page, the newest first: what is open and nobody dismissed, or `everything` there ever was."""
    wanted = {
        "kind": kind,
        "skus": None if skus is None else list(skus),
        "all": everything,
        "before": before,
        "limit": limit,
    }
    rows = (await tx.execute(_LIST, wanted)).mappings()
    return [with_words(msgspec.convert(dict(row), Alarm)) for row in rows]


def with_words(alarm: Alarm) -> Alarm:
    return msgspec.structs.replace(alarm, says=says(alarm.kind, alarm))


_COUNT = text("""
SELECT kind, count(*) AS units FROM alarms WHERE closed_at IS NULL AND dismissed_at IS NULL GROUP BY kind""")
_DISMISS = text("""
UPDATE alarms SET dismissed_at = :at, dismissed_by = :actor
WHERE closed_at IS NULL AND dismissed_at IS NULL AND (id = ANY(:ids) OR sku = :sku
  AND (CAST(:kind AS text) IS NULL OR kind = :kind)) RETURNING sku""")


async def count_open(tx: Tx) -> dict[Kind, int]:
    """How many of each kind are open, in the order of kinds; kinds with none are left out."""
    found = {row.kind: row.units for row in await tx.execute(_COUNT)}
    return {kind: found[kind] for kind in Kind if kind in found}


async def dismiss(
    tx: Tx,
    *,
    ids: Sequence[UUID] = (),
    sku: str | None = None,
    kind: Kind | None = None,
    actor: str,
    at: datetime,
) -> list[str]:
    """Dismiss open alarms by their ids, or all of a SKU, or those of one kind; return the SKU of each."""
    wanted = {"ids": list(ids), "sku": sku, "kind": kind, "actor": actor, "at": at}
    return [row.sku for row in await tx.execute(_DISMISS, wanted)]


class Threshold(Struct, frozen=True):
    """When what is left of a SKU is low: over all locations, or at one of them. `units` None: no own threshold."""

    sku: str
    location: str | None
    units: int | None


_PUT = text("""
INSERT INTO alarm_thresholds AS t (id, sku, location, units)
SELECT id, sku, location, units FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, sku text, location text, units int) WHERE units IS NOT NULL ORDER BY sku, location
ON CONFLICT (sku, location) DO UPDATE SET units = excluded.units""")
_CLEAR = text("""
DELETE FROM alarm_thresholds t USING json_to_recordset(CAST(:page AS json)) AS x(sku text, location text, units int)
WHERE x.units IS NULL AND t.sku = x.sku AND t.location IS NOT DISTINCT FROM x.location""")
_THRESHOLDS = text("""
SELECT sku, location, units FROM alarm_thresholds
WHERE (sku, coalesce(location, '')) > (:sku, :location) AND (CAST(:only AS text) IS NULL OR sku = :only)
ORDER BY sku, coalesce(location, '') LIMIT :limit""")


class _Row(Struct, frozen=True):
    id: UUID
    sku: str
    location: str | None
    units: int | None


async def put_thresholds(tx: Tx, thresholds: Sequence[Threshold]) -> None:
    """Each SKU and location at most once."""
    rows = page([_Row(uuid7(), each.sku, each.location, each.units) for each in thresholds])
    await tx.execute(_CLEAR, {"page": rows})
    await tx.execute(_PUT, {"page": rows})


async def list_thresholds(
    tx: Tx, *, sku: str | None = None, after: tuple[str, str] = ("", ""), limit: int
) -> list[Threshold]:
    """One page by SKU and location, that of all locations first."""
    wanted = {"sku": after[0], "location": after[1], "only": sku, "limit": limit}
    return [Threshold(*row) for row in await tx.execute(_THRESHOLDS, wanted)]


_BOUNDS = text("SELECT low_stock, unmoved_days, expiry_days FROM alarm_bounds")
_SET_BOUNDS = text("""
INSERT INTO alarm_bounds (low_stock, unmoved_days, expiry_days) VALUES (:low_stock, :unmoved_days, :expiry_days)
ON CONFLICT (one) DO UPDATE SET low_stock = excluded.low_stock, unmoved_days = excluded.unmoved_days,
  expiry_days = excluded.expiry_days""")


async def read_bounds(tx: Tx) -> Bounds:
    row = (await tx.execute(_BOUNDS)).first()
    return Bounds(*row) if row else Bounds()


async def put_bounds(tx: Tx, bounds: Bounds) -> None:
    await tx.execute(_SET_BOUNDS, msgspec.structs.asdict(bounds))
