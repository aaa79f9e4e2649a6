"""What a till gave back is told with the sale it is of, its amount and its lines; goods that came back are there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.square.connector import SquareChannel, SquareConnector
from hub.spec import (
    IncomingRefund,
    IncomingReturn,
    MalformedError,
    Message,
    Refund,
    RefundedLine,
    ReturnLine,
    ReturnState,
)
from tests.connectors.square.conftest import MORNING
from tests.connectors.square.test_simulator import ADA, SQUARE_FILES, needs_description
from tests.connectors.square.test_translate import payload

AT = MORNING + timedelta(minutes=5)


async def refunds(channel: SquareChannel, cursor: str | None = None, *, minutes: int = 60) -> Any:
    page = await channel.fetch_refunds(cursor, until=MORNING + timedelta(minutes=minutes))
    return [channel.to_refund(each) for each in page.items], page.resume_cursor


def sold(simulator: Any) -> str:
    return str(simulator.sell({"MUG-BLUE": 2, "TEA-MINT": 1}, at=MORNING, buyer=ADA))


@pytest.mark.anyio
async def test_goods_that_came_back_are_told_as_a_return_and_their_money_as_a_refund_of_the_sale(
    simulator, channel
):
    sale = sold(simulator)
    made = simulator.ask_return(sale, {"line1": 1}, at=AT)
    ([refund], _) = await refunds(channel)
    page = await channel.fetch_returns(None, until=MORNING + timedelta(hours=1))
    assert refund == IncomingRefund(
        channel_refund_id="SIMPAYMENT00000001_R1",
        channel_order_id=sale,
        refunded_at=AT,
        currency="EUR",
        total=Decimal("12.50"),
        lines=[RefundedLine("line1", 1, Decimal("12.50"), Decimal("0.00"))],
    )
    assert [channel.to_return(each) for each in page.items] == [
        IncomingReturn(
            channel_return_id=made,
            channel_order_id=sale,
            updated_at=AT,
            state=ReturnState.RECEIVED,
            lines=[ReturnLine("line1", 1, received=1)],
        )
    ]


@pytest.mark.anyio
async def test_an_amount_for_nothing_in_particular_names_no_line_and_is_no_return(simulator, channel):
    sale = sold(simulator)
    simulator.refund(sale, Decimal("1.50"), at=AT)
    ([refund], _) = await refunds(channel)
    assert (refund.channel_order_id, refund.total, refund.lines) == (sale, Decimal("1.50"), [])
    assert (await channel.fetch_returns(None, until=MORNING + timedelta(hours=1))).items == []


@pytest.mark.anyio
@pytest.mark.parametrize(("word", "then"), [("approved", ["1.00"]), ("failed", [])])
async def test_a_refund_is_told_once_square_has_approved_it_although_later_ones_were_told_before(
    simulator, channel, http, word, then
):
    sale = sold(simulator)
    simulator.refunds.approves_s, simulator.refunds.fails = 3600, word == "failed"
    await channel.push_refund([Refund(key="k", channel_order_id=sale, amount=Decimal(1), currency="EUR")])
    simulator.refund(sale, Decimal(2), at=MORNING + timedelta(minutes=90))
    (early, cursor) = await refunds(channel, minutes=95)
    http.at += timedelta(hours=2)
    (late, _) = await refunds(channel, cursor, minutes=200)
    amounts = {each.channel_refund_id: str(each.total) for each in late}
    assert ([each.total for each in early], [*amounts.values()][1:]) == ([Decimal(2)], then)


@pytest.mark.anyio
async def test_the_order_that_square_makes_for_a_return_is_no_order_of_the_hub(simulator, channel):
    sale = sold(simulator)
    simulator.ask_return(sale, {"line1": 1}, at=AT)
    page = await channel.fetch_orders(None, until=MORNING + timedelta(hours=1))
    named = {
        each.channel_order_id or each.named for each in await channel.fetch_order_batch(["SIMRETURN00000001"])
    }
    assert ([each.channel_order_id for each in page.items], named) == ([sale, ""], {"SIMRETURN00000001"})


def test_an_exchange_is_an_order_too():
    (message,) = SquareConnector().split_file(msgspec.json.encode(payload("exchange")))
    assert message.channel_order_id == "EXC1"


def test_a_refund_that_names_no_sale_is_for_a_person(channel):
    refund = {
        "id": "R",
        "created_at": "2026-03-02T09:00:00Z",
        "amount_money": {"amount": 1, "currency": "EUR"},
    }
    with pytest.raises(MalformedError, match="names no order"):
        channel.to_refund(Message("k", "refund", "", msgspec.json.encode({"refund": refund})))


@needs_description
def test_the_vendors_own_sample_of_a_refund_is_read(channel):
    sample = msgspec.json.decode((SQUARE_FILES / "samples.json").read_bytes())["RefundUpdatedEvent"]
    body = msgspec.json.encode({"refund": sample["data"]["object"]["refund"]})
    refund = channel.to_refund(Message("k", "refund", "SALE", body))
    assert (refund.total, refund.currency, refund.lines) == (Decimal("10.00"), "USD", [])
