"""What leaves or is canceled here is told to an open order in Square once, whoever else changes it meanwhile."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from connectors.square.connector import TRIES, SquareConnector
from hub.model.incoming import IncomingOrder
from hub.spec import Cancellation, Fulfillment, LineUnits, OutcomeState, ParcelLabel
from hub.spec.testing import sim_json
from tests.connectors.square.conftest import MORNING
from tests.connectors.square.test_simulator import ADA
from tests.connectors.square.tiny_http import config_for

pytestmark = pytest.mark.anyio
APPLIED, REJECTED, UNKNOWN = OutcomeState.APPLIED, OutcomeState.REJECTED, OutcomeState.UNKNOWN
ALL = {"line1": 2, "line2": 1}


@pytest.fixture
def ordered(simulator) -> str:
    return str(simulator.order({"MUG-BLUE": 2, "TEA-MINT": 1}, at=MORNING, buyer=ADA))


def parcel(
    order: str, units: Mapping[str, int] = ALL, *, key: str = "k1", last: bool = False, number: str = "1Z9"
) -> Fulfillment:
    lines = tuple(LineUnits(line, count) for line, count in units.items())
    label: dict[str, Any] = {"carrier": "ups", "tracking_number": number, "completes": last}
    return Fulfillment(key=key, channel_order_id=order, lines=lines, shipped_at=MORNING, **label)


def cancel(order: str, units: Mapping[str, int] = {}, *, key: str = "k1") -> Cancellation:
    lines = tuple(LineUnits(line, count) for line, count in units.items())
    return Cancellation(key=key, channel_order_id=order, lines=lines)


async def read(channel, order_id: str) -> IncomingOrder:
    (message,) = await channel.fetch_order_batch([order_id])
    return SquareConnector().to_incoming(message, config_for())


async def test_a_parcel_fills_a_fulfillment_and_the_last_one_completes_what_is_paid(channel, ordered):
    outcomes = [
        *await channel.push_fulfillment([parcel(ordered, {"line1": 1})]),
        *await channel.push_fulfillment([parcel(ordered, {"line1": 1}, key="k2", last=True, number="1Z8")]),
    ]
    it = await read(channel, ordered)
    assert ([each.state for each in outcomes], it.channel_state) == ([APPLIED, APPLIED], "COMPLETED")
    told = [(each.channel_parcel_id, each.carrier, each.tracking) for each in it.parcels]
    assert told == [("k1 shipment1", "ups", "1Z9"), ("k2 shipment2", "ups", "1Z8")]
    assert [each.channel_ref for each in outcomes] == ["shipment1", "shipment2"]
    assert it.shipping_method == "shipment"


async def test_a_parcel_that_fills_two_fulfillments_is_known_again_in_both(channel, ordered):
    await channel.push_fulfillment([parcel(ordered, last=True, number="")])
    it = await read(channel, ordered)
    assert [each.channel_parcel_id for each in it.parcels] == ["k1 shipment1", "k1 shipment2"]


async def test_an_order_that_was_changed_meanwhile_is_read_and_judged_anew(simulator, http, channel, ordered):
    http.before = lambda method: method == "PUT" and simulator._orders[ordered].update(version=7)
    (outcome,) = await channel.push_fulfillment([parcel(ordered, last=True)])
    versions = [
        msgspec.json.decode(each.body)["order"]["version"] for each in http.asked if each.method == "PUT"
    ]
    assert (outcome.state, versions, simulator.written(ordered).shipped) == (APPLIED, [1, 7], ALL)


async def test_an_order_that_others_change_all_the_time_is_tried_again_later(
    simulator, http, channel, ordered
):
    http.before = lambda _: simulator._orders[ordered].update(version=len(http.asked) + 1)
    (outcome,) = await channel.push_fulfillment([parcel(ordered, last=True)])
    assert (outcome.state, [each.method for each in http.asked].count("PUT")) == (UNKNOWN, TRIES)
    assert simulator.written(ordered).shipped == {}


@pytest.mark.parametrize(("paid", "state"), [(True, "COMPLETED"), (False, "CANCELED")])
async def test_an_order_that_is_paid_ends_completed_with_nothing_sent_and_reads_as_canceled(
    simulator, channel, ordered, paid, state
):
    if not paid:
        due = simulator._orders[ordered]["total_money"]
        simulator._orders[ordered].update(tenders=[], net_amount_due_money=due)
    (outcome,) = await channel.push_cancel([cancel(ordered)])
    it = await read(channel, ordered)
    assert (outcome.state, it.channel_state, it.canceled) == (APPLIED, state, True)


async def test_what_cannot_be_changed_there_is_refused_in_words(simulator, channel, ordered):
    rung_up = simulator.sell({"MUG-BLUE": 1}, at=MORNING, buyer=ADA)
    await channel.push_fulfillment([parcel(ordered, last=True)])
    reasons = {}
    for place, each in enumerate((rung_up, ordered, "SIMORDER9")):
        (sent,) = await channel.push_fulfillment([parcel(each, key=f"p{place}")])
        (canceled,) = await channel.push_cancel([cancel(each, key=f"c{place}")])
        assert {sent.state, canceled.state} == {REJECTED}
        reasons[each] = sent.reason
    assert "is completed in Square" in reasons[rung_up]
    assert (reasons[ordered], reasons["SIMORDER9"]) == (reasons[rung_up], "Square has no such order")


async def test_units_that_fill_no_fulfillment_are_refused_and_go_with_the_last_parcel(
    simulator, channel, ordered
):
    (part,) = await channel.push_fulfillment([parcel(ordered, {"line1": 2})])
    (last,) = await channel.push_fulfillment([parcel(ordered, {"line2": 1}, key="k2", last=True)])
    assert (part.state, last.state, simulator.written(ordered).shipped) == (REJECTED, APPLIED, ALL)
    assert "fulfillments as a whole" in part.reason


@pytest.mark.parametrize(
    ("known", "state"), [(ALL, APPLIED), ({"line1": 2}, REJECTED), (ALL | {"line1": 1}, REJECTED)]
)
async def test_what_is_left_of_an_order_ends_only_with_what_the_hub_knows_of(
    simulator, channel, ordered, known, state
):
    known = tuple(LineUnits(line, count) for line, count in known.items())
    (sent,) = await channel.push_fulfillment([replace(parcel(ordered, last=True), known_lines=known)])
    assert (sent.state, bool(simulator.written(ordered).shipped)) == (state, state is APPLIED)
    other = simulator.order({"MUG-BLUE": 2, "TEA-MINT": 1}, at=MORNING, buyer=ADA)
    (ended,) = await channel.push_cancel([replace(cancel(other, key="k2"), known_lines=known)])
    assert (ended.state, simulator._orders[other]["state"] == "COMPLETED") == (state, state is APPLIED)


async def test_a_corrected_number_is_told_while_the_order_is_open_and_what_is_right_at_any_time(
    simulator, channel, ordered
):
    await channel.push_fulfillment([parcel(ordered, {"line1": 1})])
    label: dict[str, Any] = {"carrier": "ups", "tracking_number": "1Z8"}
    right = ParcelLabel(key="k2", channel_order_id=ordered, parcel_key="k1", **label)
    outcomes = await channel.push_label([right])
    await channel.push_fulfillment([parcel(ordered, {"line1": 1, "line2": 1}, key="k3", last=True)])
    outcomes += await channel.push_label([replace(right, key="k4")])
    outcomes += await channel.push_label([replace(right, key="k5", tracking_number="1Z7")])
    assert [each.state for each in outcomes] == [APPLIED, APPLIED, REJECTED]
    assert simulator.written(ordered).parcels == ("1Z8", "1Z9")


async def test_after_a_lost_answer_a_repeat_finds_the_key(simulator, http, channel, ordered):
    http.before = lambda method: setattr(http, "silent", method == "PUT")
    (lost,) = await channel.push_cancel([cancel(ordered)])
    (found,) = await channel.push_cancel([cancel(ordered)])
    assert (lost.state, found.state, simulator._orders[ordered]["version"]) == (UNKNOWN, APPLIED, 2)


@pytest.mark.parametrize(("status", "state"), [(400, REJECTED), (503, UNKNOWN)])
async def test_a_refusal_is_told_in_squares_words_and_trouble_is_none(http, channel, ordered, status, state):
    said = sim_json({"errors": [{"code": "BAD_REQUEST", "detail": "No."}]}, status)
    http.before = lambda method: setattr(http, "fail_with", said if method == "PUT" else None)
    (outcome,) = await channel.push_cancel([cancel(ordered)])
    assert (outcome.state, outcome.reason == "Square: No.") == (state, state is REJECTED)
