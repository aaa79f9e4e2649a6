"""The form of a manual order: what the desk, a file or a script fills in.

Our own form, so an unknown field is refused: a misspelled one would lose what the clerk meant.
"""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from hub.model.incoming import NO_MONEY, Aware, Payment, Person, Text
from hub.model.money import Currency
from hub.spec import MalformedError


class ManualLine(Struct, frozen=True, forbid_unknown_fields=True):
    """`sku` is our own; without one the line is a custom one and takes no stock.

    `unit_price` and `discount` (for the whole line) include tax where the order's `taxes_included` says so;
    `tax` is the line's tax in money.
    """

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    quantity: Annotated[int, Meta(gt=0, le=1_000_000)]
    unit_price: Decimal
    sku: Text = ""
    discount: Decimal = NO_MONEY
    tax: Decimal = NO_MONEY


class ManualShipping(Struct, frozen=True, forbid_unknown_fields=True):
    method: Text = ""
    price: Decimal = NO_MONEY
    tax: Decimal = NO_MONEY


class ManualOrder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`command_id` is made by whoever fills in the form: the same one is the same order (a double click).

    A later form with the same `command_id` and a higher `revision` replaces the earlier one.
    """

    command_id: Annotated[str, Meta(min_length=1, max_length=200)]
    placed_at: Aware
    currency: Currency
    lines: Annotated[list[ManualLine], Meta(min_length=1, max_length=500)]
    customer: Person = Person()
    shipping: ManualShipping = ManualShipping()
    taxes_included: bool = False
    payment: Payment = Payment.PENDING
    payment_method: Text = ""
    order_number: Text = ""
    note: Text = ""
    revision: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class FormHead(Struct, frozen=True):
    """The one field that a form is known by; the rest may be wrong and is kept for a person to correct."""

    command_id: Annotated[str, Meta(min_length=1, max_length=200)]


_WORDS = {
    "`int`": "must be a whole number, such as 2",
    "`str`": "must be a text",
    "`datetime` with a timezone component": "needs its time zone, such as 2026-03-01T09:30:00+01:00",
    "`int` >= 1": "must be a whole number, 1 or more",
    "`int` > 0": "must be a whole number, 1 or more",
    "`str` matching regex '^[A-Z]{3}$'": "must be a currency code of three capital letters, such as EUR",
    "`array` of length >= 1": "must have at least one line",
    "`str` of length >= 1": "must not be empty",
    "`decimal`": "must be an amount, such as 12.50",
}


def read_order(raw: bytes) -> ManualOrder:
    """Raises MalformedError with the field's path and what belongs there."""
    try:
        return msgspec.json.decode(raw, type=ManualOrder)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error) from error


def read_head(raw: Raw | bytes, where: str) -> FormHead:
    try:
        return msgspec.json.decode(raw, type=FormHead)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error, where) from error


def cut(raw: bytes) -> list[Raw]:
    """One form, or a list of forms, each as the bytes it came in."""
    try:
        given = msgspec.json.decode(raw, type=Raw | list[Raw]) if raw.lstrip()[:1] == b"[" else Raw(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error) from error
    return given if isinstance(given, list) else [given]


def _malformed(error: Exception, where: str = "") -> MalformedError:
    if not isinstance(error, msgspec.ValidationError):
        return MalformedError("The order is not JSON: send one manual order, or a list of them")
    reason, _, path = str(error).partition(" - at `$")
    inner = path.rstrip("`").lstrip(".")
    return MalformedError(_sentence(reason, ".".join(part for part in (where, inner) if part)))


def _sentence(reason: str, path: str) -> str:
    """`lines[0].quantity must be a whole number, 1 or more`."""
    for missing in ("Object missing required field ", "Object contains unknown field "):
        if reason.startswith(missing):
            field = reason.removeprefix(missing).strip("`")
            problem = "is missing: fill it in" if "missing" in missing else "is not a field of a manual order"
            return f"{path + '.' if path else ''}{field} {problem}"
    expected = "`decimal`" if "decimal" in reason else reason.removeprefix("Expected ").partition(", got")[0]
    return f"{path or 'the order'} {_WORDS.get(expected, f'is wrong: {reason}')}"
