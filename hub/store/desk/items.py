"""SKUs as a form names them: what they are called, how their units are told apart, what is free where they leave."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.bundles import Kind
from hub.model.stock.lots import Tracking
from hub.store.db import Tx
from hub.store.desk.rows import rows_of


class Item(Struct, frozen=True):
    """`free` may be sent away from the location that was asked about: promised units stay, safety stock may go."""

    sku: str
    name: str
    kind: Kind
    tracking: Tracking
    free: int


_ITEMS = text("""
SELECT s.sku, s.name, s.kind, s.tracking, greatest(0, coalesce(v.on_hand::bigint - v.allocated - v.reserved, 0)) AS free
FROM skus s LEFT JOIN levels v ON v.sku = s.sku AND v.location = :location
WHERE s.sku = ANY(:skus)""")


async def items_of(tx: Tx, skus: Iterable[str], *, location: str = "") -> dict[str, Item]:
    """Those of these SKUs there are."""
    found = await rows_of(tx, _ITEMS, Item, skus=sorted(set(skus)), location=location)
    return {each.sku: each for each in found}
