"""Find a carrier by whatever name it goes by, or by a number that can only be its own."""

from collections.abc import Mapping

from msgspec import Struct

from hub.model.errors import InputError, NotFoundError
from hub.spec import Carrier


class Tracked(Struct, frozen=True):
    """`url` is empty where the carrier has no page to follow a parcel on."""

    number: str
    carrier: str
    title: str
    url: str


def carrier_named(carriers: Mapping[str, Carrier], name: str) -> Carrier | None:
    """By key, title or another name; None for one the hub does not know, which is no error: any text may be sent."""
    wanted = _plain(name)
    return next((each for each in carriers.values() if wanted in map(_plain, _names(each))), None)


def track(carriers: Mapping[str, Carrier], number: str, name: str | None = None) -> Tracked:
    """Where a parcel can be followed. Raises NotFoundError for an unknown carrier, InputError where none is sure."""
    if not number.strip():
        msg = "the tracking number is empty: type it as it stands on the parcel"
        raise InputError(msg, field="number")
    found = carrier_named(carriers, name) if name else _sure(carriers, number)
    if found is None and name:
        msg = f"there is no carrier {name!r}; the hub knows: {', '.join(sorted(carriers))}"
        raise NotFoundError(msg)
    if found is None:
        msg = f"{number!r} may be of several carriers: say which; the hub knows {', '.join(sorted(carriers))}"
        raise InputError(msg, field="carrier")
    return Tracked(number, found.key, found.title, found.tracking_url(number))


def _sure(carriers: Mapping[str, Carrier], number: str) -> Carrier | None:
    """The one that knows the number; nobody where two think so."""
    found = [each for each in carriers.values() if each.knows(number)]
    return found[0] if len(found) == 1 else None


def _names(carrier: Carrier) -> list[str]:
    return [carrier.key, carrier.title, *carrier.names]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
