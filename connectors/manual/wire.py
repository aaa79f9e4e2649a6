"""The form of a manual order: what the desk, a file or a script fills in.

Our own form, so an unknown field is refused: a misspelled one would lose what the clerk meant.
"""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from hub.model.incoming import NO_MONEY, Aware, Payment, Person, Pickup, Text
from hub.model.money import CURRENCIES, Currency
from hub.spec import MalformedError

_ON_ONE_LINE = r"^[^\x00-\x1f]{1,200}\Z"
CommandId = Annotated[str, Meta(pattern=_ON_ONE_LINE)]


class ManualLine(Struct, frozen=True, forbid_unknown_fields=True):
    """`sku` is our own; without one the line is a custom one and takes no stock.

    `unit_price` and `discount` (for the whole line) include tax where the order's `taxes_included` says so;
    `tax` is the line's tax in money. `fields` are values of the retailer's own fields of lines, by key.
    """

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    quantity: Annotated[int, Meta(gt=0, le=1_000_000)]
    unit_price: Decimal
    sku: Text = ""
    discount: Decimal = NO_MONEY
    tax: Decimal = NO_MONEY
    fields: Annotated[dict[Text, Text], Meta(max_length=50)] = {}


class ManualShipping(Struct, frozen=True, forbid_unknown_fields=True):
    method: Text = ""
    price: Decimal = NO_MONEY
    tax: Decimal = NO_MONEY


class ManualOrder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`command_id` is made by whoever fills in the form: the same one is the same order (a double click).

    A later form with the same `command_id` and a higher `revision` replaces the earlier one. `pickup`: the customer
    collects it. `cash_on_delivery`: it is paid at the door. `fields` are values of the retailer's own, by key.
    """

    command_id: CommandId
    placed_at: Aware
    currency: Currency
    lines: Annotated[list[ManualLine], Meta(min_length=1, max_length=500)]
    customer: Person = Person()
    shipping: ManualShipping = ManualShipping()
    taxes_included: bool = False
    payment: Payment = Payment.PENDING
    payment_method: Text = ""
    cash_on_delivery: bool = False
    pickup: Pickup | None = None
    order_number: Text = ""
    note: Text = ""
    fields: Annotated[dict[Text, Text], Meta(max_length=50)] = {}
    revision: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class FormHead(Struct, frozen=True):
    """The one field that a form is known by; the rest may be wrong and is kept for a person to correct."""

    command_id: CommandId


_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_WORDS = {
    "`int`": "must be a whole number, such as 2",
    "`str`": "must be a text",
    "`datetime` with a timezone component": "needs its time zone, such as 2026-03-01T09:30:00+01:00",
    "`int` >= 1": "must be a whole number, 1 or more",
    "`int` > 0": "must be a whole number, 1 or more",
    "`str` matching regex '^[A-Z]{3}$'": "must be a currency code of three capital letters, such as EUR",
    "`array` of length >= 1": "must have at least one line",
    "`str` of length >= 1": "must not be empty",
    f"`str` matching regex {_ON_ONE_LINE!r}": "must be 1 to 200 characters on one line",
    "`decimal`": "must be an amount, such as 12.50",
}


def read_order(raw: bytes) -> ManualOrder:
    """Raises MalformedError with the field's path and what belongs there."""
    if b"\\u0000" in raw:
        msg = "The order has a NUL character in a text, which cannot be stored: remove it"
        raise MalformedError(msg)
    try:
        order = msgspec.json.decode(raw, type=ManualOrder)
    except _UNREADABLE as error:
        raise _malformed(error) from error
    if order.currency not in CURRENCIES:
        msg = f"currency must be one of ISO 4217, such as EUR: there is no {order.currency}"
        raise MalformedError(msg)
    return order


def read_head(raw: bytes, where: str) -> FormHead:
    """Raises MalformedError; `where` is the form's place in its file."""
    try:
        return msgspec.json.decode(raw, type=FormHead)
    except _UNREADABLE as error:
        raise _malformed(error, where) from error


def cut(raw: bytes) -> list[tuple[str, bytes]]:
    """One form, or a list of forms, each with its place in the file and the bytes it came in."""
    if raw.lstrip()[:1] != b"[":
        return [("", raw)]
    try:
        forms = msgspec.json.decode(raw, type=list[Raw])
    except _UNREADABLE as error:
        raise _malformed(error) from error
    return [(f"[{index}]", bytes(form)) for index, form in enumerate(forms)]


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
