"""Other orders of the same person that could leave now: in one parcel, where they go to one address."""

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.holds import BY_STOCK
from hub.store.customers import SAME_PERSON
from hub.store.db import Tx
from hub.store.desk.rows import rows_of

BESIDE_MAX = 12


class Beside(Struct, frozen=True):
    """`personal` is still sealed; `units` are promised, and have not left."""

    id: UUID
    number: int
    channel_name: str
    channel_kind: str
    personal: bytes
    units: int


_BESIDE = text(f"""
SELECT o.id, o.number, c.name AS channel_name, a.kind AS channel_kind, o.personal, l.units
FROM {SAME_PERSON.format("(SELECT customer_id FROM orders WHERE id = :order_id)")} p
JOIN orders o ON o.customer_id = p.id JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id
CROSS JOIN LATERAL (SELECT sum(allocated) AS units FROM order_lines WHERE order_id = o.id AND kind = 'item') l
WHERE o.id <> :order_id AND o.canceled_at IS NULL AND o.pickup IS NULL AND o.holds <@ CAST(:harmless AS text[])
  AND (c.ships_here OR a.kind = ANY(:our_own)) AND l.units > 0
ORDER BY o.number LIMIT {BESIDE_MAX}""")  # noqa: S608 -- constants only


async def orders_beside(tx: Tx, order_id: UUID, our_own: Collection[str]) -> list[Beside]:
    """Those that nothing keeps here; `our_own` are the kinds of channel whose orders are always shipped here."""
    wanted = {"order_id": order_id, "harmless": sorted(BY_STOCK), "our_own": sorted(our_own)}
    return await rows_of(tx, _BESIDE, Beside, **wanted)
