"""Time zones as the database knows them."""

from collections.abc import Iterable

from sqlalchemy import text

from hub.store.db import Tx

_STRANGE = text(
    "SELECT x FROM unnest(CAST(:names AS text[])) x WHERE x NOT IN (SELECT name FROM pg_timezone_names)"
)


async def strange_zones(tx: Tx, names: Iterable[str]) -> list[str]:
    """Those of these that it does not know; every database knows UTC."""
    asked = sorted({*names} - {"UTC"})
    return sorted((await tx.scalars(_STRANGE, {"names": asked})).all()) if asked else []
