"""List prices from a file: one for each SKU, in one currency; the form for phone orders fills it in. Pure."""

from decimal import Decimal

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.imports.cells import read_amount
from hub.model.imports.known import Skus, sku_of
from hub.model.imports.lines import Change, Line, Outcome, compared, refused
from hub.model.imports.rows import Given
from hub.model.money import minor_digits, refuse_strange


class PriceRow(Struct, frozen=True):
    sku: str
    price: Decimal
    currency: str


def judge(given: Given, skus: Skus, *, decimal_comma: bool) -> tuple[Line, PriceRow | None]:
    """A row without a price leaves what there is."""
    key = given.text("sku")[:300]
    try:
        held = skus.find(sku_of(given))
        if not given.text("price"):
            return Line(given.row, key, Outcome.UNCHANGED), None
        amount = read_amount(given.text("price"), "price", decimal_comma=decimal_comma)
        currency = given.text("currency").upper()
        old = Decimal(held.price) if held.price else None
        if (amount, currency) == (old, held.currency):
            return Line(given.row, key, Outcome.UNCHANGED), None
        _refuse_bad(amount, currency)
    except InputError as error:
        return refused(given.row, key, error), None
    change = Change("price", f"{held.price} {held.currency}".strip(), f"{amount} {currency}")
    return compared(given.row, key, [change], is_new=old is None), PriceRow(held.sku, amount, currency)


def _refuse_bad(amount: Decimal, currency: str) -> None:
    refuse_strange(currency)
    if amount < 0:
        msg = f"{amount} is below zero: a price is 0 or more"
        raise InputError(msg, field="price")
    exponent, digits = amount.as_tuple().exponent, minor_digits(currency)
    decimals = -exponent if isinstance(exponent, int) else 0
    if decimals > digits and (decimals == 3 or amount != round(amount, digits)):
        msg = f"{amount} has {decimals} decimals, and {currency} {digits}: if it is thousands, leave the separator out"
        raise InputError(msg, field="price")
