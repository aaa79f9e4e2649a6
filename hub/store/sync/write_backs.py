"""Write-backs: what channels are to be told of orders; made with the effect, claimed with a lease, settled once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.kit.ids import uuid7s
from hub.model.edits.editing import OWN_LINE
from hub.model.sync.told_refunds import Asked
from hub.model.sync.write_backs import OPEN, Effect, Kind, State, Wish
from hub.store.db import Tx, page

LEASE_S = 150  # longer than any job runs
_OPEN = ", ".join(f"'{state}'" for state in OPEN)
_DUE = f"""(w.state IN ('{State.WAITING}', '{State.UNKNOWN}') AND (w.next_try_at IS NULL OR w.next_try_at <= :at)
       OR w.state = '{State.CLAIMED}' AND w.leased_until <= :at)
  AND NOT EXISTS (SELECT FROM write_backs e WHERE e.order_id = w.order_id AND e.id < w.id AND e.state IN ({_OPEN}))"""
_LIT = "EXISTS (SELECT FROM channels c WHERE c.id = w.channel_id AND c.shadow_since IS NULL)"

# A parcel of goods that no channel sold, and a cancel that came from there, are no news to it.
_ADD = text(f"""
INSERT INTO write_backs (id, channel_id, order_id, kind, cause_id, lines, amount, made_at)
SELECT x.id, o.channel_id, o.id, x.kind, x.cause_id, x.lines, x.amount, :at
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, kind text, order_id uuid, cause_id uuid, lines jsonb, amount numeric)
JOIN orders o ON o.id = x.order_id JOIN write_back_switches s ON s.channel_id = o.channel_id AND s.kind = x.kind
WHERE CASE x.kind
  WHEN '{Kind.FULFILLMENT}' THEN EXISTS (
    SELECT FROM shipment_lines p JOIN order_lines l ON l.id = p.order_line_id
    WHERE p.shipment_id = x.cause_id AND NOT starts_with(l.channel_line_id, '{OWN_LINE}'))
  WHEN '{Kind.CANCELLATION}' THEN NOT o.channel_canceled
  ELSE true END
ORDER BY x.id ON CONFLICT (kind, cause_id) DO NOTHING
RETURNING channel_id""")  # noqa: S608 -- constants only


async def add(tx: Tx, effects: Sequence[Effect], *, at: datetime) -> set[UUID]:
    """Note what channels are to be told, of those that are told of it; return them. The orders are locked."""
    if not effects:
        return set()
    rows = [
        msgspec.structs.asdict(each) | {"id": new_id}
        for each, new_id in zip(effects, uuid7s(len(effects)), strict=True)
    ]
    return {row.channel_id for row in await tx.execute(_ADD, {"page": page(rows), "at": at})}


# What was not sent yet goes out as it is now; so does a correction that waits. One that is being claimed has the label
# as it was: whatever its state, it is locked before it is judged.
_CORRECT = text(f"""
WITH held AS (
  SELECT w.* FROM write_backs w JOIN write_back_switches s ON s.channel_id = w.channel_id AND s.kind = w.kind
  WHERE w.kind = '{Kind.FULFILLMENT}' AND w.order_id IN (SELECT order_id FROM shipments WHERE id = ANY(:parcel_ids))
  ORDER BY w.id FOR UPDATE OF w
)
INSERT INTO write_backs (id, channel_id, order_id, kind, cause_id, corrects, made_at)
SELECT x.id, w.channel_id, w.order_id, w.kind, x.id, w.id, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, parcel_id uuid) JOIN held w ON w.cause_id = x.parcel_id
WHERE (w.state IN ('{State.CLAIMED}', '{State.UNKNOWN}', '{State.APPLIED}') OR w.may_be_there)
  AND NOT EXISTS (SELECT FROM held c
                  WHERE c.corrects = w.id AND c.state = '{State.WAITING}' AND NOT c.may_be_there)
ORDER BY x.id RETURNING channel_id""")  # noqa: S608 -- constants only


async def correct(tx: Tx, parcel_ids: Sequence[UUID], *, at: datetime) -> set[UUID]:
    """Note that channels which know of these parcels are to be told of their labels again; return the channels.

    The orders are locked.
    """
    if not parcel_ids:
        return set()
    rows = [
        {"id": new_id, "parcel_id": each}
        for each, new_id in zip(parcel_ids, uuid7s(len(parcel_ids)), strict=True)
    ]
    wanted = {"parcel_ids": list(parcel_ids), "page": page(rows), "at": at}
    return {row.channel_id for row in await tx.execute(_CORRECT, wanted)}


_CLAIM = text(f"""
WITH due AS (
  SELECT w.id, w.may_be_there OR w.state <> '{State.WAITING}' AS doubtful FROM write_backs w
  WHERE w.channel_id = :channel_id AND w.state IN ({_OPEN}) AND {_DUE} AND {_LIT}
  ORDER BY w.id LIMIT :limit FOR UPDATE OF w SKIP LOCKED
)
UPDATE write_backs w SET state = '{State.CLAIMED}', claim = :claim, attempts = w.attempts + 1, sent_at = :at,
  leased_until = :at + make_interval(secs => {LEASE_S}), next_try_at = NULL, may_be_there = due.doubtful
FROM due WHERE w.id = due.id RETURNING w.id, due.doubtful""")  # noqa: S608 -- constants only
_SOLD_THERE = f"""l.order_id = o.id AND l.kind = 'item' AND NOT l.removed
  AND NOT starts_with(l.channel_line_id, '{OWN_LINE}')"""
# As they are once they are claimed: a label that was corrected meanwhile goes out as it is now.
_WISHES = text(f"""
SELECT w.id, w.kind, w.order_id, o.number, o.channel_order_id, o.currency, w.attempts, w.refusals,
  coalesce(h.at, w.made_at) AS at,
  EXISTS (SELECT FROM write_back_switches s WHERE s.channel_id = w.channel_id AND s.kind = w.kind) AS told,
  w.lines, w.amount, coalesce(h.carrier, '') AS carrier, coalesce(h.tracking, '') AS tracking,
  coalesce(p.units, '{{}}') AS units, coalesce(p.gone, '{{}}') AS left,
  NOT EXISTS (SELECT FROM order_lines l
              WHERE {_SOLD_THERE} AND greatest(l.shipped, l.fulfilled) < l.quantity - l.canceled)
    AND NOT EXISTS (SELECT FROM write_backs n WHERE n.order_id = o.id AND n.kind IN (w.kind, '{Kind.FULFILLMENT}')
                    AND n.id > w.id AND n.state IN ({_OPEN}) AND n.corrects IS NULL) AS completes,
  EXISTS (SELECT FROM order_lines l WHERE {_SOLD_THERE} AND greatest(l.shipped, l.fulfilled) > 0) AS sent,
  (SELECT coalesce(jsonb_object_agg(l.channel_line_id, l.quantity), '{{}}') FROM order_lines l
   WHERE l.order_id = o.id AND NOT starts_with(l.channel_line_id, '{OWN_LINE}')) AS known_lines,
  w.corrects, coalesce(f.id || CASE WHEN f.refusals > 0 THEN '-' || f.refusals ELSE '' END, '') AS parcel_key,
  coalesce((SELECT c.channel_ref FROM write_backs c
            WHERE c.order_id = o.id AND c.corrects = f.id AND c.channel_ref <> '' ORDER BY c.id DESC LIMIT 1),
           f.channel_ref, '') AS parcel_ref
FROM write_backs w JOIN orders o ON o.id = w.order_id LEFT JOIN write_backs f ON f.id = w.corrects
LEFT JOIN shipments h ON w.kind = '{Kind.FULFILLMENT}' AND h.id = coalesce(f.cause_id, w.cause_id)
LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(l.channel_line_id, s.quantity) AS units, jsonb_object_agg(l.channel_line_id, (
      SELECT sum(e.quantity) FROM shipment_lines e JOIN shipments b ON b.id = e.shipment_id
      WHERE e.order_line_id = l.id AND b.channel_parcel_id = '' AND (b.at, b.id) <= (h.at, h.id))) AS gone
  FROM shipment_lines s JOIN order_lines l ON l.id = s.order_line_id
  WHERE s.shipment_id = h.id AND NOT starts_with(l.channel_line_id, '{OWN_LINE}')) p ON true
WHERE w.id = ANY(:ids) ORDER BY w.id""")  # noqa: S608 -- constants only


async def claim_due(tx: Tx, channel_id: UUID, *, claim: UUID, limit: int, at: datetime) -> list[Wish]:
    """Take those that wait longest, one of each order; nobody else has them until their lease is over."""
    wanted = {"channel_id": channel_id, "claim": claim, "limit": limit, "at": at}
    doubtful = {row.id: row.doubtful for row in await tx.execute(_CLAIM, wanted)}
    rows = (await tx.execute(_WISHES, {"ids": list(doubtful)})).mappings()
    return [msgspec.convert({**row, "doubtful": doubtful[row["id"]]}, Wish) for row in rows]


class Became(Struct, frozen=True):
    """What became of one that was claimed; `retry_s` until it is looked at again, where it is open still.

    `put_off`: the claim sent nothing, and does not count. `refused`: the channel said no, so it surely is not there.
    """

    id: UUID
    state: State
    reason: str = ""
    channel_ref: str = ""
    retry_s: float = 0
    put_off: bool = False
    refused: bool = False


_SETTLE = text(f"""
UPDATE write_backs w SET state = x.state, reason = x.reason, claim = NULL, leased_until = NULL,
  channel_ref = coalesce(nullif(x.channel_ref, ''), w.channel_ref),
  attempts = w.attempts - CAST(x.put_off AS int), refusals = w.refusals + CAST(x.refused AS int),
  may_be_there = (w.may_be_there AND NOT x.refused) OR x.state = '{State.UNKNOWN}',
  told_at = CASE WHEN x.state = '{State.APPLIED}' THEN CAST(:at AS timestamptz) END,
  next_try_at = CASE WHEN x.retry_s > 0 THEN :at + make_interval(secs => x.retry_s) END
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, state text, reason text, channel_ref text, retry_s float, put_off bool, refused bool)
WHERE w.id = x.id AND w.claim = :claim RETURNING w.id""")  # noqa: S608 -- constants only
# A parcel that came as the channel's news before its answer did is ours: the same one is not kept twice.
_FORGET_ECHOES = text("""
DELETE FROM shipments h USING write_backs w
WHERE w.id = ANY(:ids) AND w.kind = 'fulfillment' AND w.channel_ref <> ''
  AND h.order_id = w.order_id AND h.channel_parcel_id = w.channel_ref""")
_FORGET_LINES = text("""
DELETE FROM shipment_lines s USING shipments h, write_backs w
WHERE w.id = ANY(:ids) AND w.kind = 'fulfillment' AND w.channel_ref <> ''
  AND h.order_id = w.order_id AND h.channel_parcel_id = w.channel_ref
  AND s.shipment_id = h.id""")

# The channel has it canceled from now on: its own snapshot that says so is no news, whoever undoes it meanwhile.
_NOTE_CANCELS = text(f"""
UPDATE orders o SET channel_canceled = true FROM write_backs w
WHERE w.id = ANY(:ids) AND w.order_id = o.id AND w.kind = '{Kind.CANCELLATION}' AND w.state = '{State.APPLIED}'
  AND (w.lines = '{{}}' OR NOT EXISTS (SELECT FROM order_lines l WHERE {_SOLD_THERE} AND l.canceled < l.quantity))""")  # noqa: S608 -- constants only


async def settle(tx: Tx, claim: UUID, became: Sequence[Became], *, at: datetime) -> set[UUID]:
    """Record outcomes; return those that are recorded. One whose lease was over, and that others have, is left alone.

    The orders are locked.
    """
    rows = await tx.execute(_SETTLE, {"page": page(became), "claim": claim, "at": at})
    settled = {row.id for row in rows}
    await tx.execute(_FORGET_LINES, {"ids": list(settled)})
    await tx.execute(_FORGET_ECHOES, {"ids": list(settled)})
    await tx.execute(_NOTE_CANCELS, {"ids": list(settled)})
    return settled


class Held(Struct, frozen=True):
    """A write-back that is locked, for whoever decides on it."""

    id: UUID
    channel_id: UUID
    order_id: UUID
    number: int
    kind: Kind
    cause_id: UUID
    state: State
    amount: Decimal | None
    may_be_there: bool


_HELD = """
SELECT w.id, w.channel_id, w.order_id, o.number, w.kind, w.cause_id, w.state, w.amount, w.may_be_there
FROM write_backs w JOIN orders o ON o.id = w.order_id WHERE {which} ORDER BY w.id FOR UPDATE OF w"""
_LOCK = text(_HELD.format(which="w.id = ANY(:ids)"))
_LOCK_CAUSES = text(_HELD.format(which="w.cause_id = ANY(:ids)"))
_LOCK_CANCELS = text(
    _HELD.format(which=f"w.order_id = ANY(:ids) AND w.kind = '{Kind.CANCELLATION}' AND w.lines = '{{}}'")
)
_SETTLED = f"'{State.APPLIED}', '{State.WITHDRAWN}'"
_LOCK_REFUNDS = text(
    _HELD.format(which=f"w.order_id = ANY(:ids) AND w.kind = '{Kind.REFUND}' AND w.state NOT IN ({_SETTLED})")
)
_LOCK_UNTOLD = text(
    _HELD.format(
        which=f"""w.channel_id = ANY(:ids) AND w.state = '{State.WAITING}' AND NOT w.may_be_there
  AND NOT EXISTS (SELECT FROM write_back_switches s WHERE s.channel_id = w.channel_id AND s.kind = w.kind)"""
    )
)
_DECIDE = text(f"""
UPDATE write_backs w SET state = x.state, settled_by = :actor, next_try_at = NULL,
  attempts = CASE WHEN x.state = '{State.WAITING}' THEN 0 ELSE w.attempts END,
  reason = CASE WHEN x.state = '{State.WAITING}' THEN '' ELSE w.reason END
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, state text) WHERE w.id = x.id""")  # noqa: S608


async def lock(tx: Tx, ids: Sequence[UUID]) -> list[Held]:
    return await _lock(tx, _LOCK, ids)


async def lock_causes(tx: Tx, cause_ids: Sequence[UUID]) -> list[Held]:
    """Those that these parcels or edits caused."""
    return await _lock(tx, _LOCK_CAUSES, cause_ids)


async def lock_cancels(tx: Tx, order_ids: Sequence[UUID]) -> list[Held]:
    """Those that say that the whole of these orders is canceled."""
    return await _lock(tx, _LOCK_CANCELS, order_ids)


async def lock_refunds(tx: Tx, order_ids: Sequence[UUID]) -> list[Held]:
    """Those of these orders that the channel may pay yet, or after another try."""
    return await _lock(tx, _LOCK_REFUNDS, order_ids)


async def lock_untold(tx: Tx, channel_id: UUID) -> list[Held]:
    """Those that wait, were surely not sent, and of which the channel is told no more."""
    return await _lock(tx, _LOCK_UNTOLD, [channel_id])


async def _lock(tx: Tx, statement: object, ids: Sequence[UUID]) -> list[Held]:
    if not ids:
        return []
    rows = (await tx.execute(statement, {"ids": sorted(ids)})).mappings()  # type: ignore[call-overload]
    return [msgspec.convert(dict(row), Held) for row in rows]


async def decide(tx: Tx, states: Mapping[UUID, State], *, actor: str) -> None:
    """Write what a person decided, of those that are locked."""
    if states:
        rows = [{"id": each, "state": state} for each, state in states.items()]
        await tx.execute(_DECIDE, {"page": page(rows), "actor": actor})


_REFUNDS_OF = text(f"""
SELECT order_id, id, state, amount, channel_ref, may_be_there, sent_at FROM write_backs
WHERE order_id = ANY(:ids) AND kind = '{Kind.REFUND}' AND state <> '{State.WITHDRAWN}' ORDER BY id FOR UPDATE""")  # noqa: S608
_FIND_THERE = text(f"""
UPDATE write_backs w SET state = '{State.APPLIED}', told_at = :at, channel_ref = x.ref
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, ref text)
WHERE w.id = x.id AND w.state = '{State.REJECTED}'""")  # noqa: S608 -- constants only


async def refunds_of(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, list[Asked]]:
    """Lock what the channel is, or was, to give back of these orders, which are locked: nobody claims it meanwhile."""
    found: dict[UUID, list[Asked]] = {each: [] for each in order_ids}
    for order_id, asked, state, *row in await tx.execute(_REFUNDS_OF, {"ids": list(order_ids)}):
        found[order_id].append(Asked(asked, State(state), *row))
    return found


async def find_there(tx: Tx, refs: Mapping[UUID, str], *, at: datetime) -> None:
    """Those of which nobody knew, and the channel tells by these ids."""
    rows = [{"id": each, "ref": ref} for each, ref in sorted(refs.items())]
    await tx.execute(_FIND_THERE, {"page": page(rows), "at": at})


_NUMBERS = text("""
SELECT DISTINCT o.number FROM write_backs w JOIN orders o ON o.id = w.order_id WHERE w.id = ANY(:ids)""")
_TO_PAY = text(f"""
SELECT o.number, sum(w.amount) AS amount FROM write_backs w JOIN orders o ON o.id = w.order_id
WHERE o.number = ANY(:numbers) AND w.kind = '{Kind.REFUND}' AND (w.state IN ({_OPEN}) OR w.id = ANY(:ids))
GROUP BY o.number""")  # noqa: S608 -- constants only


async def numbers_of(tx: Tx, ids: Sequence[UUID]) -> list[int]:
    """The orders that these are of."""
    return [row.number for row in await tx.execute(_NUMBERS, {"ids": list(ids)})]


async def to_pay(tx: Tx, numbers: Sequence[int], ids: Sequence[UUID]) -> dict[int, Decimal]:
    """How much the channel is to give back of these orders, with these write-backs, by order number."""
    rows = await tx.execute(_TO_PAY, {"numbers": list(numbers), "ids": list(ids)})
    return {row.number: row.amount for row in rows}


_CHANNELS_DUE = text(f"""
SELECT DISTINCT w.channel_id FROM write_backs w
WHERE w.state IN ({_OPEN}) AND w.made_at <= :before AND {_DUE} AND {_LIT}""")  # noqa: S608 -- constants only
_IS_DUE = text(f"""
SELECT EXISTS (SELECT FROM write_backs w
  WHERE w.channel_id = :channel_id AND w.state IN ({_OPEN}) AND {_DUE} AND {_LIT})""")  # noqa: S608


async def channels_due(tx: Tx, *, before: datetime, at: datetime) -> list[UUID]:
    """Channels that are to be told of something since before: their ring was lost (L3)."""
    return [row.channel_id for row in await tx.execute(_CHANNELS_DUE, {"before": before, "at": at})]


async def is_due(tx: Tx, channel_id: UUID, *, at: datetime) -> bool:
    return bool(await tx.scalar(_IS_DUE, {"channel_id": channel_id, "at": at}))


_SWITCHES = text("SELECT kind, since FROM write_back_switches WHERE channel_id = :channel_id ORDER BY kind")
_SWITCH_ON = text("""
INSERT INTO write_back_switches (channel_id, kind, since) SELECT :channel_id, kind, :at
FROM unnest(CAST(:kinds AS text[])) AS x(kind) ORDER BY kind ON CONFLICT DO NOTHING""")
_SWITCH_OFF = text(
    "DELETE FROM write_back_switches WHERE channel_id = :channel_id AND NOT kind = ANY(:kinds)"
)


async def switches(tx: Tx, channel_id: UUID) -> dict[Kind, datetime]:
    """Of what the channel is told, and since when."""
    rows = await tx.execute(_SWITCHES, {"channel_id": channel_id})
    return {Kind(row.kind): row.since for row in rows}


async def switch(tx: Tx, channel_id: UUID, kinds: Collection[Kind], *, at: datetime) -> None:
    """From now on the channel is told of these and of nothing else."""
    wanted = {"channel_id": channel_id, "kinds": sorted(kinds)}
    await tx.execute(_SWITCH_ON, {**wanted, "at": at})
    await tx.execute(_SWITCH_OFF, wanted)
