"""Rank what is due on a channel, the riskiest first. What is marked meanwhile stands by itself (publications.mark)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from hub.model.sync.risk import risk_of
from hub.store.db import PLANNED_ONCE, Tx, page
from hub.store.freshness import SHOWN_THERE, TO_TELL
from hub.store.stock.shown import shown_by_rules

_ALL_DUE = text(f"""
SELECT p.listing_id FROM publications p WHERE p.channel_id = :channel_id AND {TO_TELL} ORDER BY p.listing_id""")  # noqa: S608
_LOCK = text(f"""
SELECT p.listing_id, {PLANNED_ONCE} FROM publications p WHERE p.listing_id = ANY(:ids) AND {TO_TELL}
ORDER BY p.listing_id FOR UPDATE""")  # noqa: S608 -- constants only
_MATTERS = "(w.shows IS NULL OR w.would < w.shows)"
# Of these only what falls, what nobody told yet, and what stands otherwise: what rises is last, at 0.
_TO_RANK = text(f"""{shown_by_rules("l.id = ANY(:ids)")}
SELECT w.id, w.risk, w.shows, w.would, coalesce(s.units / w.units, 0) AS sold
FROM (SELECT shown.id, shown.part, shown.units, shown.quantity AS would, {SHOWN_THERE} AS shows, p.risk
      FROM shown JOIN publications p ON p.listing_id = shown.id) w
LEFT JOIN LATERAL (
  SELECT greatest(0, sum(m.allocated_change - m.on_hand_change)) AS units FROM movements m
  WHERE {_MATTERS}
    AND m.sku = w.part AND m.kind IN ('allocation', 'release', 'shipment') AND m.at > :at - interval '7 days') s
  ON true
WHERE w.risk <> 0 OR {_MATTERS}""")  # noqa: S608 -- constants only
_RANK = text("""
UPDATE publications p SET risk = x.risk
FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, risk float) WHERE p.listing_id = x.listing_id""")
_HOLDS = text("UPDATE channels SET ranked_until = :until WHERE id = :channel_id")


async def all_due(tx: Tx, channel_id: UUID) -> list[UUID]:
    """All that waits on a channel, in the order in which it is locked."""
    return list((await tx.execute(_ALL_DUE, {"channel_id": channel_id})).scalars())


async def rank(tx: Tx, ids: Sequence[UUID], *, at: datetime) -> None:
    """Three statements for any number of these; whoever marks one of them waits, and marks it after it is ranked."""
    locked = list((await tx.execute(_LOCK, {"ids": list(ids)})).scalars())
    if not locked:
        return
    found = await tx.execute(_TO_RANK, {"ids": locked, "at": at})
    ranked = [
        (listing_id, was, risk_of(shows=shows, would=would, sold=sold))
        for listing_id, was, shows, would, sold in found
    ]
    rows = [{"listing_id": listing_id, "risk": risk} for listing_id, was, risk in ranked if risk != was]
    if rows:
        await tx.execute(_RANK, {"page": page(rows)})


async def note_ranked(tx: Tx, channel_id: UUID, *, until: datetime) -> None:
    """Whoever claims before then goes by this ranking."""
    await tx.execute(_HOLDS, {"channel_id": channel_id, "until": until})
