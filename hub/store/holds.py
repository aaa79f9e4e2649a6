"""Holds: the array of an order is the index of its reasons; each reason has a row here with its facts.

Whoever writes the array writes the rows in the same statement (`FOLLOW`), so that neither is without the other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.holds import TEXT_MAX
from hub.store.db import Tx, page

FOLLOW = """begun AS (
  INSERT INTO holds (order_id, reason, stock, since, due_at, owner, note, put_by)
  SELECT w.id, r, coalesce(a.stock, CASE r WHEN 'payment' THEN 'released' ELSE 'kept' END), coalesce(a.since, :at),
    a.due_at, coalesce(a.owner, ''), coalesce(a.note, ''), coalesce(a.put_by, 'hub')
  FROM written w CROSS JOIN unnest(w.holds) r LEFT JOIN LATERAL jsonb_to_recordset(w.set_aside)
    AS a(reason text, stock text, since timestamptz, due_at timestamptz, owner text, note text, put_by text)
    ON a.reason = r
  ORDER BY 1, 2 ON CONFLICT DO NOTHING), ended AS (
  DELETE FROM holds h USING written w WHERE h.order_id = w.id AND NOT h.reason = ANY(w.holds)
  RETURNING h.order_id, h.stock)"""
"""Follows `written`, the orders with their new holds, and with those that were set aside, which come back as they were.

An unpaid order is held for its payment when its stock is given back, and only then.
"""
SET_ASIDE = "(SELECT jsonb_agg(to_jsonb(h) - 'order_id') FROM holds h WHERE h.order_id = o.id)"
"""The holds of order `o` with their facts, as it is canceled."""

_SET = text(f"""
WITH written AS (
  UPDATE orders o SET holds = x.holds FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, holds text[])
  WHERE o.id = x.id RETURNING o.id, o.holds, o.set_aside), {FOLLOW}
SELECT FROM written""")  # noqa: S608 -- constants only


async def set_holds(tx: Tx, holds: Mapping[UUID, Sequence[str]], *, at: datetime) -> None:
    """Say of these orders, which are locked, all that they wait for."""
    if holds:
        rows = [{"id": order_id, "holds": list(reasons)} for order_id, reasons in sorted(holds.items())]
        await tx.execute(_SET, {"page": page(rows), "at": at})


class HoldRow(Struct, frozen=True):
    order_id: UUID
    reason: str
    stock: str
    note: str
    owner: str
    due_at: datetime | None


_PUT = text("""
INSERT INTO holds AS h (order_id, reason, stock, since, due_at, owner, note, put_by)
SELECT order_id, reason, stock, :at, due_at, owner, note, :actor FROM json_to_recordset(CAST(:page AS json))
  AS x(order_id uuid, reason text, stock text, note text, owner text, due_at timestamptz)
ORDER BY order_id, reason
ON CONFLICT (order_id, reason) DO UPDATE SET due_at = coalesce(excluded.due_at, h.due_at),
  stock = CASE excluded.stock WHEN 'released' THEN 'released' ELSE h.stock END,
  owner = coalesce(nullif(excluded.owner, ''), h.owner), note = coalesce(nullif(excluded.note, ''), h.note)""")


async def put_facts(tx: Tx, rows: Sequence[HoldRow], *, actor: str, at: datetime) -> None:
    """Keep what is known of holds; one that is there already keeps its age, and what is not said anew."""
    if rows:
        await tx.execute(_PUT, {"page": page(rows), "actor": actor, "at": at})


class Unheld(Struct, frozen=True):
    """An order that waits for this reason no more; its stock was `kept` or `released` meanwhile."""

    id: UUID
    number: int
    channel_id: UUID
    stock: str


_REMOVE = text(f"""
WITH held AS (
  SELECT id FROM orders WHERE number = ANY(:numbers) AND :hold = ANY(holds)
  ORDER BY channel_id, channel_order_id FOR UPDATE
), written AS (
  UPDATE orders o SET holds = array_remove(o.holds, :hold) FROM held WHERE o.id = held.id
  RETURNING o.id, o.number, o.channel_id, o.holds, o.set_aside), {FOLLOW}
SELECT w.id, w.number, w.channel_id, e.stock FROM written w JOIN ended e ON e.order_id = w.id
ORDER BY w.number""")  # noqa: S608 -- constants only


async def remove_hold(tx: Tx, numbers: Sequence[int], hold: str, *, at: datetime) -> list[Unheld]:
    """Take one hold off these orders; return those that had it."""
    rows = await tx.execute(_REMOVE, {"numbers": list(numbers), "hold": hold, "at": at})
    return [Unheld(*row) for row in rows]


# One that both have is given back where either was, and keeps what is known of both.
_TAKE_OVER = text("""
WITH x AS (SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(source uuid, target uuid)), taken AS (
  INSERT INTO holds AS h (order_id, reason, stock, since, due_at, owner, note, put_by)
  SELECT x.target, s.reason, max(s.stock), min(s.since), min(s.due_at), coalesce(min(nullif(s.owner, '')), ''),
    left(coalesce(string_agg(DISTINCT nullif(s.note, ''), '; '), ''), :longest), min(s.put_by)
  FROM x JOIN holds s ON s.order_id = x.source WHERE NOT s.reason = ANY(:but) GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (order_id, reason) DO UPDATE SET stock = greatest(h.stock, excluded.stock),
    owner = coalesce(nullif(h.owner, ''), excluded.owner),
    note = CASE h.note WHEN excluded.note THEN h.note
      ELSE left(concat_ws('; ', nullif(h.note, ''), nullif(excluded.note, '')), :longest) END
  RETURNING order_id, reason)
UPDATE orders o SET holds = ARRAY(SELECT unnest(o.holds) UNION SELECT unnest(t.reasons) ORDER BY 1)
FROM (SELECT order_id, array_agg(reason) AS reasons FROM taken GROUP BY 1) t WHERE o.id = t.order_id""")


async def take_over(tx: Tx, pairs: Sequence[tuple[UUID, UUID]], *, but: Sequence[str]) -> None:
    """The second order of each pair is held for all that the first is, but for these reasons; all are locked."""
    if pairs:
        rows = [{"source": source, "target": target} for source, target in pairs]
        await tx.execute(_TAKE_OVER, {"page": page(rows), "but": list(but), "longest": TEXT_MAX})


class Facts(Struct, frozen=True):
    """What of a hold may become another one's as well."""

    stock: str
    note: str
    owner: str


Joined = Mapping[str, tuple[Facts, Facts]]
"""Holds of an order before and after it took over those of others, by reason."""
NONE_JOINED: Joined = {}
_FACTS = text("SELECT reason, stock, note, owner FROM holds WHERE order_id = :order_id")
_PART = text("""
UPDATE holds h SET stock = x.before->>'stock', note = x.before->>'note', owner = x.before->>'owner'
FROM json_to_recordset(CAST(:page AS json)) AS x(order_id uuid, reason text, before json, after json)
WHERE (h.order_id, h.reason) = (x.order_id, x.reason)
  AND (h.stock, h.note, h.owner) = (x.after->>'stock', x.after->>'note', x.after->>'owner')""")


async def facts_of(tx: Tx, order_id: UUID) -> dict[str, Facts]:
    return {reason: Facts(*each) for reason, *each in await tx.execute(_FACTS, {"order_id": order_id})}


async def part(tx: Tx, joined: Mapping[UUID, Joined]) -> None:
    """Holds of these orders, which are locked, are as before; not those of which people have said more since."""
    rows = [
        {"order_id": order_id, "reason": reason, "before": before, "after": after}
        for order_id, each in sorted(joined.items())
        for reason, (before, after) in sorted(each.items())
    ]
    if rows:
        await tx.execute(_PART, {"page": page(rows)})


_ASSIGN = text("""
WITH held AS (
  SELECT id, number FROM orders WHERE number = ANY(:numbers) AND :hold = ANY(holds)
  ORDER BY channel_id, channel_order_id FOR UPDATE)
UPDATE holds h SET owner = coalesce(CAST(:owner AS text), h.owner), note = coalesce(CAST(:note AS text), h.note),
  due_at = coalesce(CAST(:due_at AS timestamptz), h.due_at)
FROM held WHERE h.order_id = held.id AND h.reason = :hold RETURNING h.order_id, held.number""")


async def assign(
    tx: Tx, numbers: Sequence[int], hold: str, *, owner: str | None, note: str | None, due_at: datetime | None
) -> dict[int, UUID]:
    """Change the facts that are not None; return the orders that had the hold, by number."""
    wanted = {"numbers": list(numbers), "hold": hold, "owner": owner, "note": note, "due_at": due_at}
    return {row.number: row.order_id for row in await tx.execute(_ASSIGN, wanted)}


_RELEASING = text("""
SELECT DISTINCT order_id FROM holds WHERE order_id = ANY(:ids) AND stock = 'released' AND reason <> 'payment'""")


async def released(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these orders, which are locked, that keep no stock by a person's or a rule's word."""
    return {row.order_id for row in await tx.execute(_RELEASING, {"ids": list(ids)})} if ids else set()


class HeldFor(Struct, frozen=True):
    """One hold of one order, as lists show it; `personal` of the order is still sealed."""

    order_id: UUID
    order_number: int
    channel: str
    channel_name: str
    channel_kind: str
    placed_at: datetime
    currency: str
    total: Decimal
    personal: bytes
    reason: str
    stock: str
    since: datetime
    due_at: datetime | None
    owner: str
    note: str
    put_by: str


_LIST = text("""
SELECT o.id, o.number, c.slug, c.name, a.kind, o.placed_at, o.currency, o.total, o.personal, h.reason, h.stock, h.since,
       h.due_at, h.owner, h.note, h.put_by
FROM holds h JOIN orders o ON o.id = h.order_id JOIN channels c ON c.id = o.channel_id
JOIN accounts a ON a.id = c.account_id
WHERE (CAST(:reason AS text) IS NULL OR h.reason = :reason) AND (CAST(:owner AS text) IS NULL OR h.owner = :owner)
  AND (CAST(:number AS bigint) IS NULL OR o.number = :number)
  AND (CAST(:due_before AS timestamptz) IS NULL OR h.due_at <= :due_before)
  AND (h.since, o.number, h.reason) > (CAST(:since AS timestamptz), CAST(:last AS bigint), CAST(:last_reason AS text))
ORDER BY h.since, o.number, h.reason LIMIT :limit""")
OLDEST = ("-infinity", 0, "")


async def list_holds(
    tx: Tx,
    *,
    reason: str | None = None,
    owner: str | None = None,
    number: int | None = None,
    due_before: datetime | None = None,
    after: tuple[str, int, str] = OLDEST,
    limit: int,
) -> list[HeldFor]:
    """The oldest hold first; `owner` "" are those nobody looks after. `after` is what a page starts after."""
    since, last, last_reason = after
    wanted = {"reason": reason, "owner": owner, "number": number, "due_before": due_before, "limit": limit}
    rows = await tx.execute(_LIST, wanted | {"since": since, "last": last, "last_reason": last_reason})
    return [HeldFor(*row) for row in rows]


class Tally(Struct, frozen=True):
    reason: str
    orders: int
    overdue: int
    oldest: datetime


_TALLY = text("""
SELECT reason, count(*), count(*) FILTER (WHERE due_at <= :at), min(since) FROM holds GROUP BY reason
ORDER BY min(since), reason""")


async def tally(tx: Tx, *, at: datetime) -> list[Tally]:
    """How many orders wait for each reason, the one that waits longest first."""
    return [Tally(*row) for row in await tx.execute(_TALLY, {"at": at})]
