"""The demo catalog is the same 120 goods every time, with barcodes no real product has."""

import pytest

from hub.sim.catalog import LOCATIONS, demo_catalog, ean13, sim_items


@pytest.mark.parametrize("code", ["4006381333931", "5901234123457", "9780201379624", "2000000000008"])
def test_the_check_digit_is_the_published_one(code):
    assert ean13(code[:12]) == code


def test_there_are_120_goods_and_no_two_share_a_sku_a_title_or_a_barcode():
    items = demo_catalog()
    for field in ("sku", "title", "barcode"):
        assert len({getattr(item, field) for item in items}) == len(items) == 120


def test_barcodes_are_of_the_in_store_range():
    codes = [item.barcode for item in demo_catalog()]
    assert all(code == ean13(code[:12]) and 20 <= int(code[:2]) <= 29 for code in codes)


def test_every_location_opens_with_some_of_everything():
    assert all(set(item.stock) == set(LOCATIONS) and min(item.stock.values()) > 0 for item in demo_catalog())


def test_prices_are_exact_to_the_cent():
    assert {item.price.as_tuple().exponent for item in demo_catalog()} == {-2}


def test_a_channel_offers_the_stock_of_all_locations():
    item = demo_catalog()[0]
    assert sim_items([item])[0].stock == sum(item.stock.values())


def test_it_is_the_same_every_time():
    assert demo_catalog() == demo_catalog()
