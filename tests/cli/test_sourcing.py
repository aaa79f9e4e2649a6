"""Commands say which locations fill orders, what is sold ahead of stock, and what would happen, in plain words."""

import pytest

from hub.store.db import Tx
from tests.builders import SHOP, put_stock
from tests.cli.conftest import Hub

HELD = "SELECT location, allocated FROM levels WHERE sku = 'MUG' AND allocated > 0"


@pytest.fixture
def two(phone: Hub) -> Hub:
    """Ten mugs at main, six at the shop, no lamp."""

    async def arrange(tx: Tx) -> None:
        await put_stock(tx, {"MUG": 6}, SHOP)

    phone.arrange(arrange)
    return phone


def number_of(hub: Hub, *lines: str) -> str:
    words = [word for line in lines for word in ("--line", line)]
    assert hub("order", "new", *words, "--customer", "Ada").code == 0
    return str(hub.sql("SELECT max(number) FROM orders")[0][0])


def test_a_policy_is_set_listed_and_cleared_as_a_sentence(two: Hub):
    assert two("sourcing", "set", "single", "nearest", "--channel", "phone", "--split-max", "2").out == (
        "phone: first a location with the whole order, then the nearest; at most 2 locations for an order\n"
    )
    policies = [(each["channel"], each["strategies"]) for each in two("sourcing", "list", "--json").items]
    assert policies == [(None, ["whole-line", "priority"]), ("phone", ["single", "nearest"])]
    assert two("sourcing", "clear", "--channel", "phone").out.startswith(
        "phone: first a location with the whole line"
    )


def test_a_backorder_is_set_taken_listed_and_ended(two: Hub):
    assert two("backorder", "set", "LAMP", "5", "--expected", "2099-12-10").out == (
        "LAMP takes backorders up to 5, expected 2099-12-10: 0 taken, 5 left\n"
    )
    said = two("order", "new", "--line", "LAMP:3", "--customer", "Ada")
    assert "LAMP: 3 on backorder, expected 2099-12-10" in said.out
    (row,) = two("backorder", "list", "--json").items
    assert (row["taken"], row["left"], row["orders"], row["expected"]) == (3, 2, 1, "2099-12-10")
    assert two("backorder", "end", "LAMP").out == "1 SKU: no new backorders; 3 units still to be filled\n"


def test_an_order_shows_what_is_on_backorder_and_why_the_rest_comes_from_there(two: Hub):
    two("backorder", "set", "LAMP", "5", "--expected", "2099-12-10")
    shown = two("order", "show", number_of(two, "MUG:2", "LAMP:1")).out
    assert "stock on backorder, expected 2099-12-10 (backordered)" in shown
    assert "LAMP: 1 on backorder, expected 2099-12-10" in shown
    assert "MUG from main: priority 1" in shown


def test_a_dry_run_says_where_and_why_and_writes_nothing(two: Hub):
    said = two(
        "stock", "plan", "--line", "MUG:2", "--line", "LAMP:1", "--channel", "phone", "--to", "DE-10115"
    )
    assert [
        words
        for words in ("2 from main", "1 short", "not needed", "Nothing was written.")
        if words not in said.out
    ] == []
    told = two("stock", "plan", "--line", "MUG:12", "--json").json
    assert [(each["location"], each["units"]) for each in told["lines"][0]["given"]] == [
        ("main", 10),
        ("shop", 2),
    ]
    assert two.sql(HELD) == []


def test_an_order_is_moved_once_and_says_so(two: Hub):
    number = number_of(two, "MUG:2")
    first = two("order", "reallocate", number, "--from", "shop", "--id", "click")
    again = two("order", "reallocate", number, "--from", "shop", "--id", "click")
    assert "2 MUG now from shop: chosen by a person" in first.out
    assert (again.out.startswith(f"order {number} stays as it is"), two.sql(HELD)) == (True, [("shop", 2)])
    assert "2 from main" in two("order", "plan", number).out


def test_an_order_gets_a_priority(two: Hub):
    number = number_of(two, "MUG:1")
    assert two("order", "priority", number, "10").out == f"order {number} has priority 10\n"
    assert two("order", "show", number, "--json").json["priority"] == 10


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sourcing", "set", "single", "--channel", "moon"), "there is no channel moon"),
        (("sourcing", "set", "single", "single"), "names each of its strategies once"),
        (("sourcing", "set", "single", "--split-max", "0"), "it must be from 1 to 100"),
        (("sourcing", "clear"), "every channel has no policy of its own"),
        (("backorder", "set", "CUP", "3"), "there is no SKU CUP"),
        (("backorder", "set", "MUG", "9999999"), "it must be from 0 to 1000000"),
        (("backorder", "end", "MUG"), "MUG takes no backorders"),
        (("stock", "plan", "--line", "CUP:1"), "there is no SKU CUP"),
        (("stock", "plan", "--line", "MUG"), "is not a SKU and a number"),
        (("stock", "plan", "--line", "MUG:1", "--to", "Berlin"), "write the country"),
        (("order", "plan", "7"), "there is no order 7"),
        (("order", "reallocate", "7"), "there is no order 7"),
        (("order", "priority", "7", "5"), "there is no order 7"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(two: Hub, words: tuple[str, ...], said: str):
    answer = two(*words)
    assert (
        answer.code,
        two.sql("SELECT 1 FROM sourcing_policies UNION ALL SELECT 1 FROM backorder_terms"),
    ) == (1, [])
    assert said in answer.error
