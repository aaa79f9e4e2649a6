"""Money that a shop gave back is told with its amount and lines, once it is sure; what is refused is never told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.woocommerce.connector import WooCommerceChannel
from hub.kit.ids import uuid7
from hub.spec import IncomingRefund, MalformedError, Message, Refund, RefundedLine
from tests.connectors.woocommerce.shop_http import ADA, MORNING, shop_of
from tests.connectors.woocommerce.test_simulator import complaints, recorded

LATER = MORNING + timedelta(hours=1)
SKU_LINES = {"SKU-0": 2, "SKU-1": 1}


async def told(channel: WooCommerceChannel, cursor: str | None = None, *, minutes: int = 60) -> Any:
    """What is told by then, and where the next walk begins."""
    page = await channel.fetch_refunds(cursor, until=MORNING + timedelta(minutes=minutes))
    assert page.next_cursor is None
    return [channel.to_refund(each) for each in page.items], page.resume_cursor


def sold(shop: Any) -> int:
    return int(shop.sell(SKU_LINES, at=MORNING, buyer=ADA) or 0)


async def test_a_refund_is_told_with_its_amount_and_its_units_by_line():
    shop, _, channel = shop_of()
    number = sold(shop)
    line = shop._orders.by_id[number].lines[0]
    made = shop.aftermath.give_back(number, Decimal("11.99"), {line.id: 1}, at=MORNING)
    ([refund], _) = await told(channel)
    assert refund == IncomingRefund(
        channel_refund_id=made,
        channel_order_id=str(number),
        refunded_at=MORNING,
        total=Decimal("11.99"),
        lines=[RefundedLine(str(line.id), 1, Decimal("9.99"), Decimal("2.00"))],
    )


async def test_a_refund_that_the_hub_asked_for_has_its_key():
    shop, _, channel = shop_of()
    number, key = sold(shop), str(uuid7())
    wish = Refund(key=key, channel_order_id=str(number), amount=Decimal(2), currency="EUR", reason="late")
    (outcome,) = await channel.push_refund([wish])
    ([refund], _) = await told(channel)
    assert (refund.channel_refund_id, refund.key, refund.reason) == (outcome.channel_ref, key, "")


@pytest.mark.parametrize(("word", "then"), [("paid", [1, 2]), ("refused", [2])])
async def test_what_a_gateway_may_refuse_yet_is_told_once_it_has_paid(word: str, then: list[int]):
    shop, _, channel = shop_of()
    number = sold(shop)
    shop.aftermath.gateway_hangs = True
    await channel._api.call("POST", f"/orders/{number}/refunds", payload={"amount": "1.00"})
    (early, cursor) = await told(channel, minutes=1)
    shop.aftermath.hear_gateway(number, paid=word == "paid", at=MORNING)
    shop.refund(str(number), Decimal(2), at=MORNING + timedelta(seconds=5))
    (late, _) = await told(channel, cursor)
    assert (early, [each.total for each in late]) == ([], then)


async def test_a_refund_of_the_hub_that_no_gateway_pays_is_not_told():
    shop, _, channel = shop_of()
    number, key = sold(shop), str(uuid7())
    shop.aftermath.gateway_hangs = True
    await channel.push_refund(
        [Refund(key=key, channel_order_id=str(number), amount=Decimal(2), currency="EUR")]
    )
    assert (await told(channel))[0] == []


async def test_what_is_deleted_there_is_told_no_more_and_the_next_walk_begins_after_the_last():
    shop, _, channel = shop_of()
    number = sold(shop)
    made = shop.refund(str(number), Decimal(1), at=MORNING)
    (_, cursor) = await told(channel)
    shop.aftermath.delete_refund(number, int(made), at=MORNING)
    shop.refund(str(number), Decimal(3), at=LATER)
    (found, _) = await told(channel, cursor, minutes=61)
    assert [each.total for each in found] == [Decimal(3)]


def test_a_body_that_is_no_refund_is_malformed():
    _, _, channel = shop_of()
    with pytest.raises(MalformedError, match="on its order there"):
        channel.to_refund(Message("k", "refund", "1", b'{"id": 3}'))


@recorded
async def test_refunds_follow_the_vendors_schema():
    shop, _, channel = shop_of()
    number = sold(shop)
    lines = {each.id: 1 for each in shop._orders.by_id[number].lines}
    shop.aftermath.give_back(number, Decimal(20), lines, at=MORNING)
    listed = msgspec.json.decode((await channel._api.get("/refunds", {})).body)
    own = msgspec.json.decode((await channel._api.get(f"/orders/{number}/refunds", {})).body)
    assert complaints("orders_22_refunds", [*listed, *own]) <= {"line_items.parent_name"}
    assert ([each["parent_id"] for each in listed], "parent_id" in own[0]) == ([number], False)
