"""What channels may see: the rules, the groups they may name, and safety stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.visibility import Rule, Scope
from hub.store.db import Tx, page


class Held(Struct, frozen=True):
    """A scope with the keys its names stand for, and the rule there is; None where there is none yet.

    Its channel or listing is `lost` where a name stands for nothing.
    """

    scope: Scope
    channel_id: UUID | None = None
    listing_id: UUID | None = None
    lost: bool = False
    id: UUID | None = None
    rule: Rule | None = None


_RULE = (
    """r.buffer, r.buffer_percent, r.cap, r.allotment, r.minimum, r.locations, r.risk_percent, r.buffer_max"""
)
_LOCK = text("LOCK TABLE visibility_rules IN SHARE ROW EXCLUSIVE MODE")
_HELD = text(f"""
SELECT x.channel, x."group", x.listing, c.id AS channel_id, l.id AS listing_id, r.id, {_RULE}
FROM ROWS FROM (json_to_recordset(CAST(:page AS json)) AS (channel text, "group" text, listing text))
     WITH ORDINALITY AS x(channel, "group", listing, nr)
LEFT JOIN channels c ON c.slug = x.channel
LEFT JOIN listings l ON l.channel_id = c.id AND l.channel_listing_id = x.listing
LEFT JOIN LATERAL (
  SELECT * FROM visibility_rules WHERE x.listing IS NOT NULL AND listing_id = l.id
  UNION ALL
  SELECT * FROM visibility_rules WHERE x.listing IS NULL AND listing_id IS NULL
    AND channel_id IS NOT DISTINCT FROM c.id AND sku_group IS NOT DISTINCT FROM x."group"
) r ON true
ORDER BY x.nr""")  # noqa: S608 -- constants only


async def lock_rules(tx: Tx, scopes: Sequence[Scope]) -> list[Held]:
    """Find what these scopes name, in their order. Nobody else changes a rule until this transaction ends."""
    await tx.execute(_LOCK)
    return [_held(row) for row in await tx.execute(_HELD, {"page": page(scopes)})]


def _held(row: Any) -> Held:
    scope = Scope(row.channel, row.group, row.listing)
    lost = (row.channel is not None and row.channel_id is None) or (
        row.listing is not None and row.listing_id is None
    )
    return Held(
        scope,
        None if row.listing is not None else row.channel_id,
        row.listing_id,
        lost,
        row.id,
        rule_of(row) if row.id is not None else None,
    )


def rule_of(row: Any) -> Rule:
    locations = tuple(row.locations) if row.locations is not None else None
    return Rule(
        row.buffer,
        row.buffer_percent,
        row.cap,
        row.allotment,
        row.minimum,
        locations,
        row.risk_percent,
        row.buffer_max,
    )


class NewRule(Struct, frozen=True):
    """One row as it should be; `id` counts only where the scope has no rule yet."""

    id: UUID
    channel_id: UUID | None
    sku_group: str | None
    listing_id: UUID | None
    buffer: int | None
    buffer_percent: int | None
    cap: int | None
    allotment: int | None
    minimum: int | None
    locations: tuple[str, ...] | None
    risk_percent: float | None
    buffer_max: int | None


_PUT = text("""
INSERT INTO visibility_rules (id, channel_id, sku_group, listing_id, buffer, buffer_percent, cap, allotment, minimum,
                              locations, risk_percent, buffer_max, changed_at)
SELECT id, channel_id, sku_group, listing_id, buffer, buffer_percent, cap, allotment, minimum, locations, risk_percent,
       buffer_max, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, channel_id uuid, sku_group text, listing_id uuid,
     buffer int, buffer_percent int, cap int, allotment int, minimum int, locations text[], risk_percent float,
     buffer_max int)
ORDER BY channel_id, sku_group, listing_id
ON CONFLICT (channel_id, sku_group, listing_id) DO UPDATE SET
  buffer = excluded.buffer, buffer_percent = excluded.buffer_percent, cap = excluded.cap,
  allotment = excluded.allotment, minimum = excluded.minimum, locations = excluded.locations,
  risk_percent = excluded.risk_percent, buffer_max = excluded.buffer_max,
  changed_at = excluded.changed_at""")
_DROP = text("DELETE FROM visibility_rules WHERE id = ANY(:ids)")


async def put_rules(tx: Tx, rules: Sequence[NewRule], *, at: datetime) -> None:
    if rules:
        await tx.execute(_PUT, {"page": page(rules), "at": at})


async def drop_rules(tx: Tx, ids: Sequence[UUID]) -> None:
    if ids:
        await tx.execute(_DROP, {"ids": list(ids)})


class Touched(Struct, frozen=True):
    """Whose listings a change touches; `widely`: also what others show of the same SKUs, and of bundles with them."""

    channel_id: UUID | None
    sku_group: str | None
    listing_id: UUID | None
    widely: bool


_TOUCHED = text("""
WITH x AS (
  SELECT * FROM json_to_recordset(CAST(:page AS json))
    AS x(channel_id uuid, sku_group text, listing_id uuid, widely bool)
), touched AS (
  SELECT l.id, l.sku, x.widely FROM x JOIN listings l ON l.id = x.listing_id WHERE l.sku IS NOT NULL
  UNION ALL
  SELECT l.id, l.sku, x.widely FROM x JOIN listings l ON l.channel_id = coalesce(x.channel_id, l.channel_id)
    JOIN skus s ON s.sku = l.sku AND s.sku_group = coalesce(x.sku_group, s.sku_group)
  WHERE x.listing_id IS NULL
), widely AS (
  SELECT sku FROM touched WHERE widely
  UNION SELECT b.part FROM bundle_parts b JOIN touched t ON t.sku = b.bundle WHERE t.widely
), related AS (
  SELECT sku FROM widely UNION SELECT b.bundle FROM bundle_parts b JOIN widely w ON w.sku = b.part
)
SELECT id FROM touched UNION SELECT l.id FROM related JOIN listings l USING (sku)""")


async def touched_listings(tx: Tx, touched: Sequence[Touched]) -> list[UUID]:
    if not touched:
        return []
    return [row.id for row in await tx.execute(_TOUCHED, {"page": page(touched)})]


_SKUS_IN = text("SELECT DISTINCT sku_group FROM skus WHERE sku_group = ANY(:groups)")


async def groups_with_skus(tx: Tx, groups: Sequence[str]) -> set[str]:
    """Those of these groups that some SKU is in."""
    return {row.sku_group for row in await tx.execute(_SKUS_IN, {"groups": list(groups)})}


_SOME_GROUPS = text("SELECT DISTINCT sku_group FROM skus WHERE sku_group <> '' ORDER BY 1 LIMIT 20")


async def some_groups(tx: Tx) -> list[str]:
    """The first twenty there are."""
    return [row.sku_group for row in await tx.execute(_SOME_GROUPS)]


_GROUP = text("""
UPDATE skus s SET sku_group = :name FROM (
  SELECT sku FROM skus WHERE sku = ANY(:skus) ORDER BY sku FOR NO KEY UPDATE) x
WHERE s.sku = x.sku AND s.sku_group <> :name RETURNING s.sku""")


async def put_in_group(tx: Tx, skus: Sequence[str], name: str) -> list[str]:
    """Return the SKUs that were not in it yet; an empty name is no group."""
    rows = await tx.execute(_GROUP, {"skus": sorted(set(skus)), "name": name})
    return [row.sku for row in rows]


class Keep(Struct, frozen=True):
    """`units` of one SKU at one location are kept back from all channels."""

    sku: str
    location: str
    units: int


_KEEP = text("""
INSERT INTO levels AS l (sku, location, safety_stock)
SELECT sku, location, units FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, location text, units int)
ORDER BY sku, location
ON CONFLICT (sku, location) DO UPDATE SET safety_stock = excluded.safety_stock
  WHERE l.safety_stock <> excluded.safety_stock
RETURNING sku""")


async def put_safety_stock(tx: Tx, keeps: Sequence[Keep]) -> list[str]:
    """Set it where the levels are locked already; return the SKUs of which it is another now."""
    rows = await tx.execute(_KEEP, {"page": page(keeps)})
    return sorted({row.sku for row in rows})


_ALLOTTED = text("""
SELECT DISTINCT l.sku FROM visibility_rules r
JOIN listings l ON l.id = r.listing_id OR (r.listing_id IS NULL AND l.channel_id = r.channel_id)
JOIN skus s ON s.sku = l.sku AND s.sku_group = coalesce(r.sku_group, s.sku_group)
WHERE r.allotment > 0 ORDER BY l.sku""")


async def allotted_skus(tx: Tx) -> list[str]:
    """The SKUs of which some channel has units to itself."""
    return [row.sku for row in await tx.execute(_ALLOTTED)]


class RuleRow(Struct, frozen=True):
    id: UUID
    scope: Scope
    rule: Rule


_LIST = text(f"""
SELECT r.id, c.slug AS channel, r.sku_group AS "group", l.channel_listing_id AS listing, {_RULE}
FROM visibility_rules r LEFT JOIN listings l ON l.id = r.listing_id
LEFT JOIN channels c ON c.id = coalesce(r.channel_id, l.channel_id)
WHERE r.id > CAST(:after AS uuid) AND (CAST(:channel AS text) IS NULL OR c.slug = :channel)
ORDER BY r.id LIMIT :limit""")  # noqa: S608 -- constants only


async def list_rules(tx: Tx, *, after: UUID, channel: str | None = None, limit: int) -> list[RuleRow]:
    """One page of rules in the order they were first set."""
    rows = await tx.execute(_LIST, {"after": after, "channel": channel, "limit": limit})
    return [RuleRow(row.id, Scope(row.channel, row.group, row.listing), rule_of(row)) for row in rows]


_OF_SKU = text(f"""
SELECT r.id, c.slug AS channel, r.sku_group AS "group", l.channel_listing_id AS listing, {_RULE}
FROM visibility_rules r LEFT JOIN listings l ON l.id = r.listing_id
LEFT JOIN channels c ON c.id = coalesce(r.channel_id, l.channel_id)
JOIN skus s ON s.sku = :sku
WHERE l.sku = s.sku OR (r.listing_id IS NULL AND coalesce(r.sku_group, s.sku_group) = s.sku_group
  AND (r.channel_id IS NULL OR EXISTS (SELECT FROM listings i WHERE i.sku = s.sku AND i.channel_id = r.channel_id)))
ORDER BY r.listing_id IS NULL, r.sku_group IS NULL, r.channel_id IS NULL, c.slug, r.id""")  # noqa: S608 -- constants only


async def rules_of(tx: Tx, sku: str) -> list[RuleRow]:
    """The rules that decide what channels see of this SKU, the most specific first."""
    rows = await tx.execute(_OF_SKU, {"sku": sku})
    return [RuleRow(row.id, Scope(row.channel, row.group, row.listing), rule_of(row)) for row in rows]
