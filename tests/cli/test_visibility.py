"""What channels may see, on the command line: rules read as sentences, and what cannot be is said."""

import pytest

from hub.store.db import Tx
from tests.builders import open_shop
from tests.cli.conftest import Hub

NUMBERS = "SELECT sku_group, safety_stock FROM skus JOIN levels USING (sku) WHERE sku = 'MUG'"


@pytest.fixture
def market(hub: Hub) -> Hub:
    """A channel `web` that lists ten mugs."""

    async def arrange(tx: Tx) -> None:
        await open_shop(tx, {"MUG": 10})

    hub.arrange(arrange)
    return hub


def test_without_rules_the_list_says_so_and_how_to_set_one(market: Hub):
    assert market("visibility", "list").out == (
        "No rules: every channel sees all that is available. Set one: hub visibility set --help\n"
    )


def test_rules_are_listed_as_sentences_the_most_general_first(market: Hub):
    market(
        "visibility",
        "set",
        "--channel",
        "web",
        "--listing",
        "listing-MUG",
        "--cap",
        "3",
        "--location",
        "main",
    )
    market("visibility", "set", "--channel", "web", "--buffer", "20%", "--minimum", "2")
    market("visibility", "set", "--buffer", "1")
    assert market("visibility", "list").out.splitlines() == [
        "Every channel keeps back 1",
        "Channel web keeps back 20 % and shows 0 below 2",
        "Listing listing-MUG on web counts only main and shows at most 3",
    ]


def test_a_rule_that_is_set_says_itself_and_who_is_to_be_told(market: Hub):
    said = market("visibility", "set", "--channel", "web", "--allotment", "4")
    assert (said.code, said.out) == (0, "Channel web has 4 of each SKU to itself; 1 channel to be told\n")


def test_an_adaptive_buffer_reads_as_a_sentence_and_is_taken_back_alone(market: Hub):
    said = market(
        "visibility", "set", "--channel", "web", "--adaptive", "0.5%", "--at-most", "9", "--buffer", "2"
    )
    assert said.out.startswith(
        "Channel web keeps the chance of overselling within 0.5 %, with a buffer of at most 9"
        " and keeps back 2 where too little is known; 1 channel"
    )
    market("visibility", "clear", "--channel", "web", "adaptive")
    assert market("visibility", "list").out == "Channel web keeps back 2\n"


def test_the_list_as_json_has_scope_and_rule(market: Hub):
    market("visibility", "set", "--channel", "web", "--buffer", "2")
    (row,) = market("visibility", "list", "--channel", "web", "--json").items
    assert (row["scope"]["channel"], row["rule"]["buffer"], row["rule"]["cap"]) == ("web", 2, None)


def test_a_rule_is_cleared_by_field_and_then_whole(market: Hub):
    market("visibility", "set", "--channel", "web", "--buffer", "2", "--cap", "3")
    assert market("visibility", "clear", "--channel", "web", "cap").out.startswith(
        "the rule for channel web says no more of cap"
    )
    assert market("visibility", "list").out == "Channel web keeps back 2\n"
    assert market("visibility", "clear", "--channel", "web").out.startswith(
        "the rule for channel web is gone"
    )
    assert "No rules" in market("visibility", "list").out


def test_groups_and_safety_stock_are_kept(market: Hub):
    assert (
        market("visibility", "group", "fragile", "MUG").out
        == "1 SKU in group fragile now; 1 channel to be told\n"
    )
    said = market("visibility", "safety", "MUG", "main", "3")
    assert said.out.startswith("3 units of MUG at main kept back as safety stock")
    assert market.sql(NUMBERS) == [("fragile", 3)]
    market("visibility", "ungroup", "MUG")
    assert market.sql(NUMBERS) == [("", 3)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "--channel", "web"), "says nothing: give at least one of buffer"),
        (("set", "--buffer", "two"), "'two' is no buffer"),
        (("set", "--buffer", "120%"), "it must be from 0 to 100"),
        (("set", "--adaptive", "0%"), "it must be from 0.01 to 50"),
        (("set", "--adaptive", "100%"), "it must be from 0.01 to 50"),
        (("set", "--adaptive", "-1%"), "it must be from 0.01 to 50"),
        (("set", "--adaptive", "nan"), "it must be from 0.01 to 50"),
        (("set", "--adaptive", "little"), "'little' is no risk"),
        (("set", "--at-most", "3"), "say its risk too"),
        (("set", "--allotment", "2"), "ring-fenced for one channel"),
        (("set", "--listing", "1", "--cap", "2"), "names its channel"),
        (("set", "--channel", "moon", "--cap", "2"), "there is no channel moon"),
        (("set", "--group", "soft", "--cap", "2"), "hub visibility group soft SKU…"),
        (("clear", "--channel", "web"), "there is no rule for channel web"),
        (("list", "--channel", "moon"), "there is no channel 'moon'"),
        (("group", "fragile", "CUP"), "there is no SKU CUP"),
        (("group", " ", "MUG"), "a group has a name"),
        (("group", "fragile"), "or a product with --product CODE"),
        (("group", "fragile", "--product", "CUPS"), "there is no product CUPS with variants"),
        (("safety", "MUG", "moon", "1"), "there is no location moon"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(market: Hub, words: tuple[str, ...], said: str):
    answer = market("visibility", *words)
    assert (answer.code, market.sql("SELECT id FROM visibility_rules")) == (1, [])
    assert said in answer.error
