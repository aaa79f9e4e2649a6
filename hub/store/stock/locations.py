"""Locations: the places that hold stock, and the channels they serve."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from hub.model.stock.locations import Location
from hub.store.db import Tx, page

_ALL = """
SELECT o.code, o.name, o.priority, o.sellable, o.kind, o.ships, o.pickup, o.country, o.region, o.postcode, o.latitude,
       o.longitude, ARRAY(SELECT c.slug FROM location_channels s JOIN channels c ON c.id = s.channel_id
                          WHERE s.location = o.code ORDER BY c.slug) AS channels, o.time_zone
FROM locations o ORDER BY {order}"""
LISTED = _ALL.format(order="o.priority, o.code")
_LIST = text(LISTED)
_LOCK = text(f"{_ALL.format(order='o.code')} FOR NO KEY UPDATE")
_PUT = text("""
INSERT INTO locations (code, name, priority, sellable, kind, ships, pickup, country, region, postcode, latitude,
                       longitude, time_zone)
SELECT code, name, priority, sellable, kind, ships, pickup, country, region, postcode, latitude, longitude, time_zone
FROM json_to_recordset(CAST(:page AS json)) AS x(code text, name text, priority int, sellable bool, kind text,
     ships bool, pickup bool, country text, region text, postcode text, latitude float8, longitude float8,
     time_zone text)
ORDER BY code
ON CONFLICT (code) DO UPDATE SET name = excluded.name, priority = excluded.priority, sellable = excluded.sellable,
  kind = excluded.kind, ships = excluded.ships, pickup = excluded.pickup, country = excluded.country,
  region = excluded.region, postcode = excluded.postcode, latitude = excluded.latitude,
  longitude = excluded.longitude, time_zone = excluded.time_zone""")
_PUT_CHANNELS = text("""
WITH x AS (
  SELECT x.code, c.id AS channel_id
  FROM json_to_recordset(CAST(:page AS json)) AS x(code text, channels text[])
  CROSS JOIN LATERAL unnest(x.channels) AS n(slug) JOIN channels c ON c.slug = n.slug
), gone AS (
  DELETE FROM location_channels s WHERE s.location = ANY(:codes)
    AND NOT EXISTS (SELECT FROM x WHERE x.code = s.location AND x.channel_id = s.channel_id)
)
INSERT INTO location_channels (location, channel_id) SELECT DISTINCT code, channel_id FROM x ORDER BY code, channel_id
ON CONFLICT DO NOTHING""")


async def all_locations(tx: Tx) -> list[Location]:
    """Every location, first asked first."""
    return msgspec.convert([dict(row) for row in (await tx.execute(_LIST)).mappings()], list[Location])


async def lock_locations(tx: Tx) -> list[Location]:
    """As all_locations, by code; nobody else changes one until this transaction ends."""
    return msgspec.convert([dict(row) for row in (await tx.execute(_LOCK)).mappings()], list[Location])


async def put_locations(tx: Tx, locations: Sequence[Location]) -> None:
    """Write these locations as they are, with the channels they serve."""
    rows = page(locations)
    await tx.execute(_PUT, {"page": rows})
    await tx.execute(_PUT_CHANNELS, {"page": rows, "codes": [each.code for each in locations]})


_CHANNELS = text("SELECT slug FROM channels ORDER BY slug")


async def channel_slugs(tx: Tx) -> list[str]:
    """The channels a location may serve."""
    return [row.slug for row in await tx.execute(_CHANNELS)]
