"""Lists of SKUs with their numbers are read as people type and paste them; the first line that is wrong is named."""

import pytest

from hub.model.errors import InputError
from hub.model.stock.lines import Units, read_lines, read_pair, renamed, summed

TWO = [Units("MUG", 12), Units("TEA", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "MUG 12\nTEA 3",
        "MUG,12\n\n TEA , 3 \n",
        "MUG;12;a blue one\nTEA;3;",
        "MUG\t12\nTEA\t3",
        "sku,quantity\nMUG,12\nTEA,3",
        '"MUG","12"\r\n"TEA","3"',
    ],
)
def test_a_line_is_a_sku_and_its_number_however_they_are_parted(text: str):
    assert read_lines(text) == TWO


@pytest.mark.parametrize(
    "text", ["MUG", "MUG, twelve\nTEA, 3\nCUP", "MUG -1", "MUG 1.5", "MUG,99999999999999"]
)
def test_the_first_line_that_cannot_be_read_is_named(text: str):
    with pytest.raises(InputError, match=r"line [13]") as refused:
        read_lines(text)
    assert refused.value.field == "lines"


@pytest.mark.parametrize("written", ["MUG", ":3", "MUG:", "MUG:-1", "MUG:x"])
def test_a_pair_without_its_number_is_refused(written: str):
    with pytest.raises(InputError, match="MUG-BLUE:12"):
        read_pair(written)


def test_a_sku_may_have_a_colon():
    assert read_pair("A:B:3") == Units("A:B", 3)


def test_lines_of_one_sku_are_added_up_in_order_of_skus():
    assert list(summed([Units("TEA", 1), Units("MUG", 2), Units("TEA", 3)], what="list").items()) == [
        ("MUG", 2),
        ("TEA", 4),
    ]


@pytest.mark.parametrize("lines", [[], [Units("MUG", 0)], [Units("MUG", -1)], [Units("MUG", 1_000_001)]])
def test_a_list_that_moves_nothing_or_too_much_is_refused(lines: list[Units]):
    with pytest.raises(InputError, match="it must be from 1 to"):
        summed(lines, what="list")


def test_words_that_stand_for_no_sku_are_named():
    with pytest.raises(InputError, match="no SKU or barcode is 4711"):
        renamed([Units("mug", 1), Units("4711", 1)], {"mug": "MUG"})
