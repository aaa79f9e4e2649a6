"""Square's quantities are decimal strings: "2", "1.5" kilograms. The hub counts whole units. Pure."""

from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Protocol

from connectors.square import wire
from hub.spec import MalformedError

UNITS_MAX = 1_000_000


class Quantified(Protocol):
    """A line, of an order that is read whole or in part."""

    @property
    def quantity(self) -> str: ...
    @property
    def quantity_unit(self) -> wire.QuantityUnit | None: ...


def quantity_of(line: Quantified, path: str) -> Decimal:
    try:
        quantity = Decimal(line.quantity)
    except InvalidOperation as error:
        msg = f"{path}.quantity: Square sent {line.quantity!r} where a number such as 2 or 1.5 belongs"
        raise MalformedError(msg) from error
    if not quantity.is_finite() or not 0 <= quantity <= UNITS_MAX:
        msg = f"{path}.quantity: {line.quantity!r} is not between 0 and {UNITS_MAX}"
        raise MalformedError(msg)
    return quantity


def is_measured(line: Quantified, quantity: Decimal) -> bool:
    """Whether the line is sold by weight, length or time, where no whole unit leaves a shelf."""
    fine = line.quantity_unit.precision if line.quantity_unit else 0
    return bool(fine) or quantity != quantity.to_integral_value()


def units_of(line: Quantified, quantity: Decimal) -> int:
    """What is measured is one unit, however much of it was sold."""
    return 1 if is_measured(line, quantity) else int(quantity)


def whole_units(text: str) -> int:
    """Read a count; what is no number counts as none, and a fraction as the whole units below it.

    The bound comes before the conversion: int(Decimal("1e999999")) alone takes seconds.
    """
    try:
        number = Decimal(text)
        countable = -UNITS_MAX <= number <= UNITS_MAX
    except InvalidOperation:  # no number, or NaN, which compares with nothing
        return 0
    return int(number.to_integral_value(ROUND_FLOOR)) if countable else 0
