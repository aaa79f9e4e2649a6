"""Time zones as the database knows them."""

from collections.abc import Iterable

from sqlalchemy import text

from hub.store.db import Tx

# The day it is at :at in a zone; where the database has lost the zone, in UTC, so that one zone stops no others.
DAY = """CAST(CAST(:at AS timestamptz) AT TIME ZONE CASE
    WHEN pg_input_is_valid('2000-01-01 ' || {0}, 'timestamptz') THEN {0} ELSE 'UTC' END AS date)"""
_STRANGE = text(
    "SELECT x FROM unnest(CAST(:names AS text[])) x WHERE x NOT IN (SELECT name FROM pg_timezone_names)"
)


async def strange_zones(tx: Tx, names: Iterable[str]) -> list[str]:
    """Those of these that it does not know; every database knows UTC."""
    asked = sorted({*names} - {"UTC"})
    return sorted((await tx.scalars(_STRANGE, {"names": asked})).all()) if asked else []
