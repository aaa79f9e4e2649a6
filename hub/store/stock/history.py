"""What the ledger can tell of stock: the levels of any past moment, and all that made a number as it stands (L8, L16).

A movement carries the moment its transaction began: a moment just gone may still gain a movement that was then on its
way. Safety stock and reservations are no movements and have no past.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.errors import InputError, NotFoundError
from hub.model.stock.grounds import Grounds
from hub.store.db import Tx
from hub.store.freshness import FRESHNESS
from hub.store.stock.reservations import LASTING
from hub.store.stock.shown import shown_by_rules
from hub.store.stock.skus import COUNTED

LAST_MAX = 8
CLOCKS_APART_MAX = timedelta(minutes=1)  # who asks for now by a clock that is a little fast, means now
_SPACE_FOR_PLUS = re.compile(r"(?<=T)([\d:.]+) (?=\d\d:?\d\d$)")


class LevelThen(Struct, frozen=True):
    """What the movements up to a moment add up to at one location."""

    location: str
    on_hand: int
    allocated: int


class StockThen(Struct, frozen=True):
    """One SKU at a past moment, summed and by location; locations that nothing had reached yet are left out."""

    sku: str
    name: str
    barcode: str
    on_hand: int
    allocated: int
    levels: list[LevelThen]


def read_past(written: str, *, at: datetime) -> datetime:
    """Read a moment with its zone, not after `at`; raises InputError. An unescaped + of an address comes as a space."""
    try:
        moment = datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"\1+", written.strip()))
    except ValueError as error:
        msg = f"{written!r} is no moment: write it as 2026-11-23T12:00:00+00:00"
        raise InputError(msg, field="at") from error
    if moment.tzinfo is None:
        msg = (
            f"{written!r} says no time zone, so it is a different moment in every place: end it with Z for UTC,"
            f" or with the offset, such as {moment.isoformat()}+01:00"
        )
        raise InputError(msg, field="at")
    if moment > at + CLOCKS_APART_MAX:
        msg = f"{written!r} lies in the future, and it is {at:%Y-%m-%dT%H:%M:%SZ}: ask for a moment that has passed"
        raise InputError(msg, field="at")
    return _in_utc(moment, written)


def _in_utc(moment: datetime, written: str) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        msg = f"{written!r} lies before the year 1: ask for a later moment"
        raise InputError(msg, field="at") from error


_THEN = text("""
SELECT s.sku, s.name, s.barcode, coalesce(v.on_hand, 0) AS on_hand, coalesce(v.allocated, 0) AS allocated,
       coalesce(v.levels, '[]') AS levels
FROM (SELECT * FROM skus WHERE sku > :after AND (CAST(:only AS text[]) IS NULL OR sku = ANY(:only))
      ORDER BY sku LIMIT :limit) s
LEFT JOIN LATERAL (
  SELECT sum(m.on_hand)::bigint AS on_hand, sum(m.allocated)::bigint AS allocated,
         jsonb_agg(jsonb_build_object('location', m.location, 'on_hand', m.on_hand, 'allocated', m.allocated)
                   ORDER BY o.priority, m.location) AS levels
  FROM (SELECT location, sum(on_hand_change)::bigint AS on_hand, sum(allocated_change)::bigint AS allocated
        FROM movements WHERE sku = s.sku AND at <= :moment GROUP BY location) m
  LEFT JOIN locations o ON o.code = m.location
) v ON true
ORDER BY s.sku""")


async def stock_then(
    tx: Tx, *, moment: datetime, after: str = "", skus: Sequence[str] | None = None, limit: int
) -> list[StockThen]:
    """One page of SKUs in their own order, as of a moment: every movement up to it, that one included."""
    only = list(skus) if skus is not None else None
    rows = await tx.execute(_THEN, {"moment": moment, "after": after, "only": only, "limit": limit})
    return msgspec.convert([dict(row) for row in rows.mappings()], list[StockThen])


_LAST = """
  SELECT id FROM (SELECT id FROM movements WHERE sku = s.sku AND {column} <> 0
                  ORDER BY at DESC, id DESC LIMIT :last) {column}"""

_BOOKS = """
  SELECT jsonb_agg(jsonb_build_object('location', o.code, 'name', o.name, 'sellable', o.sellable,
           'on_hand', coalesce(v.on_hand, 0), 'allocated', coalesce(v.allocated, 0),
           'reserved', coalesce(v.reserved, 0), 'safety_stock', coalesce(v.safety_stock, 0),
           'movements', coalesce(d.movements, 0), 'moved_on_hand', coalesce(d.on_hand, 0),
           'moved_allocated', coalesce(d.allocated, 0)) ORDER BY o.priority, o.code) AS books
  FROM (SELECT * FROM levels WHERE sku = {sku}) v
  FULL JOIN (SELECT location, count(*) AS movements, sum(on_hand_change)::bigint AS on_hand,
                    sum(allocated_change)::bigint AS allocated
             FROM movements WHERE sku = {sku} GROUP BY location) d USING (location)
  JOIN locations o ON o.code = location"""

# One statement, so one moment: levels, rules, ledger, publications and movements agree with one another.
_GROUNDS = text(f"""{shown_by_rules("l.sku = :sku")}
SELECT s.sku, s.name, {COUNTED} AS counted, coalesce(b.books, '[]') AS books,
       coalesce(k.parts, '[]') AS parts, coalesce(f.offers, '[]') AS offers, coalesce(m.movements, '[]') AS movements,
       (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.expires_at, r.owner), '[]')
        FROM ({LASTING}) r WHERE r.sku = s.sku) AS lasting,
       EXISTS (SELECT FROM channels WHERE slug = coalesce(:channel, slug)) AS channel_known
FROM skus s
LEFT JOIN LATERAL (
{_BOOKS.format(sku="s.sku")}
) b ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('sku', k.part, 'name', n.name, 'units', k.units, 'counted',
           n.counted_at IS NOT NULL, 'books', coalesce(b.books, '[]')) ORDER BY k.part) AS parts
  FROM bundle_parts k JOIN skus n ON n.sku = k.part LEFT JOIN LATERAL ({_BOOKS.format(sku="k.part")}) b ON true
  WHERE k.bundle = s.sku
) k ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('channel', c.slug, 'channel_listing_id', l.channel_listing_id,
           'channel_sku', l.channel_sku, 'matched', l.sku IS NOT NULL, 'units', l.units,
           'own', jsonb_build_object('buffer', nullif(l.buffer, 0), 'cap', l.cap),
           'rule', jsonb_build_object('buffer', r.buffer, 'buffer_percent', r.buffer_percent, 'cap', r.cap,
             'allotment', r.allotment, 'minimum', r.minimum, 'locations', r.locations,
             'risk_percent', r.risk_percent, 'buffer_max', r.buffer_max),
           'places', (
             SELECT CASE WHEN NOT bool_and(o.code = ANY(r.places))
                    THEN coalesce(array_agg(o.code ORDER BY o.code) FILTER (WHERE o.code = ANY(r.places)), '{{}}') END
             FROM locations o WHERE o.sellable),
           'adaptive', (SELECT to_jsonb(d) FROM adaptive_buffers d WHERE d.listing_id = l.id AND r.risk_percent > 0),
           'allotted', jsonb_build_object('own', coalesce(r.own, 0), 'others', coalesce(r.others, 0)),
           'shares', coalesce((
             SELECT jsonb_agg(jsonb_build_object('sku', h.part, 'units', h.units, 'free', h.free,
               'allotted', jsonb_build_object('own', h.own, 'others', h.others)) ORDER BY h.part)
             FROM shares h WHERE h.id = l.id), '[]'),
           'version', coalesce(p.version, 0), 'sent_version', coalesce(p.sent_version, 0),
           'sent_quantity', p.sent_quantity, 'sent_at', p.sent_at,
           'confirmed_version', coalesce(p.confirmed_version, 0), 'confirmed_quantity', p.confirmed_quantity,
           'confirmed_at', p.confirmed_at, 'unchanged_at', p.unchanged_at,
           'dirty_since', p.dirty_since, 'next_try_at', p.next_try_at,
           'outcome', coalesce(p.outcome, ''), 'problem', coalesce(p.problem, ''), 'freshness', {FRESHNESS},
           'channel_state', c.state, 'account_state', a.state, 'paused_until', c.paused_until,
           'channel_problem', c.problem, 'reopened_at', c.reopened_at, 'gone_at', l.gone_at,
           'shadowed', coalesce(p.shadowed, false),
           'paused', coalesce(p.paused, false),
           'suspended', coalesce(p.suspended_version = p.version, false), 'dismissed_by', coalesce(p.dismissed_by, ''),
           'stopped', p.stopped_at IS NOT NULL) ORDER BY c.slug, l.channel_listing_id) AS offers
  FROM (SELECT * FROM listings WHERE sku = s.sku UNION ALL
        SELECT n.* FROM channels h JOIN listings n ON n.channel_id = h.id AND n.channel_sku = s.sku
        WHERE n.sku IS NULL) l
  JOIN channels c ON c.id = l.channel_id JOIN accounts a ON a.id = c.account_id
  LEFT JOIN publications p ON p.listing_id = l.id LEFT JOIN shown r ON r.id = l.id
  WHERE c.slug = coalesce(:channel, c.slug)
) f ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('at', w.at, 'kind', w.kind, 'location', w.location,
           'on_hand_change', w.on_hand_change, 'allocated_change', w.allocated_change, 'cause', w.cause,
           'cause_id', w.cause_id, 'actor', w.actor, 'reason', w.reason, 'order_number', o.number)
           ORDER BY w.at DESC, w.id DESC) AS movements
  FROM movements w LEFT JOIN order_lines n ON n.id = w.order_line_id LEFT JOIN orders o ON o.id = n.order_id
  WHERE w.id IN ({_LAST.format(column="on_hand_change")} UNION {_LAST.format(column="allocated_change")})
) m ON true
WHERE s.sku = :sku""")  # noqa: S608 -- constants only


async def grounds_of(tx: Tx, sku: str, *, channel: str | None = None, at: datetime) -> Grounds:
    """All that makes the numbers of one SKU, in one statement; of one channel's listings only where one is named.

    Raises NotFoundError.
    """
    wanted = {"sku": sku, "channel": channel, "last": LAST_MAX, "at": at}
    found = (await tx.execute(_GROUNDS, wanted)).mappings().first()
    if found is None:
        msg = f"there is no SKU {sku}: see hub stock show"
        raise NotFoundError(msg)
    if channel is not None and not found["channel_known"]:
        msg = f"there is no channel {channel}: see hub channel list"
        raise NotFoundError(msg)
    return msgspec.convert(dict(found), Grounds)
