"""From quantities to the words people see, on three axes: payment, fulfillment, review. Pure; counts are units sold."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Counts(Struct, frozen=True):
    """The numbers of one line, or summed over the lines of an order.

    `due` must still leave, `short` is the part of it that has no promise, and `backordered` the part of that which was
    accepted although it is not there; all are summed line by line, so that one line's surplus never hides another
    line's lack.
    """

    ordered: int = 0
    canceled: int = 0
    allocated: int = 0
    shipped: int = 0
    returned: int = 0
    due: int = 0
    short: int = 0
    backordered: int = 0


class Fulfillment(StrEnum):
    NOTHING = "nothing to ship"
    CANCELED = "canceled"
    RETURNED = "returned"
    PARTLY_RETURNED = "partly returned"
    SHIPPED = "shipped"
    PARTLY_SHIPPED = "partly shipped"
    ALLOCATED = "allocated"
    PARTLY_ALLOCATED = "partly allocated"
    BACKORDERED = "backordered"
    OPEN = "open"


class Wait(Struct, frozen=True):
    """One thing an order waits for: `reason` is the hold or the lack, `need` what ends it."""

    reason: str
    need: str
    units: int = 0


_NEEDS = {
    "unmatched": "a SKU for each line",
    "oversold": "stock, or a cancellation",
    "unsourced": "a location that may give it",
    "payment": "the payment",
    "address": "a complete address",
    "fraud": "a fraud check",
    "review": "a person's approval",
    "conflict": "a choice between the channel's word and ours",
}

# The first rule that holds names the state.
_FULFILLMENT: tuple[tuple[Callable[[Counts], bool], Fulfillment], ...] = (
    (lambda c: c.ordered == 0, Fulfillment.NOTHING),
    (lambda c: c.shipped == 0 and c.canceled >= c.ordered, Fulfillment.CANCELED),
    (lambda c: c.shipped == 0 and c.due > 0 and c.short == 0, Fulfillment.ALLOCATED),
    (lambda c: c.shipped == 0 and c.allocated > 0, Fulfillment.PARTLY_ALLOCATED),
    (lambda c: c.shipped == 0 and c.backordered > 0, Fulfillment.BACKORDERED),
    (lambda c: c.shipped == 0, Fulfillment.OPEN),
    (lambda c: c.returned >= c.shipped, Fulfillment.RETURNED),
    (lambda c: c.returned > 0, Fulfillment.PARTLY_RETURNED),
    (lambda c: c.due > 0, Fulfillment.PARTLY_SHIPPED),
)


def count_line(
    *, ordered: int, canceled: int, allocated: int, shipped: int, returned: int, backordered: int = 0
) -> Counts:
    due = max(0, ordered - canceled - shipped)
    return Counts(ordered, canceled, allocated, shipped, returned, due, max(0, due - allocated), backordered)


class SoldLine(Protocol):
    """A line with its quantities, wherever it was read from."""

    @property
    def quantity(self) -> int: ...
    @property
    def canceled(self) -> int: ...
    @property
    def allocated(self) -> int: ...
    @property
    def backordered(self) -> int: ...
    @property
    def shipped(self) -> int: ...
    @property
    def returned(self) -> int: ...


def counts_of(line: SoldLine) -> Counts:
    return count_line(
        ordered=line.quantity,
        canceled=line.canceled,
        allocated=line.allocated,
        shipped=line.shipped,
        returned=line.returned,
        backordered=line.backordered,
    )


def add_up(lines: Iterable[Counts]) -> Counts:
    """Sum the lines that take stock; leave out custom lines and fees."""
    sums = [0] * len(Counts.__struct_fields__)
    for line in lines:
        for index, field in enumerate(Counts.__struct_fields__):
            sums[index] += getattr(line, field)
    return Counts(*sums)


def fulfillment_of(counts: Counts) -> Fulfillment:
    return next((state for holds, state in _FULFILLMENT if holds(counts)), Fulfillment.SHIPPED)


def need_of(hold: str) -> str:
    """What ends a hold."""
    return _NEEDS.get(hold, "a look")


def waits_for(counts: Counts, holds: Sequence[str], *, canceled: bool, expected: str = "") -> list[Wait]:
    """Return what the order waits for: each hold, else stock, else the parcel; empty when it is done.

    `expected` says when the last of what is on backorder should be there.
    """
    waits = [Wait(hold, need_of(hold)) for hold in holds]
    if waits or canceled or counts.due == 0:
        return waits
    if counts.backordered:
        when = f", expected {expected}" if expected else ""
        waits.append(Wait("backordered", f"stock on backorder{when}", counts.backordered))
    rest = counts.short - counts.backordered
    if rest > 0:
        words = ("kept whole", "the rest of the order") if counts.backordered else ("short", "stock")
        waits.append(Wait(*words, rest))
    return waits or [Wait("allocated", "shipment", counts.due)]
