"""Money that goes back: one RefundPayment for each wish, under its own key. Pure.

A refund belongs to one payment. Of an order with several tenders it is the first that was as large; which one may not
depend on what went back before, for the same key with another payment is refused.
"""

from typing import NoReturn

from connectors.square import wire_shop as shop
from connectors.square.api import Answer
from connectors.square.wire import Money
from hub.model import money
from hub.spec import MalformedError, OutcomeState, Refund, RejectedError, RetryLaterError, WriteOutcome

REASON_MAX = 192  # RefundPaymentRequest.reason
TOO_MANY = 429
_DONE = "COMPLETED"
_FAILED = {"REJECTED", "FAILED"}


def request_of(wish: Refund, order: shop.PaidOrder | None) -> shop.RefundPayment:
    """Raises RejectedError for what Square need not be asked."""
    if order is None:
        _refuse("Square has no such order")
    if wish.amount != money.payable(wish.amount, wish.currency):
        _refuse(f"{wish.amount} {wish.currency} is finer than the smallest coin")
    amount = money.to_minor(money.Money(wish.amount, wish.currency))
    paid = [each for each in order.tenders or [] if each.payment]
    if not paid:
        _refuse("Square knows of no payment of this order")
    large = (each for each in paid if each.amount_money is not None and each.amount_money.amount >= amount)
    chosen = next(large, paid[0])
    reason = wish.reason[:REASON_MAX]
    return shop.RefundPayment(wish.key, Money(amount, wish.currency), chosen.payment, reason)


def outcome_of(wish: Refund, reply: Answer) -> WriteOutcome:
    """What became of it. Raises where nothing was done: too many calls, a dead token."""
    try:
        made = reply.read(shop.RefundMade).refund
    except RejectedError:
        said = "; ".join(error.detail or error.code for error in reply.errors())
        return WriteOutcome(wish.key, OutcomeState.REJECTED, f"Square: {said or 'no reason given'}")
    except RetryLaterError as error:
        if reply.status == TOO_MANY:
            raise
        return unknown(wish, str(error))
    except MalformedError as error:
        return unknown(wish, str(error))
    if made is None:
        return unknown(wish, "Square's answer does not name the refund")
    return judged(wish, made)


def judged(wish: Refund, made: shop.PaymentRefund) -> WriteOutcome:
    """Not known, with Square's id of it, while it awaits approval."""
    if made.status in _FAILED:
        return WriteOutcome(wish.key, OutcomeState.REJECTED, f"Square: the refund is {made.status}", made.id)
    if made.status == _DONE:
        return WriteOutcome(wish.key, OutcomeState.APPLIED, "", made.id)
    return WriteOutcome(
        wish.key, OutcomeState.UNKNOWN, f"Square has not approved refund {made.id} yet", made.id
    )


def unknown(wish: Refund, reason: str) -> WriteOutcome:
    return WriteOutcome(wish.key, OutcomeState.UNKNOWN, reason)


def _refuse(reason: str) -> NoReturn:
    raise RejectedError(reason)
