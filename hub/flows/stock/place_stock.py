"""Place stock: add or change locations; where one starts or stops to sell or to serve, its listings are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from hub.flows.zones import refuse_strange_zones
from hub.model.errors import NotFoundError
from hub.model.stock.locations import Location, LocationKind, refuse_bad
from hub.store import publications
from hub.store.db import Tx
from hub.store.publications import HERE
from hub.store.stock import levels, locations, visibility


class Wish(Struct, frozen=True):
    """What the location with this code shall be; what is left out stays as it was, or is as usual where it is new."""

    code: str
    name: str | None = None
    priority: int | None = None
    sellable: bool | None = None
    kind: LocationKind | None = None
    ships: bool | None = None
    pickup: bool | None = None
    country: str | None = None
    region: str | None = None
    postcode: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    channels: tuple[str, ...] | None = None
    time_zone: str | None = None


async def place_stock(tx: Tx, wishes: Sequence[Wish], *, at: datetime) -> set[UUID]:
    """Write the locations; return the channels to be told.

    Raises InputError or NotFoundError before anything is written.
    """
    before = {each.code: each for each in await locations.lock_locations(tx)}
    after = _after(before, wishes)
    for location in after.values():
        refuse_bad(location)
    await refuse_strange_zones(tx, [each.time_zone for each in after.values()])
    await _refuse_strange_channels(tx, list(after.values()))
    await locations.put_locations(tx, list(after.values()))
    return await publications.mark(tx, await _whose_number_moves(tx, before, after), at=at, origin=HERE)


def _after(before: Mapping[str, Location], wishes: Sequence[Wish]) -> dict[str, Location]:
    after: dict[str, Location] = {}
    for wish in wishes:
        said = {name: value for name, value in asdict(wish).items() if value is not None}
        was = after.get(wish.code) or before.get(wish.code) or Location(wish.code, "")
        after[wish.code] = replace(was, **said)
    return after


async def _whose_number_moves(
    tx: Tx, before: Mapping[str, Location], after: Mapping[str, Location]
) -> list[str]:
    """The SKUs there; and where other channels are served, also those of which one channel has some to itself."""
    pairs = [(before.get(code) or Location(code, ""), each) for code, each in after.items()]
    served = [new.code for old, new in pairs if set(old.channels) != set(new.channels)]
    switched = [new.code for old, new in pairs if old.sellable != new.sellable]
    if not (served or switched):
        return []
    held = await levels.skus_at(tx, [*served, *switched])
    return [*held, *(await visibility.allotted_skus(tx) if served else ())]


async def _refuse_strange_channels(tx: Tx, wished: Sequence[Location]) -> None:
    named = {slug for each in wished for slug in each.channels}
    strange = sorted(named - set(await locations.channel_slugs(tx))) if named else []
    if strange:
        msg = f"there is no channel {', '.join(strange[:5])}: see hub channel list; nothing was changed"
        raise NotFoundError(msg)
