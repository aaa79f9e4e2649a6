"""Packing: what of an order is promised at a place, and which lines the scanned units make up. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from hub.model.errors import InputError
from hub.model.orders.taking import HeldLine


def to_pack(lines: Sequence[HeldLine], location: str) -> dict[str, int]:
    """The stock units of each SKU that may go into parcels at this location, in the order of the lines."""
    units = Counter[str]()
    for line in lines:
        for sku, each in line.parts.items():
            units[sku] += each * line.picks.get(location, 0)
    return {sku: count for sku, count in units.items() if count}


def packed(lines: Sequence[HeldLine], location: str, scanned: Mapping[str, int]) -> dict[UUID, int]:
    """The units sold of each line that the scanned stock units make up, first line first.

    Raises InputError where a unit belongs to no line, or to one of which another part is missing.
    """
    left = Counter(scanned)
    units: dict[UUID, int] = {}
    for line in lines:
        promised = line.picks.get(location, 0)
        whole = min([promised, *(left[sku] // each for sku, each in line.parts.items())])
        if whole:
            units[line.id] = whole
            left.subtract({sku: each * whole for sku, each in line.parts.items()})
    over = {sku: count for sku, count in left.items() if count > 0}
    if over:
        sku, count = next(iter(over.items()))
        needs = to_pack(lines, location).get(sku, 0)
        why = "the rest of its set is missing" if scanned[sku] <= needs else f"the order asks for {needs}"
        msg = f"{count} of {sku} cannot be packed: {why}"
        raise InputError(msg, field="lines")
    if not units:
        msg = "nothing is in the parcel yet: scan the first unit"
        raise InputError(msg, field="lines")
    return units
