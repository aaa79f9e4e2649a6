"""Listings on the command line: what still needs a SKU, and orders that go on once it has one."""

from pathlib import Path

import pytest

from tests.cli.conftest import Hub, goods
from tests.cli.test_inbox import woo_order, write


@pytest.fixture
def waiting(shop: Hub, tmp_path: Path) -> Hub:
    """One order for two units of listing 11, which nobody has matched."""
    shop.arrange(goods)
    shop("inbox", "add", "web", write(tmp_path, "order.json", woo_order(1, status="processing")))
    return shop


def test_an_order_waits_for_its_listing_to_be_matched_and_then_goes_on(waiting: Hub):
    assert waiting.sql("SELECT holds FROM orders") == [(["unmatched"],)]
    said = waiting("listing", "match", "web", "11", "MUG", "--units", "2")
    assert (said.code, waiting.sql("SELECT holds FROM orders")) == (0, [([],)])
    assert waiting.sql("SELECT allocated FROM levels WHERE sku = 'MUG'") == [(4,)]


def test_unmatched_listings_are_listed_alone(waiting: Hub):
    (listing,) = waiting("listing", "list", "--unmatched", "--json").items
    assert (listing["channel_listing_id"], listing["channel_sku"], listing["sku"]) == ("11", "MUG", None)
    waiting("listing", "match", "web", "--same-sku")
    assert waiting("listing", "list", "web", "--unmatched").out == "Every listing has its SKU.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("web", "11", "CUP"), "cannot match 11 → CUP"),
        (("web", "12", "MUG"), "cannot match 12 → MUG"),
        (("web", "11"), "name the listing and the SKU"),
        (("shop", "11", "MUG"), "there is no channel 'shop'"),
    ],
)
def test_a_match_that_cannot_be_made_is_named_and_changes_nothing(
    waiting: Hub, words: tuple[str, ...], said: str
):
    answer = waiting("listing", "match", *words)
    assert (answer.code, said in answer.error) == (1, True)
    assert waiting.sql("SELECT sku FROM listings") == [(None,)]


def test_a_second_same_sku_finds_nothing_left(waiting: Hub):
    waiting("listing", "match", "web", "--same-sku")
    assert "nothing to match" in waiting("listing", "match", "web", "--same-sku").out


def test_without_listings_the_way_to_them_is_named(shop: Hub):
    assert "hub channel pull web --listings" in shop("listing", "list", "web").out


def test_suggestions_say_why_and_are_confirmed_by_a_word(waiting: Hub):
    (found,) = waiting("listing", "suggest", "web", "--json").items
    assert [(one["sku"], one["reasons"]) for one in found["suggestions"]] == [("MUG", ["same SKU"])]
    assert "same SKU" in waiting("listing", "suggest").out
    assert "nothing to match" in waiting("listing", "match", "web", "--same-barcode").out


def test_a_match_is_undone_and_the_listing_waits_again(waiting: Hub):
    waiting("listing", "match", "web", "11", "MUG")
    assert waiting("listing", "unmatch", "web", "11").code == 0
    (listing,) = waiting("listing", "list", "--never-sent", "--json").items
    assert (listing["sku"], listing["unsent"]) == (None, "unmatched")
    assert "cannot unmatch 11" in waiting("listing", "unmatch", "web", "11").error


def test_a_new_sku_is_made_of_a_listing_by_a_word(waiting: Hub):
    assert "there is a SKU MUG already" in waiting("listing", "new-sku", "web", "11").error
    assert waiting("listing", "new-sku", "web", "11", "--sku", "MUG-2", "--name", "Mug two").code == 0
    assert waiting.sql("SELECT sku FROM listings") == [("MUG-2",)]
    assert "there is no listing 99" in waiting("listing", "new-sku", "web", "99").error
    assert waiting("listing", "list", "--gone").out == "No listing is gone.\n"
