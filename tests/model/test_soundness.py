"""What no connector should hand over is refused with its field, before it can stop a batch or be read never again."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder, IncomingParcel, ParcelLine
from hub.model.orders.soundness import refuse_unsound
from tests.builders import line, order

TWO_MUGS = IncomingParcel("1", lines=(ParcelLine("MUG", 2),))
BAD = [
    ("total", order("1", total=Decimal("NaN"))),
    ("total", order("1", total=Decimal("sNaN"))),
    ("lines[0].total", order("1", line("MUG", total=Decimal("-Infinity")), total=Decimal(1))),
    ("lines[0].tax", order("1", line("MUG", tax=Decimal("1E+999999")), total=Decimal(1))),
    ("lines[0].discount", order("1", line("MUG", discount=Decimal("1E-999999")))),
    ("lines", order("1", line("MUG"), line("MUG", 2))),
    ("lines", order("1", *(line("MUG", channel_line_id=str(n)) for n in range(10_001)))),
    ("parcels", order("1", line("MUG", fulfilled=1), parcels=(TWO_MUGS,))),
    ("parcels", order("1", line("TEA", 2, fulfilled=2), parcels=(TWO_MUGS,))),
    ("parcels", order("1", line("MUG", 4, fulfilled=4), parcels=(TWO_MUGS, TWO_MUGS))),
    ("parcels[0].left_at", order("1", parcels=(IncomingParcel("1", left_at=datetime(1, 1, 1, tzinfo=UTC)),))),
    ("ship_by", order("1", ship_by=datetime(1, 1, 1, tzinfo=UTC))),
    ("placed_at", order("1", placed_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))),
    ("updated_at", order("1", updated_at=datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=14))))),
]


@pytest.mark.parametrize(("field", "unsound"), BAD)
def test_an_order_that_no_table_can_hold_is_refused_by_its_field(field: str, unsound: IncomingOrder) -> None:
    with pytest.raises(InputError) as refused:
        refuse_unsound(unsound)
    assert refused.value.field == field


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_every_amount_a_shop_can_charge_is_sound(amount: Decimal) -> None:
    refuse_unsound(order("1", line("MUG", total=amount), total=amount))


def test_ten_to_the_thirtieth_with_cents_is_sound() -> None:
    refuse_unsound(order("1", total=Decimal("1000000000000000000000000000000.01")))


def test_a_parcel_within_what_has_left_is_sound() -> None:
    refuse_unsound(order("1", line("MUG", 3, fulfilled=2), parcels=(TWO_MUGS, IncomingParcel("2"))))


def test_any_time_of_this_century_is_sound_in_any_zone() -> None:
    for zone in (UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))):
        refuse_unsound(order("1", placed_at=datetime(2026, 11, 23, tzinfo=zone)))
