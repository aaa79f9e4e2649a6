"""Parcels: what of an order leaves, by a person's word. Pure; counts are units sold."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import Address, Person
from hub.model.orders.holds import BY_STOCK
from hub.model.orders.taking import HeldLine

TEXT_MAX = 100  # characters of a carrier or a tracking number


class Parcel(Struct, frozen=True):
    """Units of one order in one parcel. `id` is the caller's: the same one again is the same parcel.

    `units` are by line; without any, all that is promised leaves. With a `location` it leaves from there alone. What is
    `collected` needs no carrier, and is with its customer at once.
    """

    id: UUID
    order: int
    units: Mapping[UUID, int] = {}
    carrier: str = ""
    tracking: str = ""
    location: str | None = None
    collected: bool = False


def goes_to(person: Person) -> tuple[str, ...]:
    """An address as a parcel service reads it: capitals, blanks and who rings do not matter."""
    to = person.shipping or person.billing or Address()
    parts = (to.street, to.street2, to.postcode, to.city, to.region, to.country)
    return tuple(" ".join(each.lower().split()) for each in parts)


def in_one_parcel(parcel: Parcel, others: Sequence[int]) -> list[Parcel]:
    """The parcel with all that is promised to the `others` beside what it has: one for each order, under one label."""
    beside = dict.fromkeys(others)
    return [
        parcel,
        *(
            Parcel(uuid5(parcel.id, str(order)), order, {}, parcel.carrier, parcel.tracking)
            for order in beside
        ),
    ]


def stopping_holds(holds: Sequence[str]) -> list[str]:
    """Those that somebody must resolve before goods may leave; what lacks stock keeps back nothing that is there."""
    return [hold for hold in holds if hold not in BY_STOCK]


def leaving(parcel: Parcel, lines: Sequence[HeldLine], holds: Sequence[str]) -> dict[UUID, int]:
    """How many units of each line leave with this parcel; at least one of one line.

    Only what is promised can leave: it lies somewhere. Raises InputError or WrongStateError for the first that cannot.
    """
    refuse_words(parcel.carrier, parcel.tracking)
    stopping = stopping_holds(holds)
    if stopping:
        msg = f"order {parcel.order} is held ({', '.join(stopping)}): resolve that first, on its page"
        raise WrongStateError(msg)
    promised = {line.id: _promised(line, parcel.location) for line in lines if line.kind == "item"}
    units = dict(parcel.units) or {line_id: count for line_id, count in promised.items() if count}
    if not units:
        where = f" at {parcel.location}" if parcel.location else ""
        msg = (
            f"nothing of order {parcel.order} is promised{where}, so nothing can leave: see what it waits for"
        )
        raise WrongStateError(msg)
    names = {line.id: line.sku or line.channel_line_id for line in lines}
    for line_id, count in units.items():
        if line_id not in promised:
            msg = f"order {parcel.order} has no line {line_id} with goods"
            raise InputError(msg, field="lines")
        if not 1 <= count <= promised[line_id]:
            where = f" at {parcel.location}" if parcel.location else ""
            msg = (
                f"{count} of {names[line_id]} cannot leave: {promised[line_id]} are promised to order"
                f" {parcel.order}{where}"
            )
            raise InputError(msg, field="lines")
    return units


def _promised(line: HeldLine, location: str | None) -> int:
    return line.allocated if location is None else line.picks.get(location, 0)


def refuse_words(carrier: str, tracking: str) -> None:
    """Raises InputError for the first that cannot stand on a label."""
    for name, words in (("carrier", carrier), ("tracking", tracking)):
        if len(words) > TEXT_MAX or not words.isprintable():
            msg = f"the {name} {words[:20]!r} is no such thing: {TEXT_MAX} printable characters at most"
            raise InputError(msg, field=name)
