"""Refuse a time zone in which days could not be reckoned, before anything is written."""

from collections.abc import Collection

from hub.model.errors import InputError
from hub.spec.moments import zone_of
from hub.store.db import Tx
from hub.store.zones import strange_zones


async def refuse_strange_zones(tx: Tx, names: Collection[str]) -> None:
    """Raises InputError for one that is not known, here and by the database: its statements say when a day ends."""
    for name in names:
        zone_of(name)
    strange = await strange_zones(tx, names)
    if strange:
        msg = f"there is no time zone {strange[0]!r} in the database: write it as Europe/Berlin"
        raise InputError(msg, field="time_zone")
