"""Transfers, their lines, and what has arrived of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import text

from hub.model.stock.lines import Units
from hub.model.stock.transfers import Arrival, Line, State
from hub.store.db import Tx, page

_ADD = text("""
WITH new AS (
  INSERT INTO transfers (id, source, target, note, created_by, created_at)
  VALUES (:id, :source, :target, :note, :actor, :at)
  ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING id, number, xmax = 0 AS is_new
), lines AS (
  INSERT INTO transfer_lines (transfer_id, sku, units)
  SELECT new.id, x.sku, x.units FROM new, json_to_recordset(CAST(:page AS json)) AS x(sku text, units int)
  WHERE new.is_new
)
SELECT number, is_new FROM new""")


class NewTransfer(Struct, frozen=True):
    id: UUID
    source: str
    target: str
    note: str


async def add_transfer(
    tx: Tx, new: NewTransfer, lines: Mapping[str, int], *, actor: str, at: datetime
) -> tuple[int, bool]:
    """Return its number, and whether it is new; one with this id that is there already stays as it is."""
    rows = page([Units(sku, units) for sku, units in lines.items()])
    row = (await tx.execute(_ADD, {**asdict(new), "page": rows, "actor": actor, "at": at})).one()
    return row.number, row.is_new


class Held(Struct, frozen=True):
    """A transfer, locked, with its lines in order of SKUs."""

    id: UUID
    number: int
    source: str
    target: str
    state: State
    lines: list[Line]


_LOCK = text("""
SELECT t.id, t.number, t.source, t.target, t.state, (
  SELECT jsonb_agg(jsonb_build_object('sku', l.sku, 'units', l.units, 'sent', l.sent, 'received', l.received,
    'lost', l.lost, 'found', l.found) ORDER BY l.sku) FROM transfer_lines l WHERE l.transfer_id = t.id) AS lines
FROM transfers t WHERE t.number = :number FOR UPDATE OF t""")


async def lock_transfer(tx: Tx, number: int) -> Held | None:
    """Lock it before any order or level is locked."""
    row = (await tx.execute(_LOCK, {"number": number})).mappings().first()
    return msgspec.convert(dict(row), Held) if row is not None else None


_PUT_LINES = text("""
WITH x AS (SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, units int)), gone AS (
  DELETE FROM transfer_lines WHERE transfer_id = :id AND sku NOT IN (SELECT sku FROM x)
)
INSERT INTO transfer_lines AS l (transfer_id, sku, units) SELECT :id, sku, units FROM x ORDER BY sku
ON CONFLICT (transfer_id, sku) DO UPDATE SET units = excluded.units""")


async def put_lines(tx: Tx, transfer_id: UUID, lines: Mapping[str, int]) -> None:
    """Make these the lines of a draft."""
    rows = page([Units(sku, units) for sku, units in lines.items()])
    await tx.execute(_PUT_LINES, {"id": transfer_id, "page": rows})


_SEND = text("""
WITH sent AS (UPDATE transfer_lines SET sent = units WHERE transfer_id = :id)
UPDATE transfers SET state = 'sent', sent_by = :actor, sent_at = :at WHERE id = :id""")
_CLOSE = text("UPDATE transfers SET state = :state, closed_by = :actor, closed_at = :at WHERE id = :id")


async def note_sent(tx: Tx, transfer_id: UUID, *, actor: str, at: datetime) -> None:
    await tx.execute(_SEND, {"id": transfer_id, "actor": actor, "at": at})


async def close(tx: Tx, transfer_id: UUID, state: State, *, actor: str, at: datetime) -> None:
    await tx.execute(_CLOSE, {"id": transfer_id, "state": state, "actor": actor, "at": at})


_KNOWN = text("SELECT EXISTS (SELECT FROM transfer_arrivals WHERE id = :id)")
_ARRIVAL = text("""
INSERT INTO transfer_arrivals (id, transfer_id, reason, actor, at) VALUES (:id, :transfer_id, :reason, :actor, :at)""")
_ARRIVE = text("""
UPDATE transfer_lines l SET received = l.received + x.received, lost = l.lost + x.lost, found = l.found + x.found
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, received int, lost int, found int)
WHERE l.transfer_id = :id AND l.sku = x.sku""")


async def has_arrived(tx: Tx, arrival_id: UUID) -> bool:
    """Whether somebody has told of it; its transfer is locked, so nobody does meanwhile."""
    return bool(await tx.scalar(_KNOWN, {"id": arrival_id}))


async def add_arrival(
    tx: Tx, transfer_id: UUID, arrival_id: UUID, *, reason: str, actor: str, at: datetime
) -> None:
    new = {"id": arrival_id, "transfer_id": transfer_id, "reason": reason, "actor": actor, "at": at}
    await tx.execute(_ARRIVAL, new)


async def note_arrived(tx: Tx, transfer_id: UUID, arrivals: Sequence[Arrival]) -> None:
    await tx.execute(_ARRIVE, {"id": transfer_id, "page": page(arrivals)})


class Arrived(Struct, frozen=True):
    at: datetime
    actor: str
    reason: str
    lines: list[Arrival]


class TransferLine(Struct, frozen=True):
    sku: str
    name: str
    units: int
    sent: int
    received: int
    lost: int
    found: int
    in_transit: int


class Transfer(Struct, frozen=True):
    """One transfer with its lines; `arrivals` are what came of it, the first one first."""

    number: int
    source: str
    source_name: str
    target: str
    target_name: str
    state: State
    note: str
    created_by: str
    sent_by: str
    closed_by: str
    created_at: datetime
    sent_at: datetime | None
    closed_at: datetime | None
    units: int
    in_transit: int
    lines: list[TransferLine]
    arrivals: list[Arrived]


# What an arrival brought is told by its movements: `transfer in` is received and lost together, adjustments part them.
_READ = """
SELECT t.number, t.source, s.name AS source_name, t.target, g.name AS target_name, t.state, t.note, t.created_by,
       t.sent_by, t.closed_by, t.created_at, t.sent_at, t.closed_at, l.units, l.in_transit, l.lines,
       {arrivals} AS arrivals
FROM transfers t JOIN locations s ON s.code = t.source JOIN locations g ON g.code = t.target
CROSS JOIN LATERAL (
  SELECT coalesce(sum(l.units), 0)::bigint AS units,
         coalesce(sum(l.sent - l.received - l.lost), 0)::bigint AS in_transit,
         coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'name', k.name, 'units', l.units, 'sent', l.sent,
           'received', l.received, 'lost', l.lost, 'found', l.found,
           'in_transit', l.sent - l.received - l.lost) ORDER BY l.sku), '[]') AS lines
  FROM transfer_lines l JOIN skus k ON k.sku = l.sku WHERE l.transfer_id = t.id
) l
WHERE {which} ORDER BY t.number DESC LIMIT :limit"""
_ARRIVALS = """(
  SELECT coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'actor', a.actor, 'reason', a.reason,
           'lines', m.lines) ORDER BY a.at, a.id), '[]')
  FROM transfer_arrivals a CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'received', came + least(0, changed),
             'lost', greatest(0, -changed), 'found', greatest(0, changed)) ORDER BY sku), '[]') AS lines
    FROM (SELECT sku, coalesce(sum(on_hand_change) FILTER (WHERE kind = 'transfer in'), 0)::bigint AS came,
                 coalesce(sum(on_hand_change) FILTER (WHERE kind = 'adjustment'), 0)::bigint AS changed
          FROM movements WHERE cause = 'transfer' AND cause_id = CAST(a.id AS text) GROUP BY sku) m
  ) m WHERE a.transfer_id = t.id)"""
_ONE = text(_READ.format(arrivals=_ARRIVALS, which="t.number = :number"))
_LIST = text(
    _READ.format(
        arrivals="'[]'::jsonb",
        which="""t.number < :before AND (CAST(:state AS text) IS NULL OR t.state = :state)
  AND (CAST(:location AS text) IS NULL OR :location IN (t.source, t.target))""",
    )
)
NUMBER_MAX = 2**62

LEVELS_AND_TRANSIT = """
  (SELECT location, coalesce(l.on_hand, 0) AS on_hand, coalesce(l.allocated, 0) AS allocated,
          coalesce(l.reserved, 0) AS reserved, coalesce(l.safety_stock, 0) AS safety_stock,
          coalesce(t.units, 0) AS in_transit
   FROM (SELECT * FROM levels WHERE sku = s.sku) l FULL JOIN (
     SELECT t.target AS location, sum(x.sent - x.received - x.lost)::bigint AS units
     FROM transfer_lines x JOIN transfers t ON t.id = x.transfer_id
     WHERE x.sku = s.sku AND x.sent > x.received + x.lost GROUP BY t.target) t USING (location))"""
"""The books of SKU `s.sku` by location, with what is on its way there: nobody sells that before it has come."""


async def read_transfer(tx: Tx, number: int) -> Transfer | None:
    row = (await tx.execute(_ONE, {"number": number, "limit": 1})).mappings().first()
    return msgspec.convert(dict(row), Transfer) if row is not None else None


async def list_transfers(
    tx: Tx, *, before: int = NUMBER_MAX, state: str | None = None, location: str | None = None, limit: int
) -> list[Transfer]:
    """One page, the newest first; what arrived when is told of a single one only."""
    wanted = {"before": before, "state": state, "location": location, "limit": limit}
    rows = await tx.execute(_LIST, wanted)
    return msgspec.convert([dict(row) for row in rows.mappings()], list[Transfer])
