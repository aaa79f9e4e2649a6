"""Adaptive buffers: which are due to be worked out, what is measured for them, and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import text

from hub.model.stock.buffers import SLOT_S, AdaptiveBuffer, Asked, Sales, Took
from hub.model.sync.stages import BUCKETS_S, Stage
from hub.store.db import Tx, page
from hub.store.freshness import TO_TELL
from hub.store.stock.shown import ASKS, JOINS, RULES, shown_by_rules

NEWEST_MAX = 1_000  # orders of a channel that say how soon a sale is known


class DueBuffer(Struct, frozen=True):
    """A listing whose rule asks for an adaptive buffer that was never worked out so, or long ago."""

    listing_id: UUID
    channel_id: UUID
    asked: Asked


_DUE = text(f"""
WITH {RULES}, due AS (
  SELECT l.id, l.channel_id, w.asks FROM listings l JOIN skus s USING (sku)
  JOIN publications p ON p.listing_id = l.id AND p.stopped_at IS NULL
  {JOINS}
  CROSS JOIN LATERAL (SELECT {ASKS} AS asks) w
  WHERE w.asks[1] > 0 AND EXISTS (SELECT FROM visibility_rules WHERE risk_percent IS NOT NULL)
)
SELECT l.id, l.channel_id, l.asks[1], l.asks[2]::int FROM due l LEFT JOIN adaptive_buffers d ON d.listing_id = l.id
CROSS JOIN LATERAL (
  SELECT (d.risk_percent, d.buffer_max) IS DISTINCT FROM (l.asks[1], l.asks[2]::int) AS anew) x
WHERE x.anew OR d.worked_out_at <= :before
ORDER BY x.anew DESC, d.worked_out_at, l.id LIMIT :limit""")  # noqa: S608 -- constants only


async def due_buffers(tx: Tx, *, before: datetime, limit: int) -> list[DueBuffer]:
    """Where what is asked is new first, then what was worked out longest ago, until `before`."""
    rows = await tx.execute(_DUE, {"before": before, "limit": limit})
    return [DueBuffer(row[0], row[1], Asked(row[2], row[3])) for row in rows]


class Demand(Struct, frozen=True):
    """How the scarcest part of a listing sold, `units` of which are in each, and its units sold on each channel."""

    units: int
    sales: Sales
    by_channel: dict[str, int]


# What took stock within the window, by the moment it was ordered: the history of a SKU before that is never read.
_DEMAND = text(f"""{shown_by_rules("l.id = ANY(:ids)")}, parts AS MATERIALIZED (
  SELECT DISTINCT part FROM shown
), sales AS MATERIALIZED (
  SELECT p.part, o.id, o.channel_id, o.placed_at, sum(l.quantity * coalesce(k.units, l.units)) AS units
  FROM parts p CROSS JOIN LATERAL (
    SELECT DISTINCT order_line_id AS id FROM movements m
    WHERE m.sku = p.part AND m.at > :since AND m.order_line_id IS NOT NULL AND m.kind IN ('allocation', 'shipment')) m
  JOIN order_lines l USING (id) JOIN orders o ON o.id = l.order_id AND o.placed_at > :since
  LEFT JOIN order_line_parts k ON k.line_id = l.id AND k.sku = p.part
  WHERE l.quantity > 0 GROUP BY p.part, o.id
), sizes AS (
  SELECT part, jsonb_object_agg(units, orders) AS sizes
  FROM (SELECT part, units, count(*) AS orders FROM sales GROUP BY part, units) x GROUP BY part
), slots AS (
  SELECT part, sum(orders * orders)::bigint AS squared
  FROM (SELECT part, count(*) AS orders FROM sales GROUP BY part, floor(extract(epoch FROM placed_at) / {SLOT_S})) x
  GROUP BY part
), by_channel AS (
  SELECT part, jsonb_object_agg(channel_id, units) AS units
  FROM (SELECT part, channel_id, sum(units) AS units FROM sales GROUP BY part, channel_id) x GROUP BY part
)
SELECT i.id, i.channel_id, n.units, extract(epoch FROM :at - x.since) - coalesce(a.seconds, 0) AS seconds,
       coalesce(z.sizes, '{{}}') AS sizes, coalesce(t.squared, 0) AS slots_squared,
       coalesce(b.units, '{{}}') AS by_channel, a.run_outs
FROM shown n JOIN listings i USING (id) JOIN skus s ON s.sku = n.part
LEFT JOIN sizes z ON z.part = n.part LEFT JOIN slots t ON t.part = n.part LEFT JOIN by_channel b ON b.part = n.part
CROSS JOIN LATERAL (SELECT greatest(:since, s.counted_at) AS since) x
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE opened_at > x.since) AS run_outs,
    sum(extract(epoch FROM coalesce(closed_at, :at) - greatest(opened_at, x.since))) AS seconds
  FROM alarms a WHERE a.sku = n.part AND a.kind = 'out_of_stock' AND coalesce(closed_at, :at) > x.since) a
""")  # noqa: S608 -- constants only


async def demands_of(tx: Tx, ids: Sequence[UUID], *, since: datetime, at: datetime) -> dict[UUID, Demand]:
    rows = await tx.execute(_DEMAND, {"ids": list(ids), "since": since, "at": at})
    return {row.id: _demand(row) for row in rows}


def _demand(row: Any) -> Demand:
    sizes: dict[int, int] = msgspec.convert(row.sizes, dict[int, int], strict=False)
    own = row.by_channel.get(str(row.channel_id), 0)
    sales = Sales(float(row.seconds), sizes, row.slots_squared, own, row.run_outs)
    return Demand(row.units, sales, row.by_channel)


class Told(Struct, frozen=True):
    """Of one channel: how soon the hub knows of a sale there, and how long a change waits and is on its way to it."""

    known: Took
    sent: Took
    confirmed: Took


_BOUNDS = ", ".join(f"{bound}" for bound in (*BUCKETS_S[:-1], 900, 3_600, 14_400, 86_400))
_SPREAD = f"""width_bucket(extract(epoch FROM {{took}})::float, CAST(ARRAY[{_BOUNDS}] AS float[]))"""
_TOLD = text(f"""
SELECT channel_id, 'known' AS stage, greatest(0, max(extract(epoch FROM taken_at - placed_at))) AS seconds, count(*)
FROM channels c CROSS JOIN LATERAL (
  SELECT channel_id, taken_at, placed_at FROM orders o
  WHERE o.channel_id = c.id AND placed_at > greatest(:since, c.created_at) ORDER BY placed_at DESC LIMIT :newest) o
GROUP BY channel_id, {_SPREAD.format(took="taken_at - placed_at")}
UNION ALL
SELECT channel_id, stage, CASE WHEN bound_s = 'infinity' THEN sum(total_s) / sum(count) ELSE bound_s END, sum(count)
FROM stage_times WHERE day >= CAST(:since AS date) AND stage IN ('{Stage.SENT}', '{Stage.CONFIRMED}')
GROUP BY channel_id, stage, bound_s
UNION ALL
SELECT channel_id, '{Stage.SENT}', max(extract(epoch FROM :at - dirty_since)), count(*) FROM publications p
WHERE {TO_TELL} AND outcome <> 'rejected' AND dirty_since < :at
GROUP BY channel_id, {_SPREAD.format(took=":at - dirty_since")}
""")  # noqa: S608 -- constants only


async def told_of(tx: Tx, *, since: datetime, at: datetime) -> dict[UUID, Told]:
    """Of every channel, by what was measured since then; what waits now counts with what it has waited."""
    stages: dict[UUID, dict[str, dict[float, float]]] = {}
    wanted = {"since": since, "newest": NEWEST_MAX, "at": at}
    for channel_id, stage, seconds, count in await tx.execute(_TOLD, wanted):
        took = stages.setdefault(channel_id, {}).setdefault(stage, {})
        took[float(seconds)] = took.get(float(seconds), 0.0) + float(count)
    return {
        channel_id: Told(found.get("known", {}), found.get(Stage.SENT, {}), found.get(Stage.CONFIRMED, {}))
        for channel_id, found in stages.items()
    }


_RECORD = text("""
WITH x AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, risk_percent float, buffer_max int,
    buffer int, thin text, sells_a_day float, told_s float, chance_percent float, costs_a_week float)
), before AS MATERIALIZED (
  SELECT x.listing_id, d.buffer FROM x LEFT JOIN adaptive_buffers d USING (listing_id)
), recorded AS (
  INSERT INTO adaptive_buffers AS d (listing_id, risk_percent, buffer_max, buffer, thin, sells_a_day, told_s,
                                     chance_percent, costs_a_week, worked_out_at)
  SELECT listing_id, risk_percent, buffer_max, buffer, thin, sells_a_day, told_s, chance_percent, costs_a_week, :at
  FROM x ORDER BY listing_id
  ON CONFLICT (listing_id) DO UPDATE SET risk_percent = excluded.risk_percent, buffer_max = excluded.buffer_max,
    buffer = excluded.buffer, thin = excluded.thin, sells_a_day = excluded.sells_a_day, told_s = excluded.told_s,
    chance_percent = excluded.chance_percent, costs_a_week = excluded.costs_a_week, worked_out_at = :at
)
SELECT x.listing_id FROM x JOIN before USING (listing_id) WHERE x.buffer IS DISTINCT FROM before.buffer""")


async def record_buffers(tx: Tx, worked: Mapping[UUID, AdaptiveBuffer], *, at: datetime) -> list[UUID]:
    """Return the listings of which it is another one now."""
    if not worked:
        return []
    rows = [{"listing_id": each, **asdict(buffer)} for each, buffer in worked.items()]
    return [row.listing_id for row in await tx.execute(_RECORD, {"page": page(rows), "at": at})]
