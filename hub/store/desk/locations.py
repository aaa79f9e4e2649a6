"""Locations as their page shows them: what lies at each, what is promised of it, what is on its way there."""

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.desk.rows import rows_of


class Lying(Struct, frozen=True):
    """Stock units at one location. `promised` is allocated and reserved, `kept` the safety stock, `free` the rest."""

    location: str
    skus: int
    on_hand: int
    promised: int
    kept: int
    free: int
    coming: int


class LyingSku(Struct, frozen=True):
    sku: str
    name: str
    on_hand: int
    promised: int
    kept: int
    free: int


_PROMISED = "(v.allocated::bigint + v.reserved)"
_FREE = f"greatest(0, v.on_hand - {_PROMISED} - v.safety_stock)"
_LYING = text(f"""
SELECT o.code AS location, coalesce(v.skus, 0) AS skus, coalesce(v.on_hand, 0)::bigint AS on_hand,
       coalesce(v.promised, 0)::bigint AS promised, coalesce(v.kept, 0)::bigint AS kept,
       coalesce(v.free, 0)::bigint AS free, coalesce(t.coming, 0)::bigint AS coming
FROM locations o LEFT JOIN (
  SELECT v.location, count(*) FILTER (WHERE v.on_hand > 0) AS skus, sum(v.on_hand) AS on_hand,
         sum({_PROMISED}) AS promised, sum(v.safety_stock) AS kept, sum({_FREE}) AS free
  FROM levels v GROUP BY v.location) v ON v.location = o.code
LEFT JOIN (
  SELECT t.target, sum(x.sent - x.received - x.lost) AS coming
  FROM transfers t JOIN transfer_lines x ON x.transfer_id = t.id WHERE t.state = 'sent' GROUP BY t.target
) t ON t.target = o.code""")  # noqa: S608 -- constants only
_SKUS = text(f"""
SELECT v.sku, s.name, v.on_hand, {_PROMISED} AS promised, v.safety_stock AS kept, {_FREE} AS free
FROM levels v JOIN skus s ON s.sku = v.sku
WHERE v.location = :location AND (v.on_hand <> 0 OR v.allocated <> 0 OR v.reserved <> 0)
ORDER BY v.on_hand DESC, v.sku LIMIT :limit""")  # noqa: S608 -- constants only


async def lying(tx: Tx) -> dict[str, Lying]:
    """What lies at each location, by its code."""
    return {each.location: each for each in await rows_of(tx, _LYING, Lying)}


async def lying_at(tx: Tx, location: str, *, limit: int) -> list[LyingSku]:
    """The SKUs of which most lies there."""
    return await rows_of(tx, _SKUS, LyingSku, location=location, limit=limit)
