"""Splitting and merging: one order becomes two, or several become one. No unit and no cent is lost on the way. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import asdict, replace

from hub.model.edits.editing import OWN_LINE, Edited
from hub.model.edits.owners import with_totals
from hub.model.edits.parting import joined, parted
from hub.model.edits.pricing import repriced
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import NO_MONEY, IncomingLine, IncomingOrder, Payment
from hub.model.money import payable
from hub.model.orders.shipping import goes_to
from hub.model.orders.taking import EXACT_DIGITS, difference

SPLIT, MERGE = "split", "merge"
BORN = "split off"
"""The kind of the edit that an order begins with which was split off another."""
MONEY = ("total", "tax", "discount")


class InHand(Struct, frozen=True):
    """Units that stay where they are, by the channel's id of a line: being picked, and refunded but not canceled."""

    picked: Mapping[str, int] = {}
    refunded: Mapping[str, int] = {}


def split(
    edited: Edited, units: Mapping[str, int], *, in_hand: InHand, order_id: str
) -> tuple[Edited, Edited]:
    """The order without these units, and a new one of them, with no shipping to pay. `units` are by the line's id.

    Raises InputError or WrongStateError where they have left, are being picked, were refunded, or are all there is, and
    where its money cannot be parted.
    """
    if edited.canceled:
        msg = f"order {edited.number} is canceled: nothing of it can be split off"
        raise WrongStateError(msg)
    known = {line.channel_line_id for line in edited.order.lines}
    strange = [line_id for line_id in units if line_id not in known]
    if strange or not units:
        msg = f"the order has no line {strange[0]!r}" if strange else "say which units are split off"
        raise InputError(msg, field="units")
    kept, moved = [], []
    for line in edited.order.lines:
        stays, goes = _parted(edited, line, units.get(line.channel_line_id, 0), in_hand)
        kept += [stays] if stays else []
        moved += [goes] if goes else []
    if not any(line.quantity > line.canceled for line in kept):
        msg = "all of the order would be split off: leave something on it"
        raise InputError(msg, field="units")
    order = with_totals(edited.order, replace(edited.order, lines=kept))
    new = _new_order(edited.order, moved, order_id)
    rest, along = parted(edited.account, order.total, new.total)
    part = replace(
        edited,
        order=new,
        number=0,
        owners={},
        shipped={},
        refunded=NO_MONEY,
        given_back=NO_MONEY,
        told=NO_MONEY,
    )
    return replace(edited, order=order, **asdict(rest)), replace(part, **asdict(along))


def _parted(
    edited: Edited, line: IncomingLine, units: int, in_hand: InHand
) -> tuple[IncomingLine | None, IncomingLine | None]:
    """What stays on the line, and what goes; both together cost what the line cost.

    A part of a line goes for whole coins, so that both orders can be paid to the coin.
    """
    if not units:
        return line, None
    at = line.channel_line_id
    stuck = max(edited.shipped.get(at, 0) + in_hand.picked.get(at, 0), in_hand.refunded.get(at, 0))
    left = line.quantity - line.canceled - stuck
    if not 1 <= units <= left:
        msg = (
            f"{units} of {line.title!r} cannot be split off: {left} have not left, are not being picked and were not"
            " refunded"
        )
        raise InputError(msg, field="units")
    stays = repriced(edited.order, line, line.quantity - units, line.canceled)
    if left > units or stuck:
        stays = _to_the_coin(edited.order, line, stays)
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        money = {name: getattr(line, name) - getattr(stays, name) for name in MONEY}
    goes = replace(line, quantity=units, canceled=0, fulfilled=0, **money)
    return (stays if stays.quantity else None), goes


def _to_the_coin(order: IncomingOrder, line: IncomingLine, stays: IncomingLine) -> IncomingLine:
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        goes = {
            name: payable(getattr(line, name) - getattr(stays, name), order.currency)
            for name in ("total", "tax")
        }
        rounded = replace(stays, **{name: getattr(line, name) - amount for name, amount in goes.items()})
    return rounded if min(rounded.total, rounded.tax) >= 0 else stays


def _new_order(order: IncomingOrder, lines: Sequence[IncomingLine], order_id: str) -> IncomingOrder:
    bare = bare_order(replace(order, channel_order_id=order_id))
    return with_totals(bare, replace(bare, lines=list(lines), custom=order.custom))


def bare_order(order: IncomingOrder) -> IncomingOrder:
    """The order with nothing on it, and nothing to pay."""
    zero = dict.fromkeys(("total", "tax_total", "discount_total", "shipping_total", "shipping_tax"), NO_MONEY)
    return replace(order, lines=[], parcels=(), custom={}, **zero)


def merged(into: Edited, others: Sequence[Edited], *, key: str) -> Edited:
    """The order with all that has to leave of the others, and what they pay for shipping.

    Raises InputError or WrongStateError naming what is not alike.
    """
    for other in others:
        _refuse_unfit(into, other)
        _refuse_unlike(into, other)
    lines = [
        replace(
            line,
            channel_line_id=f"{OWN_LINE}{key}:{place}:{row}",
            canceled=0,
            quantity=line.quantity - line.canceled,
        )
        for place, other in enumerate(others)
        for row, line in enumerate(other.order.lines)
        if line.quantity > line.canceled
    ]
    order = into.order
    after = replace(
        order,
        lines=[*order.lines, *lines],
        shipping_total=_sum(order.shipping_total, *(each.order.shipping_total for each in others)),
        shipping_tax=_sum(order.shipping_tax, *(each.order.shipping_tax for each in others)),
    )
    after = with_totals(order, after)
    sums = joined([each.account for each in (into, *others)], after.total)
    return replace(into, order=after, **asdict(sums))


def merged_line_ids(others: Sequence[Edited], *, key: str) -> dict[str, tuple[int, str]]:
    """By the id that a line has once it is merged: which of the others it came from, and its id there."""
    return {
        f"{OWN_LINE}{key}:{place}:{row}": (place, line.channel_line_id)
        for place, other in enumerate(others)
        for row, line in enumerate(other.order.lines)
        if line.quantity > line.canceled
    }


def _sum(*amounts: Decimal) -> Decimal:
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        return sum(amounts, NO_MONEY)


def _refuse_unfit(one: Edited, other: Edited) -> None:
    """Nothing of the other has left, none of its money goes back, and its total is what its parts add up to."""
    if one.canceled or other.canceled:
        msg = f"order {other.number} cannot be merged: one of the two is canceled"
        raise WrongStateError(msg)
    if other.shipped:
        msg = f"order {other.number} cannot be merged: some of it has left already; let it be the one that stays"
        raise WrongStateError(msg)
    if other.refunded:
        msg = f"order {other.number} cannot be merged: a refund of it is noted; let it be the one that stays"
        raise WrongStateError(msg)
    if beyond := difference(other.order):
        msg = (
            f"order {other.number} cannot be merged: its total has {beyond} beyond its parts;"
            " let it be the one that stays"
        )
        raise InputError(msg, field="orders")


def _refuse_unlike(one: Edited, other: Edited) -> None:
    """The same customer at the same address, who pays alike."""
    if not _who(one) or _who(one) != _who(other):
        msg = f"order {other.number} cannot be merged: another customer, or nobody who is known by e-mail or phone"
        raise InputError(msg, field="orders")
    if goes_to(one.order.person) != goes_to(other.order.person):
        msg = f"order {other.number} cannot be merged: it ships to another address"
        raise InputError(msg, field="orders")
    for name in ("currency", "tax_included", "cash_on_delivery", "pickup"):
        if getattr(one.order, name) != getattr(other.order, name):
            msg = f"order {other.number} cannot be merged: its {name.replace('_', ' ')} differs"
            raise InputError(msg, field="orders")
    if _paid(one) != _paid(other):
        msg = f"order {other.number} cannot be merged: its payment differs"
        raise InputError(msg, field="orders")


def _paid(edited: Edited) -> Payment:
    """The word for its payment, whatever of it went back."""
    word = edited.order.payment
    return Payment.PAID if word in {Payment.PARTLY_REFUNDED, Payment.REFUNDED} else word


def _who(edited: Edited) -> str:
    person = edited.order.person
    return person.email.strip().lower() or "".join(each for each in person.phone if each.isdigit())
