"""Whether an incoming order can be kept and read again: what no connector should hand over, said in words. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?").fullmatch
LINES_MAX = 10_000
DIGITS_MAX = 40  # before and after the point together; sums of them stay exact in 50 digits


def refuse_unsound(order: IncomingOrder) -> None:
    """Raise InputError naming the first field that no table can hold, or that no sum can use."""
    if len(order.lines) <= LINES_MAX and _is_plain(order):
        return
    for field, flaw in _flaws(order):
        msg = (
            f"order {order.channel_order_id[:50]!r} cannot be kept: {field} {flaw}; correct it in the channel"
        )
        raise InputError(msg, field=field)


def _is_plain(order: IncomingOrder) -> bool:
    """Tell at little cost that nothing is wrong, as with almost every order; False decides nothing."""
    amounts = [order.total, order.tax_total, order.shipping_total, order.shipping_tax, order.discount_total]
    for line in order.lines:
        amounts += (line.unit_price, line.total, line.tax, line.discount)
    return (
        all(map(_PLAIN_AMOUNT, map(str, amounts)))
        and FIRST <= order.placed_at <= LAST
        and FIRST <= order.updated_at <= LAST
        and (order.ship_by is None or FIRST <= order.ship_by <= LAST)
        and len({line.channel_line_id for line in order.lines}) == len(order.lines)
        and not order.parcels
    )


def _flaws(order: IncomingOrder) -> Iterator[tuple[str, str]]:
    if len(order.lines) > LINES_MAX:
        yield "lines", f"are {len(order.lines):,}, and {LINES_MAX:,} are the most of one order"
    moments = {"placed_at": order.placed_at, "updated_at": order.updated_at, "ship_by": order.ship_by}
    for field, moment in moments.items():
        if moment is not None and not FIRST <= moment <= LAST:
            yield field, f"is not between {FIRST:%Y} and {LAST:%Y}"
    for field, amount in _amounts(order):
        if not _usable(amount):
            yield field, f"is no amount of money with at most {DIGITS_MAX} digits"
    ids = Counter(line.channel_line_id for line in order.lines)
    for line_id, times in ids.items():
        if times > 1:
            yield (
                "lines",
                f"have the id {line_id[:50]!r} {times} times, so no later change could be told apart",
            )
    yield from _flaws_of_parcels(order)


def _flaws_of_parcels(order: IncomingOrder) -> Iterator[tuple[str, str]]:
    ids = Counter(each.channel_parcel_id for each in order.parcels)
    for parcel_id, times in ids.items():
        if times > 1:
            yield "parcels", f"have the id {parcel_id[:50]!r} {times} times"
    for index, parcel in enumerate(order.parcels):
        if parcel.left_at is not None and not FIRST <= parcel.left_at <= LAST:
            yield f"parcels[{index}].left_at", f"is not between {FIRST:%Y} and {LAST:%Y}"
    sent: Counter[str] = Counter()
    for line in (line for parcel in order.parcels for line in parcel.lines):
        sent[line.channel_line_id] += line.quantity
    fulfilled = {line.channel_line_id: line.fulfilled for line in order.lines}
    for line_id, units in sent.items():
        if units > fulfilled.get(line_id, 0):
            told = (
                f"of which {fulfilled[line_id]} have left" if line_id in fulfilled else "which there is not"
            )
            yield "parcels", f"hold {units} of line {line_id[:50]!r}, {told}"


def _amounts(order: IncomingOrder) -> Iterator[tuple[str, Decimal]]:
    for field in ("total", "tax_total", "shipping_total", "shipping_tax", "discount_total"):
        yield field, getattr(order, field)
    for index, line in enumerate(order.lines):
        for field in ("unit_price", "total", "tax", "discount"):
            yield f"lines[{index}].{field}", getattr(line, field)


def _usable(amount: Decimal) -> bool:
    if not amount.is_finite():
        return False
    exponent = int(amount.as_tuple().exponent)
    return max(amount.adjusted() + 1, 1) + max(-exponent, 0) <= DIGITS_MAX
