"""What is known around the orders under review: list prices, free stock, and what their customers ordered before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.review.facts import Basket, Price, Shelves
from hub.store.customers import SAME_PERSON
from hub.store.db import Tx, page

EARLIER_MAX = 1_000  # orders counted for one customer: more is a regular all the same
RECENT_MAX = 20  # orders of the last moments whose baskets are compared


class Asker(Struct, frozen=True):
    """An order under review, and who placed it."""

    id: UUID
    customer_id: UUID
    placed_at: datetime


class Recent(Struct, frozen=True):
    number: int
    basket: Basket


class Before(Struct, frozen=True):
    """What one customer ordered before the order `id`."""

    id: UUID
    orders: int
    recent: list[Recent]
    blocked: bool
    tags: list[str]


class Around(Struct, frozen=True):
    shelves: Shelves
    before: dict[UUID, Before]


_LOOK = text(f"""
SELECT (SELECT jsonb_object_agg(sku, jsonb_build_array(CAST(price AS text), currency)) FROM skus
        WHERE sku = ANY(:skus) AND price IS NOT NULL) AS prices,
  (SELECT jsonb_object_agg(sku, units) FROM (
     SELECT v.sku, sum(greatest(0, v.on_hand::bigint - v.allocated - v.reserved - v.safety_stock)) AS units
     FROM levels v JOIN locations p ON p.code = v.location AND p.sellable WHERE v.sku = ANY(:skus) GROUP BY v.sku) f
  ) AS free,
  (SELECT jsonb_agg(jsonb_build_object('id', x.id, 'orders', e.orders, 'recent', coalesce(r.recent, '[]'),
      'blocked', coalesce(g.blocked, false), 'tags', coalesce(g.tags, '[]')))
   FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, customer_id uuid, placed_at timestamptz)
   CROSS JOIN LATERAL (
     SELECT array_agg(c.id) AS ids, bool_or(c.blocked_at IS NOT NULL) AS blocked,
       (jsonb_agg(c.tags ORDER BY c.merged_into NULLS FIRST)) -> 0 AS tags
     FROM {SAME_PERSON.format("x.customer_id")} c) g
   CROSS JOIN LATERAL (SELECT count(*) AS orders FROM (SELECT FROM orders o WHERE o.customer_id = ANY(g.ids)
     AND o.placed_at < x.placed_at AND o.id <> x.id LIMIT :earlier) c) e
   CROSS JOIN LATERAL (
     SELECT jsonb_agg(jsonb_build_object('number', number, 'basket', basket) ORDER BY placed_at DESC) AS recent FROM (
       SELECT o.number, o.placed_at, coalesce((SELECT array_agg(units || ' ' || named ORDER BY units || ' ' || named
           COLLATE "C") FROM (
         SELECT coalesce(l.sku, l.channel_sku) AS named, sum(l.quantity - l.canceled) AS units FROM order_lines l
         WHERE l.order_id = o.id AND l.kind = 'item' AND l.quantity > l.canceled GROUP BY 1) b), '{{}}') AS basket
       FROM orders o WHERE o.customer_id = ANY(g.ids) AND o.id <> x.id AND o.canceled_at IS NULL
         AND o.placed_at BETWEEN x.placed_at - CAST(:window AS interval) AND x.placed_at
       ORDER BY o.placed_at DESC LIMIT :recent) n) r) AS before""")  # noqa: S608 -- constants only


async def look_around(tx: Tx, askers: Sequence[Asker], skus: Sequence[str], *, window: timedelta) -> Around:
    """One statement, however many orders. `window` is how far back the same basket is looked for."""
    given = {"skus": sorted({*skus}), "page": page(askers), "window": window}
    row = (await tx.execute(_LOOK, {**given, "earlier": EARLIER_MAX, "recent": RECENT_MAX})).one()
    prices = {sku: Price(Decimal(amount), currency) for sku, (amount, currency) in (row.prices or {}).items()}
    before = msgspec.convert(row.before or [], list[Before])
    return Around(Shelves(prices, row.free or {}), {each.id: each for each in before})
