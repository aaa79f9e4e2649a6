"""Where a total comes from: parts that add up to it exactly, and the difference as a part of its own (L14)."""

from decimal import Decimal

from msgspec import Struct

from hub.store.desk.order import Line, OrderHead

NONE = Decimal(0)


class Amount(Struct, frozen=True):
    label: str
    amount: Decimal


class Sum(Struct, frozen=True):
    """One row of the money block; `parts` unfold it, `remark` says what the channel says otherwise."""

    label: str
    amount: Decimal
    parts: list[Amount] = []
    remark: str = ""
    alert: bool = False


def money_of(head: OrderHead, lines: list[Line]) -> list[Sum]:
    """Rows whose amounts add up to the channel's total, always; rows of nothing are left out, items are not."""
    discount = sum((line.discount for line in lines), NONE)
    rows = [
        Sum("Items", sum((line.total for line in lines), NONE) + discount, _items(lines)),
        Sum("Discounts", -discount, _discounts(lines), _says(head.discount_total, discount, head.currency)),
        Sum("Shipping" + (f" · {head.shipping_method}" if head.shipping_method else ""), head.shipping_total),
        _tax(head, lines),
        Sum(
            "Difference",
            head.difference,
            remark="The channel's total is not the sum of its parts",
            alert=True,
        ),
    ]
    return [row for row in rows if row.amount or row.label == "Items"]


def _items(lines: list[Line]) -> list[Amount]:
    return [Amount(f"{line.quantity} × {line.title}", line.total + line.discount) for line in lines]


def _discounts(lines: list[Line]) -> list[Amount]:
    return [Amount(line.title, -line.discount) for line in lines if line.discount]


def _tax(head: OrderHead, lines: list[Line]) -> Sum:
    parts = [Amount(line.title, line.tax) for line in lines if line.tax]
    if head.shipping_tax:
        parts.append(Amount("Shipping", head.shipping_tax))
    tax = sum((part.amount for part in parts), NONE)
    remark = _says(head.tax_total, tax, head.currency)
    return Sum("Tax", tax, parts, remark or ("The channel's prices include it" if head.tax_included else ""))


def _says(theirs: Decimal, ours: Decimal, currency: str) -> str:
    """The channel's own figure, where its lines do not lead to it."""
    return f"The channel says {theirs} {currency}" if theirs not in {ours, NONE} else ""
