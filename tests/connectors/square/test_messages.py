"""Whatever Square sends is cut into messages of one order; the same news has the same key; news are hints."""

import json

import pytest

from connectors.square.connector import SquareConnector
from connectors.square.simulator import SquareSimulator
from hub.spec import MalformedError, Message
from tests.connectors.square.conftest import MORNING
from tests.connectors.square.test_translate import changed, payload
from tests.connectors.square.tiny_http import TinyHttp, opened

SQUARE = SquareConnector()
CHANNEL = opened(TinyHttp(SquareSimulator([]), MORNING))


def cut(value: object) -> list[Message]:
    return SQUARE.split_file(json.dumps(value).encode())


def event(topic: str, thing: str, *, place: str = "SIMLOCSHOP001", event_id: str = "e1") -> bytes:
    about = {"order_id": "O1", "location_id": place}
    return json.dumps({"type": topic, "event_id": event_id, "data": {"object": {thing: about}}}).encode()


def test_a_file_may_hold_one_order_in_any_wrapping():
    order = payload("till_sale")
    wrappings = [order, [order], {"order": order}, {"orders": [order], "cursor": "x"}]
    assert {message.channel_order_id for each in wrappings for message in cut(each)} == {"TILL1"}
    assert len({message.delivery_key for each in wrappings for message in cut(each)}) == 1


def test_order_entries_are_hints():
    entries = {"order_entries": [{"order_id": "A", "version": 2, "location_id": "L"}, {"order_id": "B"}]}
    assert [(each.channel_order_id, each.complete) for each in cut(entries)] == [("A", False), ("B", False)]


@pytest.mark.parametrize("file", [{}, {"foo": 1}, {"id": "x"}, "text", 7, None])
def test_a_file_of_something_else_says_what_is_expected(file):
    with pytest.raises(MalformedError, match=r"Square (sent a file that|sends about orders)"):
        cut(file)


def test_a_file_that_is_not_json_says_so():
    with pytest.raises(MalformedError, match="not JSON"):
        SQUARE.split_file(b"\xff<html>")


def test_a_changed_order_has_another_key():
    [before] = cut(payload("till_sale"))
    [after] = cut(changed("till_sale", state="CANCELED"))
    assert before.delivery_key != after.delivery_key


def test_one_poisoned_order_of_a_page_leaves_its_neighbors_alone():
    page = {"orders": [changed("till_sale", updated_at="yesterday"), 7, payload("yen")]}
    poisoned, nobodys, good = cut(page)
    assert (poisoned.channel_order_id, nobodys.channel_order_id, good.channel_order_id) == (
        "TILL1",
        "",
        "YEN1",
    )
    with pytest.raises(MalformedError, match="updated_at"):
        SQUARE.to_incoming(poisoned, None)


@pytest.mark.parametrize(
    ("topic", "thing"),
    [
        ("order.created", "order_created"),
        ("order.updated", "order_updated"),
        ("order.fulfillment.updated", "order_fulfillment_updated"),
        ("payment.created", "payment"),
        ("payment.updated", "payment"),
        ("refund.updated", "refund"),
    ],
)
def test_an_event_about_an_order_is_a_hint_to_fetch_it(topic, thing):
    [message] = CHANNEL.parse_webhook({}, event(topic, thing))
    assert (message.channel_order_id, message.complete, message.topic) == ("O1", False, topic)


def test_the_same_event_has_the_same_key_and_another_has_another():
    keys = [
        CHANNEL.parse_webhook({}, event("order.updated", "order_updated", event_id=name))[0].delivery_key
        for name in ("a", "a", "b")
    ]
    assert keys == ["event:a", "event:a", "event:b"]


def test_an_event_of_another_location_is_not_ours():
    [message] = CHANNEL.parse_webhook({}, event("order.updated", "order_updated", place="ELSEWHERE"))
    assert (message.channel_order_id, message.topic) == ("", "order.updated at another location")


def test_an_event_about_no_order_is_counted_by_its_topic():
    body = {"type": "inventory.count.updated", "event_id": "e", "data": {"object": {"inventory_counts": []}}}
    [message] = CHANNEL.parse_webhook({}, json.dumps(body).encode())
    assert (message.channel_order_id, message.topic) == ("", "inventory.count.updated")


def test_the_test_button_in_the_console_is_a_ping():
    assert CHANNEL.parse_webhook({}, b'{"type": "webhooks.test_notification", "event_id": "e"}') == []


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b'{"type": "order.updated"}', b'{"type": 1, "event_id": 2}']
)
def test_a_body_that_is_no_event_is_malformed(body):
    with pytest.raises(MalformedError, match="Square sent a webhook"):
        CHANNEL.parse_webhook({}, body)
