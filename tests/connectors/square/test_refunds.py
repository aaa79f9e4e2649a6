"""A refund goes back by one payment of its order, the same one however often it is asked for."""

from decimal import Decimal

import pytest

from connectors.square import refunds
from connectors.square.wire import Money
from connectors.square.wire_shop import PaidOrder, PaidTender
from hub.spec import OutcomeState, Refund, RejectedError
from hub.spec.testing import sim_json
from tests.connectors.square.conftest import MORNING
from tests.connectors.square.test_simulator import ADA

SPLIT = PaidOrder(
    "1", [PaidTender("cash", None, Money(500, "EUR")), PaidTender("t2", "card", Money(900, "EUR"))]
)


def wish(amount: str, *, order: str = "1", currency: str = "EUR") -> Refund:
    return Refund(key="k1", channel_order_id=order, amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(("amount", "payment"), [("5.00", "cash"), ("5.01", "card"), ("9.01", "cash")])
def test_of_several_payments_the_first_that_was_as_large_is_refunded(amount: str, payment: str):
    asked = refunds.request_of(wish(amount), SPLIT)
    assert (asked.payment_id, asked.amount_money, asked.idempotency_key) == (
        payment,
        Money(int(Decimal(amount) * 100), "EUR"),
        "k1",
    )


@pytest.mark.parametrize(
    ("given", "order", "reason"),
    [
        (wish("1"), None, "no such order"),
        (wish("1"), PaidOrder("1", []), "no payment"),
        (wish("0.5", currency="JPY"), SPLIT, "finer than the smallest coin"),
    ],
)
def test_what_square_need_not_be_asked_is_refused_in_words(
    given: Refund, order: PaidOrder | None, reason: str
):
    with pytest.raises(RejectedError, match=reason):
        refunds.request_of(given, order)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "state"), [("PENDING", OutcomeState.APPLIED), ("FAILED", OutcomeState.REJECTED)]
)
async def test_a_refund_that_square_took_is_done_and_one_that_failed_is_not(
    simulator, http, channel, status, state
):
    sold = simulator.sell({"MUG-BLUE": 1}, at=MORNING, buyer=ADA)
    orders = await channel._paid({sold})
    http.fail_with = sim_json({"refund": {"id": "R1", "status": status}})
    outcome = await channel._pay_back(wish("1.00", order=sold), orders[sold])
    assert (outcome.state, outcome.channel_ref) == (state, "R1")
