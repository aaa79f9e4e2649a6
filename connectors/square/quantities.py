"""Square's quantities are decimal strings: "2", "1.5" kilograms. The hub counts whole units. Pure."""

from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from connectors.square import wire
from hub.spec import MalformedError

UNITS_MAX = 1_000_000


def quantity_of(line: wire.Line, path: str) -> Decimal:
    try:
        quantity = Decimal(line.quantity)
    except InvalidOperation as error:
        msg = f"{path}.quantity: Square sent {line.quantity!r} where a number such as 2 or 1.5 belongs"
        raise MalformedError(msg) from error
    if not quantity.is_finite() or not 0 <= quantity <= UNITS_MAX:
        msg = f"{path}.quantity: {line.quantity!r} is not between 0 and {UNITS_MAX}"
        raise MalformedError(msg)
    return quantity


def is_measured(line: wire.Line, quantity: Decimal) -> bool:
    """Whether the line is sold by weight, length or time, where no whole unit leaves a shelf."""
    fine = line.quantity_unit.precision if line.quantity_unit else 0
    return bool(fine) or quantity != quantity.to_integral_value()


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
