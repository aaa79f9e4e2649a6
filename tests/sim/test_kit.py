"""The simulator kit: a fake channel of fifty lines pages, refuses, lags and tells as its profile says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from hub.model.incoming import Person
from hub.spec.testing import (
    KnowsSales,
    Paging,
    PlaysProfile,
    Profile,
    SetsStock,
    SimItem,
    SimRequest,
    SwitchesOff,
)
from tests.sim.corner import URL, Corner

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = Person(name="Ada Example")
GOODS = [SimItem("MUG", "Mug", Decimal("12.90"), 100), SimItem("TEA", "Tea", Decimal("7.50"), 3)]


def corner(**quirks: Any) -> Corner:
    return Corner(GOODS, Profile(**quirks))


def ask(
    shop: Corner, path: str, method: str = "GET", *, at: datetime = NOON, body: bytes = b"", **query: str
) -> Any:
    headers = {"key": query.pop("key", "")}
    reply = shop.answer(SimRequest(method, path, query, headers, body), at=at)
    return msgspec.json.decode(reply.body) if reply.status == 200 else reply.status


def sell(shop: Corner, count: int, every_s: float = 1) -> list[str]:
    return [
        str(shop.sell({"MUG": 1}, at=NOON - timedelta(seconds=(count - n) * every_s), buyer=ADA))
        for n in range(count)
    ]


def walk(shop: Corner) -> list[list[str]]:
    """Every page, by its ids."""
    pages, position, more = [], "", True
    while more:
        page = ask(shop, "/orders", at=NOON + timedelta(minutes=1), after=position)
        pages.append(page["ids"])
        position, more = page["next"], page["more"]
    return pages


def test_it_is_a_simulator_with_every_extra():
    shop = corner()
    assert [isinstance(shop, each) for each in (SetsStock, KnowsSales, PlaysProfile, SwitchesOff)] == [
        True
    ] * 4


@pytest.mark.parametrize("paging", list(Paging))
@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_every_style_of_paging_brings_each_order_once(paging: Paging, count: int):
    shop = corner(paging=paging, page_max=3)
    sold = sell(shop, count)
    pages = walk(shop)
    assert ([each for page in pages for each in page], max(map(len, pages))) == (sold, min(count, 3))


@pytest.mark.parametrize(
    ("paging", "skipped"), [(Paging.KEYSET, 0), (Paging.NUMBERED, 1), (Paging.OFFSET, 1)]
)
def test_only_pages_by_number_skip_an_order_when_one_before_it_moves(paging: Paging, skipped: int):
    shop = corner(paging=paging, page_max=3)
    sold = sell(shop, 6)
    first = ask(shop, "/orders")
    shop.cancel(sold[0], at=NOON)
    rest = ask(shop, "/orders", after=first["next"])["ids"]
    assert len(set(sold) - {*first["ids"], *rest}) == skipped


def test_an_empty_page_comes_before_each_page_where_the_profile_says_so():
    shop = corner(page_max=2, empty_pages=True)
    sold = sell(shop, 3)
    assert walk(shop) == [[], sold[:2], [], sold[2:]]


def test_a_position_goes_on_where_orders_come_later():
    shop = corner(page_max=5)
    sell(shop, 2)
    after = ask(shop, "/orders")["next"]
    later = shop.sell({"MUG": 1}, at=NOON, buyer=ADA)
    assert ask(shop, "/orders", after=after)["ids"] == [later]


@pytest.mark.parametrize("position", ["nonsense", "ff", "12x"])
def test_a_position_of_no_sense_is_refused(position: str):
    shop = corner(paging=Paging.NUMBERED if position == "12x" else Paging.KEYSET)
    assert ask(shop, "/orders", after=position) == 400


def test_the_doorkeeper_comes_before_every_route_and_an_unknown_call_is_404():
    shop = corner()
    assert (ask(shop, "/orders", key="wrong"), ask(shop, "/nothing"), ask(shop, "/orders", "PUT")) == (
        401,
        404,
        404,
    )


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"L-1": "many"}', b'{"L-1"'])
def test_a_body_that_does_not_fit_is_refused_and_writes_nothing(body: bytes):
    shop = corner()
    assert (ask(shop, "/stock", "PUT", body=body), shop.stock()["MUG"]) == (400, 100)


def test_a_refused_listing_costs_its_neighbors_nothing():
    shop = corner(refused_skus=("TEA",))
    refused = ask(shop, "/stock", "PUT", body=b'{"L-1": 5, "L-2": 6, "L-9": 7}')
    assert (set(refused), shop.stock()) == ({"L-2", "L-9"}, {"MUG": 5, "TEA": 3})


def test_what_is_read_out_is_as_old_as_the_lag():
    shop = corner(lag_s=10)
    shop.set_stock({"MUG": 5}, at=NOON)
    shown = [ask(shop, "/stock/L-1", at=NOON + timedelta(seconds=s)) for s in (0, 9, 10)]
    assert (shown, ask(shop, "/stock/L-9")) == ([100, 100, 5], None)


def test_a_sale_of_a_till_offline_appears_later_with_the_time_it_was_made():
    shop = corner(offline_s=3600)
    sold = shop.sell({"MUG": 1}, at=NOON, buyer=ADA)
    hour = NOON + timedelta(hours=1)
    seen = [[each.id for each in shop.changed(at)] for at in (NOON, hour)]
    assert (seen, shop.sale(str(sold)).bought_at) == ([[], [sold]], NOON)


def test_it_refuses_to_sell_what_it_lacks_unless_it_is_a_till():
    assert corner().sell({"TEA": 4}, at=NOON, buyer=ADA) is None
    till = corner(below_zero=True)
    till.sell({"TEA": 4}, at=NOON, buyer=ADA)
    assert till.stock()["TEA"] == -1


def test_a_sale_says_what_was_sold_and_a_cancel_puts_it_back_once():
    shop = corner()
    sold = str(shop.sell({"MUG": 2, "TEA": 1}, at=NOON, buyer=ADA))
    for _ in range(2):
        shop.cancel(sold, at=NOON)
    sale = shop.sale(sold)
    assert (sale.total, sale.units, sale.canceled) == (Decimal("36.30"), {"MUG": 2, "TEA": 1}, True)
    assert shop.stock() == {"MUG": 100, "TEA": 3}


def test_a_late_body_tells_of_more_than_its_topic():
    bodies = []
    for shop in (corner(), corner(late_bodies=True)):
        shop.hooks.subscribe(URL, ["order.created", "order.updated"])
        shop.cancel(str(shop.sell({"MUG": 1}, at=NOON, buyer=ADA)), at=NOON)
        bodies.append([each.body for each in shop.take_deliveries()])
        assert shop.take_deliveries() == []
    assert bodies == [[b"1001 open", b"1001 canceled"], [b"1001 canceled", b"1001 canceled"]]


def test_a_hook_that_is_off_or_wants_other_topics_hears_nothing():
    shop = corner()
    shop.hooks.subscribe(URL, ["order.updated"])
    sell(shop, 1)
    shop.hooks.subscribe(URL, ["order.created"])
    shop.switch_off_webhooks()
    sell(shop, 1)
    assert shop.take_deliveries() == []


def test_whole_seconds_have_no_fractions_and_order_numbers_break_the_tie():
    shop = corner(whole_seconds=True)
    sold = sell(shop, 4, every_s=0.1)
    marks = [each.mark for each in shop.changed(NOON)]
    assert all(a < b for a, b in pairwise(marks))
    assert ({each.changed_at.microsecond for each in shop.orders.values()}, len(sold)) == ({0}, 4)


def test_made_up_keys_are_the_same_for_the_same_shop_only():
    other = Corner([replace(GOODS[0], sku="CUP")])
    assert corner().made_up("key") == corner().made_up("key") != other.made_up("key")
