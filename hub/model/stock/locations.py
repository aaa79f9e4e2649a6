"""Locations: the places that hold stock, which channels each serves, and what is counted for one of them. Pure."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.incoming import Pickup

CODE = r"^[a-z0-9][a-z0-9-]{0,62}$"
PRIORITY_MAX = 10_000


class LocationKind(StrEnum):
    """A depot is a third party's: it counts and sends for us."""

    WAREHOUSE = "warehouse"
    SHOP_FLOOR = "shop floor"
    DEPOT = "depot"


class Location(Struct, frozen=True):
    """A place that holds stock; the lowest `priority` is asked first.

    `sellable` says whether any channel sells what lies here, `ships` whether parcels leave from here, `pickup` whether
    customers collect here. `channels` are the slugs of those it serves; none named: all of them. By its
    `time_zone` a day ends there.
    """

    code: str
    name: str
    priority: int = 100
    sellable: bool = True
    kind: LocationKind = LocationKind.WAREHOUSE
    ships: bool = True
    pickup: bool = False
    country: str = ""
    region: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    channels: tuple[str, ...] = ()
    time_zone: str = "UTC"


def counting(
    locations: Sequence[Location],
    channel: str,
    *,
    of_rule: Sequence[str] | None = None,
    own: str | None = None,
) -> tuple[str, ...] | None:
    """The locations that count for a channel, in order of their codes; None: every one does.

    They serve it, and its rule counts them where it names any. A till's `own` place serves it always.
    """
    served = tuple(
        sorted(
            each.code
            for each in locations
            if not each.channels or channel in each.channels or each.code == own
        )
    )
    if len(served) == len(locations):
        return tuple(sorted(of_rule)) if of_rule is not None else None
    return tuple(code for code in served if of_rule is None or code in of_rule)


def collecting(locations: Sequence[Location], pickup: Pickup | None) -> tuple[str, ...] | None:
    """Where goods that a customer collects are taken from: the place that is named, if it is ours, by code or name.

    Else wherever customers collect. None: anywhere, since nothing is collected, or no location says that it is here.
    """
    if pickup is None:
        return None
    named = {pickup.channel_location_id.lower(), pickup.name.lower()} - {""}
    ours = [each.code for each in locations if named & {each.code.lower(), each.name.lower()}]
    return tuple(ours or [each.code for each in locations if each.pickup]) or None


def refuse_bad(location: Location) -> None:
    """Raises InputError naming the field that cannot be so."""
    for field, is_wrong, says in _WRONG:
        if is_wrong(location):
            msg = f"location {location.code!r} {says}"
            raise InputError(msg, field=field)


_WRONG: tuple[tuple[str, Callable[[Location], bool], str], ...] = (
    (
        "code",
        lambda each: re.fullmatch(CODE, each.code) is None,
        "has no such code: use small letters, digits and hyphens, such as shop-berlin",
    ),
    ("name", lambda each: not each.name.strip(), "has no name: say what people call it"),
    (
        "priority",
        lambda each: not 0 <= each.priority <= PRIORITY_MAX,
        f"has a priority out of range: it is from 0 to {PRIORITY_MAX}, and the lowest is asked first",
    ),
    (
        "country",
        lambda each: each.country != "" and re.fullmatch("[A-Z]{2}", each.country) is None,
        "has no such country: use the two letters of ISO 3166, such as DE",
    ),
    (
        "latitude",
        lambda each: (each.latitude is None) != (each.longitude is None),
        "has half a position: give latitude and longitude together",
    ),
    (
        "latitude",
        lambda each: each.latitude is not None and not -90 <= each.latitude <= 90,
        "has a latitude that is nowhere on earth: it is from -90 to 90",
    ),
    (
        "longitude",
        lambda each: each.longitude is not None and not -180 <= each.longitude <= 180,
        "has a longitude that is nowhere on earth: it is from -180 to 180",
    ),
)
