"""A parcel takes whole units sold: what is scanned makes up lines, first line first, and nothing is left over."""

import pytest

from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.packing import packed, to_pack
from hub.model.orders.taking import HeldLine
from hub.model.stock.wants import Parts

MAIN, SHOP = "main", "shop"


def held(units: int, parts: Parts, place: str = MAIN) -> HeldLine:
    sku = next(iter(parts))
    return HeldLine(uuid7(), sku, sku, 1, "item", units, 0, units, 0, 0, 0, parts, {place: units})


MUGS, GIFTS, AWAY = held(2, {"MUG": 1}), held(1, {"MUG": 1, "TEA": 2}), held(4, {"TEA": 1}, SHOP)
LINES = [MUGS, GIFTS, AWAY]


def test_what_lies_elsewhere_is_not_packed_here():
    assert (to_pack(LINES, MAIN), to_pack(LINES, SHOP)) == ({"MUG": 3, "TEA": 2}, {"TEA": 4})


def test_all_that_is_scanned_makes_up_the_lines():
    assert packed(LINES, MAIN, {"MUG": 3, "TEA": 2}) == {MUGS.id: 2, GIFTS.id: 1}


def test_a_part_of_the_order_makes_a_parcel_of_its_own():
    assert packed(LINES, MAIN, {"MUG": 1}) == {MUGS.id: 1}


@pytest.mark.parametrize(
    ("scanned", "says"),
    [
        ({"MUG": 4, "TEA": 2}, "asks for 3"),
        ({"MUG": 3}, "rest of its set"),
        ({"CUP": 1}, "asks for 0"),
        ({}, "scan the first"),
    ],
)
def test_what_makes_up_no_line_is_refused(scanned: dict[str, int], says: str):
    with pytest.raises(InputError, match=says):
        packed(LINES, MAIN, scanned)
