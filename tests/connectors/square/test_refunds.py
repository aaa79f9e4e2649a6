"""A refund goes back by one payment of its order, the same one however often it is asked for."""

from datetime import timedelta
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
    ("status", "state"),
    [
        ("COMPLETED", OutcomeState.APPLIED),
        ("PENDING", OutcomeState.UNKNOWN),
        ("FAILED", OutcomeState.REJECTED),
    ],
)
async def test_a_refund_is_done_where_square_completed_it_and_not_where_it_failed_or_awaits_approval(
    simulator, http, channel, status, state
):
    sold = simulator.sell({"MUG-BLUE": 1}, at=MORNING, buyer=ADA)
    orders = await channel._paid({sold})
    http.fail_with = sim_json({"refund": {"id": "R1", "status": status}})
    outcome = await channel._pay_back(wish("1.00", order=sold), orders[sold])
    assert (outcome.state, outcome.channel_ref) == (state, "R1")


@pytest.mark.anyio
@pytest.mark.parametrize(("fails", "end"), [(False, OutcomeState.APPLIED), (True, OutcomeState.REJECTED)])
async def test_what_became_of_a_refund_that_square_took_is_read(simulator, http, channel, fails, end):
    sold = simulator.sell({"MUG-BLUE": 1}, at=MORNING, buyer=ADA)
    simulator.refunds.approves_s, simulator.refunds.fails = 60, fails
    (taken,) = await channel.push_refund([wish("1.00", order=sold)])
    http.at += timedelta(minutes=1)
    (known,) = await channel.push_refund([wish("1.00", order=sold)])
    assert (taken.state, known.state) == (OutcomeState.UNKNOWN, end)
    assert taken.channel_ref == known.channel_ref != ""
    assert simulator.written(sold).refunded == (0 if fails else 1)
