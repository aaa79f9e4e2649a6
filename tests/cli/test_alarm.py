"""Commands say what is low, out or oversold, since when, who was told, and set when an alarm is given."""

import pytest

from hub.flows.stock.watch_stock import watch_stock
from hub.kit.clock import now
from hub.store.db import Tx
from tests.cli.conftest import Hub


@pytest.fixture
def low(phone: Hub) -> Hub:
    """Ten mugs, low at twelve; two lamps less than none."""
    assert phone("alarm", "threshold", "MUG", "12").out == "MUG is low when 12 or fewer are left\n"
    assert phone("stock", "adjust", "LAMP", "main", "-2", "--reason", "broken").code == 0
    phone.arrange(look)
    return phone


async def look(tx: Tx) -> None:
    await watch_stock(tx, at=now())


def open_alarms(hub: Hub, *words: str) -> list[tuple[str, str, str]]:
    return [
        (each["kind"], each["sku"], each["says"]) for each in hub("alarm", "list", "--json", *words).items
    ]


def test_open_alarms_are_listed_with_what_is_left_and_who_was_told(low: Hub):
    said = low("alarm", "list").out
    assert [line.split("  ")[0] for line in said.splitlines()] == ["Alarm", "Below zero", "Low stock"]
    assert "10 left, threshold 12" in said
    assert "nobody: hub notifier add" in said
    assert open_alarms(low, "--kind", "low_stock") == [("low_stock", "MUG", "10 left, threshold 12")]
    assert open_alarms(low, "--sku", "lamp") == [("negative_on_hand", "LAMP", "-2 on hand at main")]


def test_a_threshold_opens_and_closes_an_alarm_at_once(low: Hub):
    assert low("alarm", "threshold", "MUG", "--clear").out == (
        "MUG has no threshold of its own any more: low at 2 or fewer, as all\n"
    )
    assert open_alarms(low, "--sku", "MUG") == []
    assert low("alarm", "threshold", "MUG", "11", "--location", "main").out == (
        "MUG is low at main when 11 or fewer are left\n"
    )
    assert open_alarms(low, "--sku", "MUG") == [("low_stock", "MUG", "10 left at main, threshold 11")]
    assert low("alarm", "thresholds", "--json").items == [{"sku": "MUG", "location": "main", "units": 11}]


def test_what_holds_for_every_sku_is_set_field_by_field(hub: Hub):
    assert "low at 2 units left or fewer" in hub("alarm", "defaults").out
    hub("alarm", "defaults", "--low-stock", "0", "--unmoved-days", "90")
    assert hub("alarm", "thresholds").out.splitlines() == [
        "Every SKU: never low; aging once none has moved out for 90 days, or a lot expires within 30 days",
        "No SKU has a threshold of its own. Give it one with: hub alarm threshold SKU UNITS",
    ]


def test_a_dismissed_alarm_is_out_of_the_way_and_is_not_forgotten(low: Hub):
    assert low("alarm", "dismiss", "LAMP", "negative_on_hand").out.startswith("1 alarm of LAMP dismissed")
    assert open_alarms(low) == [("low_stock", "MUG", "10 left, threshold 12")]
    assert "dismissed by command line" in low("alarm", "list", "--all").out
    assert low("alarm", "dismiss", "LAMP").error == "hub: LAMP has no open alarm: see hub alarm list"


def test_an_empty_list_says_where_thresholds_stand(hub: Hub):
    assert hub("alarm", "list").out == ("No alarm is open. What is low is said by: hub alarm thresholds\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["MUG"], "say at how many units it is low, or --clear"),
        (["MUG", "3", "--clear"], "say at how many units it is low, or --clear"),
        (["GHOST", "3"], "there is no SKU GHOST"),
        (["MUG", "3", "--location", "moon"], "there is no location moon"),
        (["MUG", "1000001"], "the threshold of MUG is 1000001: it must be from 0 to 1000000"),
        (["MUG", "--", "-1"], "the threshold of MUG is -1"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(phone: Hub, words: list[str], says: str):
    refused = phone("alarm", "threshold", *words)
    assert (refused.code, says in refused.error) == (1, True), refused.error
    assert phone.sql("SELECT count(*) FROM alarm_thresholds") == [(0,)]
