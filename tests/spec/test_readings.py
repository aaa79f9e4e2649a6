"""What channels write becomes exact amounts, aware times and texts that can be kept; what does not fit is named."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from hub.model.errors import InputError
from hub.model.incoming import Address
from hub.model.money import minor_digits
from hub.spec import MalformedError
from hub.spec.amounts import amount_of, divided, spread, unit_price
from hub.spec.moments import from_epoch, from_rfc2822, utc, zone_of
from hub.spec.people import address_or_none, country_of, full_name, note, text
from hub.spec.reading import read_json
from hub.spec.redaction import cut_json, redact_form, redact_json

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
Amount = st.decimals(-10_000, 10_000, places=4)


class Line(Struct):
    quantity: Annotated[int, Meta(gt=0)]


class Order(Struct, forbid_unknown_fields=True):
    lines: list[Line]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'{"lines": [{"quantity": "2"}]}',
            r"an order cannot be read at lines\[0\].quantity: expected a whole number, got a text",
        ),
        (b'{"lines": [{"quantity": 0}]}', r"lines\[0\].quantity: expected a whole number >= 1"),
        (b'{"lines": [{}]}', r"lines\[0\].quantity: it is missing"),
        (b'{"lines": [], "more": 1}', "more: there is no such field"),
        (b"[]", "an order cannot be read: expected a group of fields, got a list"),
        (b"{", "an order is not JSON"),
        (b"\xff", "an order is not JSON"),
        (b"[" * 100_000, "an order"),
    ],
)
def test_what_does_not_fit_is_named_with_its_field_and_without_types(body: bytes, words: str):
    with pytest.raises(MalformedError, match=words):
        read_json(body, Order, "an order")


def test_amounts_are_exact_as_they_are_written():
    assert [str(amount_of(each, "x")) for each in ("2.990000", 1299, "-0.5")] == ["2.990000", "1299", "-0.5"]
    assert (divided(1250, 100, "x"), divided(7, 1, "x")) == (Decimal("12.50"), Decimal(7))


@pytest.mark.parametrize("written", ["", "12,50", "NaN", "Infinity", "1e30", "9" * 16])
def test_what_is_no_amount_is_named(written: str):
    with pytest.raises(MalformedError, match="price is no amount"):
        amount_of(written, "price")


def test_a_divisor_that_is_no_power_of_ten_is_refused():
    with pytest.raises(MalformedError):
        divided(10, 3, "x")


def test_the_price_of_one_is_rounded_only_where_it_must_be():
    assert [unit_price(Decimal(total), 3) for total in ("9.99", "10")] == [
        Decimal("3.33"),
        Decimal("3.333333"),
    ]
    assert unit_price(Decimal(5), 0) == 5


def test_a_discount_is_spread_to_the_coin_and_the_rest_goes_to_the_largest_remainders():
    shares = spread(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)], "EUR")
    assert shares == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert spread(Decimal(100), [Decimal(2), Decimal(1)], "JPY") == [67, 33]
    assert spread(Decimal(5), [Decimal(0), Decimal(0)], "EUR") == [5, 0]


@given(
    Amount,
    st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=12),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_shares_add_up_whatever_is_spread(total: Decimal, weights: list[Decimal], currency: str):
    shares = spread(total, weights, currency)
    assert sum(shares) == total
    coin = Decimal(1).scaleb(-minor_digits(currency))
    whole = sum(weights)
    if whole:
        assert all(
            abs(share - total * each / whole) <= 2 * coin for share, each in zip(shares, weights, strict=True)
        )


def test_times_become_aware_utc():
    bare = NINE.replace(tzinfo=None)
    assert utc(bare + timedelta(hours=1), zone_of("Europe/Berlin")) == utc(bare) == NINE
    assert (
        from_epoch(NINE.timestamp(), "x") == from_epoch(NINE.timestamp() * 1000, "x", per_second=1000) == NINE
    )
    assert from_rfc2822("Mon, 02 Mar 2026 09:00:00 +0000", "x") == NINE


@pytest.mark.parametrize("number", [-1, 1e30])
def test_what_is_no_time_is_named(number: float):
    with pytest.raises(MalformedError, match="paid_at is no time"):
        from_epoch(number, "paid_at")
    with pytest.raises(MalformedError, match="paid_at is no time"):
        from_rfc2822("soon", "paid_at")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_time_zone_that_is_none_is_named(name: str):
    with pytest.raises(InputError, match="there is no time zone"):
        zone_of(name)


def test_texts_are_never_null_too_long_or_unkeepable():
    assert (text(None), text("a\0b"), len(text("x" * 900))) == ("", "ab", 500)
    assert full_name(" Ada ", None, "von  Example", "") == "Ada von Example"
    assert note("call\0", None, "twice") == "call\ntwice"


def test_an_address_of_blanks_is_none():
    assert address_or_none(Address()) is None
    assert address_or_none(Address(city="Dublin")) == Address(city="Dublin")


def test_a_country_is_two_capitals_or_nothing():
    assert [country_of(each) for each in ("ie", " DE ", "Ireland", None, "Ä1")] == ["IE", "DE", "", "", ""]


def test_personal_data_goes_and_the_shape_and_every_digit_stay():
    order = (
        b'{"id":7,"total":2.990000,"buyer":{"name":"Ada","age":36,"vip":true,"tags":["x",null]},"note":""}'
    )
    assert redact_json(order, {"buyer", "note"}) == (
        b'{"id":7,"total":2.990000,"buyer":{"name":"redacted","age":0,"vip":true,"tags":["redacted",null]},"note":""}'
    )
    assert redact_form(b"a=1&name=Ada+L", {"name"}) == b"a=1&name=redacted"


def test_a_name_within_another_goes_where_the_same_name_elsewhere_stays():
    page = b'{"orders":[{"buyer":{"name":"Ada"},"ship_to":[{"name":"Bo"}],"items":[{"name":"Mug"}]}]}'
    assert redact_json(page, {"buyer.name", "ship_to.name"}) == (
        b'{"orders":[{"buyer":{"name":"redacted"},"ship_to":[{"name":"redacted"}],"items":[{"name":"Mug"}]}]}'
    )


def test_of_a_long_body_the_beginning_is_kept_as_json():
    page = msgspec.json.encode({"orders": [{"id": n, "note": "x" * 10} for n in range(1_000)], "more": True})
    kept = msgspec.json.decode(cut_json(page, 100))
    assert [each["id"] for each in kept["orders"]] == [0, 1, 2, 3, 4, 5]
    assert cut_json(page, len(page)) == page


@given(st.binary(max_size=200))
def test_what_is_no_json_is_not_kept(body: bytes):
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        assert redact_json(body, {"name"}) == b""
