"""The money of orders of which one becomes two, or several one: it is as much as it was, to the smallest coin. Pure.

What was paid stays with the first order as far as that costs so much, and the rest goes with the part. What was given
back, and what is to go back, stays where it was said.
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import Payment
from hub.model.money import payable
from hub.model.orders.payments import NONE, Account
from hub.model.orders.refunds import total_of

_VAGUE = (Payment.PARTLY_REFUNDED, Payment.REFUNDED)


class Sums(Struct, frozen=True):
    """What was `authorized` and `captured` of an order, and what its channel `collected` by its word."""

    collected: Decimal = NONE
    captured: Decimal = NONE
    authorized: Decimal = NONE


def parted(account: Account, stays: Decimal, goes: Decimal) -> tuple[Sums, Sums]:
    """The money of an order and of its part, whose totals are these.

    Raises InputError or WrongStateError where a coin would be made or lost, or money that goes back would have to come
    from both.
    """
    currency, back = account.currency, max(account.back, account.to_go_back)
    cost, part = payable(stays, currency), payable(goes, currency)
    _refuse_vague(account)
    if account.held and cost + part != account.cost:
        msg = (
            f"what was paid of order {account.order} cannot be parted at fractions of the smallest coin:"
            " split off another number of units"
        )
        raise InputError(msg, field="units")
    if back > cost and account.held - back < part:
        msg = (
            f"{back} {currency} of order {account.order} goes back: leave on it what costs at least that much"
        )
        raise InputError(msg, field="units")
    gone = max(NONE, min(part, account.held - max(cost, back)))
    left = account.held - gone
    captured = max(NONE, account.captured - left)
    authorized = max(NONE, min(part, account.authorized - cost))
    return (
        _sums(left, account.captured - captured, cost, account.authorized - authorized),
        _sums(gone, captured, part, authorized),
    )


def joined(accounts: Sequence[Account], total: Decimal) -> Sums:
    """The money of orders that become one, with this total. Raises WrongStateError where it is not known."""
    for account in accounts:
        _refuse_vague(account)
    return _sums(
        total_of(each.held for each in accounts),
        total_of(each.captured for each in accounts),
        payable(total, accounts[0].currency),
        total_of(each.authorized for each in accounts),
    )


def _sums(held: Decimal, captured: Decimal, cost: Decimal, authorized: Decimal) -> Sums:
    """As Account reads them: what a channel collected is beyond the entries, or above the cost all there is."""
    collected = held - captured
    return Sums(held if collected and held > cost else collected, captured, authorized)


def _refuse_vague(account: Account) -> None:
    if account.word in _VAGUE:
        msg = (
            f"the channel of order {account.order} gave money back by its own word, so nobody knows what is left to"
            " part: it stays one order as it is"
        )
        raise WrongStateError(msg)


def taken_from(tenders: Sequence[tuple[str, Decimal]], amount: Decimal) -> list[tuple[str, Decimal]]:
    """So much of these sums, by tender: the largest first, so that as few as can be are parted."""
    taken: list[tuple[str, Decimal]] = []
    for tender, there in sorted(tenders, key=lambda each: (-each[1], each[0])):
        part = min(there, amount)
        if part > 0:
            taken.append((tender, part))
            amount -= part
    return taken
