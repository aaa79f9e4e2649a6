"""Barcodes on paper: Code 128, which takes the digits of an EAN as well as letters, drawn as one path."""

from itertools import groupby

from barcode import Code128
from barcode.errors import BarcodeError
from msgspec import Struct

HEIGHT = 32  # of the drawing; a page stretches it
QUIET = 10  # modules of white on either side, as scanners need them


class Drawing(Struct, frozen=True):
    """`path` are the bars, a unit for each module."""

    width: int
    path: str


def draw(code: str) -> Drawing | None:
    """None where the code has a character that no such barcode can have."""
    try:
        (modules,) = Code128(code).build()
    except BarcodeError:
        return None
    bars, place = [], QUIET
    for is_black, run in groupby(modules, key="1".__eq__):
        width = len(list(run))
        if is_black:
            bars.append(f"M{place} 0h{width}v{HEIGHT}h-{width}z")
        place += width
    return Drawing(place + QUIET, "".join(bars))
