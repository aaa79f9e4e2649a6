"""Alarms as people read them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from msgspec import Struct

from hub.model.stock.alarms import Kind

NAMES: Mapping[Kind, str] = {
    Kind.OVERSOLD: "Oversold",
    Kind.NEGATIVE_ON_HAND: "Below zero",
    Kind.OUT_OF_STOCK: "Out of stock",
    Kind.LOW_STOCK: "Low stock",
    Kind.AGING: "Aging",
}
NEXT: Mapping[Kind, str] = {
    Kind.OVERSOLD: "receive stock, move the order, or cancel its line",
    Kind.NEGATIVE_ON_HAND: "count the shelf: more was sold there than the books had",
    Kind.OUT_OF_STOCK: "buy it, or sell ahead of stock",
    Kind.LOW_STOCK: "buy it before the last one is sold",
    Kind.AGING: "mark it down, move it, or write it off",
}


class Figures(Protocol):
    """What a sentence is made of; see hub.model.stock.alarms.Condition."""

    @property
    def location(self) -> str | None: ...
    @property
    def units(self) -> int: ...
    @property
    def bound(self) -> int: ...
    @property
    def expiring(self) -> int: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def part(self) -> str: ...


def says(kind: Kind, each: Figures) -> str:
    """3 left at shop, threshold 5."""
    where = f" at {each.location}" if each.location else ""
    part = f", for want of {each.part}" if each.part else ""
    match kind:
        case Kind.OVERSOLD:
            one = each.units == 1
            return f"{each.units} more {'unit' if one else 'units'} sold than there {'is' if one else 'are'}"
        case Kind.NEGATIVE_ON_HAND:
            return f"{each.units} on hand{where}"
        case Kind.OUT_OF_STOCK:
            return f"nothing left{part}"
        case Kind.LOW_STOCK:
            return f"{each.units} left{where}, threshold {each.bound}{part}"
        case Kind.AGING:
            return "; ".join(_aging(each))


def _aging(each: Figures) -> list[str]:
    words = []
    if each.units:
        has = "has" if each.units == 1 else "have"
        words.append(f"{_units(each.units)} {has} not moved for {each.bound} days")
    if each.expiring:
        words.append(f"{_units(each.expiring)} to be sold by {each.expires_on}")
    return words


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"


class Line(Struct, frozen=True):
    """One alarm in a notice."""

    kind: Kind
    sku: str
    name: str
    says: str


_HEADLINES: Mapping[Kind, tuple[str, str]] = {
    Kind.OVERSOLD: ("is oversold", "SKUs are oversold"),
    Kind.NEGATIVE_ON_HAND: ("is below zero", "SKUs are below zero"),
    Kind.OUT_OF_STOCK: ("is out of stock", "SKUs are out of stock"),
    Kind.LOW_STOCK: ("is low", "SKUs are low"),
    Kind.AGING: ("is aging", "SKUs are aging"),
}


def headline(counts: Mapping[Kind, int], lines: Sequence[Line]) -> str:
    """MUG-BLUE is out of stock, 3 SKUs are low."""
    first = {each.kind: each.sku for each in reversed(lines)}
    return ", ".join(
        f"{first[kind]} {_HEADLINES[kind][0]}" if count == 1 else f"{count} {_HEADLINES[kind][1]}"
        for kind, count in counts.items()
    )


def letter(counts: Mapping[Kind, int], lines: Sequence[Line]) -> str:
    """A line for each alarm under its kind, and how many more there are, and what to do."""
    parts = []
    for kind, count in counts.items():
        own = [each for each in lines if each.kind is kind]
        said = [f"{each.sku} ({each.name}): {each.says}" for each in own]
        if count > len(own):
            said.append(f"and {count - len(own)} more")
        parts.append("\n".join([f"{NAMES[kind]}: {NEXT[kind]}.", *said]))
    return "\n\n".join(parts)
