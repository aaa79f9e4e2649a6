"""Barcodes on paper are Code 128 with white on either side; what no such code can have is left to be read."""

import re

from hub.web.desk.barcodes import QUIET, draw

START_C, STOP = "11010011100", "1100011101011"  # ISO/IEC 15417
TEN, FORTY_TWO, CHECK_96 = "11001000100", "10110111000", "10111100010"


def modules(path: str) -> str:
    """Black and white as they stand in the drawing, without the white at its ends."""
    bars = [(int(at), int(width)) for at, width in re.findall(r"M(\d+) 0h(\d+)v", path)]
    drawn, end = "", bars[0][0]
    for at, width in bars:
        drawn += "0" * (at - end) + "1" * width
        end = at + width
    return drawn


def test_digits_are_drawn_in_pairs_with_their_checksum():
    drawing = draw("1042")
    assert drawing is not None
    assert modules(drawing.path) == START_C + TEN + FORTY_TWO + CHECK_96 + STOP
    assert drawing.width == len(modules(drawing.path)) + 2 * QUIET


def test_a_code_with_letters_that_no_barcode_has_is_not_drawn():
    assert (draw("茶壶"), draw("MUG-BLUE") is not None) == (None, True)
