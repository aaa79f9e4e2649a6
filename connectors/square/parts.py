"""The small readings every part of an order needs: amounts, texts, titles, prices. Pure."""

from decimal import Decimal

from connectors.square import wire
from connectors.square.quantities import whole_units
from hub.model.incoming import NO_MONEY
from hub.model.money import from_minor
from hub.spec.people import text

_PLAIN_VARIATION = "Regular"  # Square names the only variation of an item so


def title(line: wire.Line) -> str:
    full = full_name(line.name, line.variation_name)
    modifiers = ", ".join(each.name for each in line.modifiers or line.return_modifiers or [] if each.name)
    return text(f"{full} ({modifiers})" if modifiers else full)


def full_name(name: str | None, variation: str | None) -> str:
    plain = name or "Custom amount"
    return plain if not variation or variation == _PLAIN_VARIATION else f"{plain} - {variation}"


def unit_price(line: wire.Line) -> Decimal:
    """The price of one unit with its modifiers, before discounts."""
    modifiers = line.modifiers or line.return_modifiers or []
    extra = sum(
        (amount(each.base_price_money) * whole_units(each.quantity or "1") for each in modifiers), NO_MONEY
    )
    return amount(line.base_price_money) + extra


def amount(money: wire.Money | None) -> Decimal:
    return from_minor(money.amount, money.currency).amount if money else NO_MONEY


def words(constant: str) -> str:
    """SQUARE_GIFT_CARD reads as 'square gift card'."""
    return constant.replace("_", " ").lower()
