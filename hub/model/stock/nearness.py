"""How near a location is to where an order goes, by the little of the address that is kept in plain sight (L17). Pure.

By distance where both sides have a position, and all locations that are compared do; else by the address: the same
country, in it the same region, in it the longest common beginning of the postcode.
"""

import math
from collections.abc import Sequence

from msgspec import Struct

from hub.model.incoming import Address
from hub.model.stock.locations import Location

POSTCODE_KEPT = 2  # characters: a district of a country, not a street
DEGREE_KEPT = 1  # decimals of a degree: some ten kilometers
TEXT_KEPT = 60
EARTH_KM = 6371.0


class Destination(Struct, frozen=True, omit_defaults=True):
    """Roughly where an order goes: never enough of it to find a door."""

    country: str = ""
    region: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None


def destination_of(address: Address | None) -> Destination | None:
    """None where nothing says that a parcel goes anywhere."""
    if address is None or not (address.country or address.postcode or address.latitude is not None):
        return None
    return Destination(
        _plain(address.country)[:TEXT_KEPT],
        _plain(address.region)[:TEXT_KEPT],
        _plain(address.postcode)[:POSTCODE_KEPT],
        _rounded(address.latitude),
        _rounded(address.longitude),
    )


def in_words(to: Destination) -> str:
    """As people write it: DE, postcode 10…"""
    parts = (to.country, to.region, f"postcode {to.postcode}…" if to.postcode else "")
    return ", ".join(part for part in parts if part) or "a position"


class Nearness(Struct, frozen=True):
    """`key` sorts the nearest first; `says` is why, for a person."""

    key: tuple[float, ...]
    says: str


UNKNOWN = Nearness((0,), "nobody knows where it goes")


def nearness(locations: Sequence[Location], to: Destination | None) -> dict[str, Nearness]:
    """How near each of these locations is, by its code; all of them by the same measure."""
    if to is None:
        return dict.fromkeys((each.code for each in locations), UNKNOWN)
    measured = {each.code: _km(each, to) for each in locations}
    if any(km is None for km in measured.values()):
        return {each.code: _by_address(each, to) for each in locations}
    return {code: Nearness((km,), f"{km:.0f} km") for code, km in measured.items() if km is not None}


def _by_address(location: Location, to: Destination) -> Nearness:
    same_country = to.country != "" and _plain(location.country) == to.country
    same_region = same_country and to.region != "" and _plain(location.region) == to.region
    shared = _shared(_plain(location.postcode), to.postcode) if same_country else ""
    said = [
        "same country" if same_country else "another country",
        f"region {to.region}" if same_region else "",
        f"postcode {shared}…" if shared else "",
    ]
    return Nearness(
        (not same_country, not same_region, -len(shared)), ", ".join(part for part in said if part)
    )


def _shared(one: str, other: str) -> str:
    """What both begin with."""
    count = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[: min(len(one), len(other)) if count is None else count]


def _km(location: Location, to: Destination) -> float | None:
    """The way as the crow flies; None where one side has no position."""
    if location.latitude is None or location.longitude is None or to.latitude is None or to.longitude is None:
        return None
    north, south = math.radians(location.latitude), math.radians(to.latitude)
    half_north, half_east = (north - south) / 2, math.radians(location.longitude - to.longitude) / 2
    chord = math.sin(half_north) ** 2 + math.cos(north) * math.cos(south) * math.sin(half_east) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


def _plain(text: str) -> str:
    return text.strip().upper()


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, DEGREE_KEPT)
