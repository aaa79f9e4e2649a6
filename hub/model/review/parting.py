"""What a rule splits off an order, as one of its own. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hub.model.incoming import LineKind
from hub.model.review.facts import LineFacts

BACKORDERED = "backordered"
"""What is accepted although it is not there, so that the rest need not wait for it."""

Units = Mapping[int, int]
"""How many units go, by the position of their line."""


class Parting(Struct, frozen=True):
    """What this rule splits off: the units, and how people read them."""

    rule: str
    what: str
    units: Units
    words: str


def part(lines: Sequence[LineFacts], rule: str, what: str) -> Parting:
    units = _going(lines, what)
    words = ", ".join(f"{count} × {lines[at].sku}" for at, count in units.items())
    return Parting(rule, what, units, words)


def _going(lines: Sequence[LineFacts], what: str) -> dict[int, int]:
    """The units that go: those not there now, or the lines of these SKUs; none where nothing or all of it would."""
    goods = {at: line for at, line in enumerate(lines) if line.kind == LineKind.ITEM and line.quantity}
    if what == BACKORDERED:
        lacking = {at: line.quantity - line.available for at, line in goods.items() if line.sku}
        units = {at: min(goods[at].quantity, lacks) for at, lacks in lacking.items() if lacks > 0}
    else:
        names = {name.strip() for name in what.split(",")}
        units = {at: line.quantity for at, line in goods.items() if line.sku in names}
    return units if leaves_something({at: line.quantity for at, line in goods.items()}, units) else {}


def leaves_something(lines: Units, going: Units) -> bool:
    """Whether something goes, and something stays."""
    return 0 < sum(going.values()) < sum(lines.values())
