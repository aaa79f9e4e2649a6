"""Supply: all that a plan decides over, in one statement: what is sold ahead, the levels, and who may give to whom."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.backorders import Ahead
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.store.db import Tx
from hub.store.stock import locations, policies
from hub.store.stock.policies import Policies

# What is sold ahead is locked before any level, each in its order: the levels wait for its count. A level that somebody
# begins meanwhile is not seen; what it could have filled, the sweep fills (levels.skus_to_fill).
_LOCK = text(f"""
WITH ahead AS MATERIALIZED (
  SELECT sku, unit_limit, expected_on, kind, taken FROM backorder_terms
  WHERE sku = ANY(:sold) ORDER BY sku FOR UPDATE
), books AS MATERIALIZED (
  SELECT sku, location, on_hand, allocated, reserved, safety_stock FROM levels
  WHERE sku = ANY(:skus) AND (SELECT count(*) FROM ahead) >= 0 ORDER BY sku, location FOR UPDATE
)
SELECT CAST(json_build_object(
  'ahead', (SELECT coalesce(json_object_agg(sku, json_build_object('taken', taken, 'terms',
      json_build_object('limit', unit_limit, 'expected', expected_on, 'kind', kind))), '{{}}') FROM ahead),
  'levels', (SELECT coalesce(json_agg(b), '[]') FROM books b),
  'policies', ({policies.ALL}),
  'locations', (SELECT coalesce(json_agg(o), '[]') FROM ({locations.LISTED}) o)) AS text)""")  # noqa: S608 -- constants only


class Supply(Struct, frozen=True):
    """What may be sold `ahead`, by SKU; the levels in (sku, location) order; and all policies and locations."""

    ahead: Mapping[str, Ahead]
    levels: list[Level]
    policies: Policies
    locations: list[Location]


_decode = msgspec.json.Decoder(Supply).decode


async def lock_supply(tx: Tx, sold: Sequence[str], skus: Sequence[str]) -> Supply:
    """Lock what is sold ahead of the SKUs `sold`, then the levels of `skus`, each in its order, and read the rest."""
    asked = {"sold": sorted(set(sold)), "skus": sorted(set(skus))}
    return _decode(await tx.scalar(_LOCK, asked))
