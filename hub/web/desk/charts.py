"""Geometry of the desk's charts; the templates draw it as SVG, so no style and no script is needed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from hub.model.freshness import Freshness
from hub.store.desk.orders import Minute
from hub.web.desk.format import Format

_BAR = 3
_STEP = 4
_HEIGHT = 28
_NONE_HEIGHT = 1

_TONES = {
    Freshness.UP_TO_DATE: "good",
    Freshness.SENDING: "info",
    Freshness.NOT_SENT: "none",
    Freshness.LATE: "wait",
    Freshness.UNKNOWN: "wait",
    Freshness.REJECTED: "bad",
    Freshness.STOPPED: "none",
    Freshness.IN_SHADOW: "none",
    Freshness.SUSPENDED: "bad",
    Freshness.PAUSED: "none",
}


class Bar(Struct, frozen=True):
    x: int
    y: int
    width: int
    height: int
    value: int
    title: str
    start: datetime


class BarChart(Struct, frozen=True):
    width: int
    height: int
    label: str
    total: int
    bars: list[Bar]


class Part(Struct, frozen=True):
    """One stretch of a bar that shows shares; `x` and `width` are percent."""

    x: float
    width: float
    tone: str
    word: str
    count: int
    title: str


def minute_bars(minutes: Sequence[Minute], fmt: Format) -> BarChart:
    total = sum(minute.orders for minute in minutes)
    most = max((minute.orders for minute in minutes), default=0)
    bars = [_bar(index, minute, most, fmt) for index, minute in enumerate(minutes)]
    label = f"{fmt.number(total)} orders in the last {len(minutes)} minutes, at most {fmt.number(most)} in one minute"
    return BarChart(_STEP * len(minutes) - (_STEP - _BAR), _HEIGHT, label, total, bars)


def freshness_parts(counts: Mapping[str, int], fmt: Format) -> list[Part]:
    """Best first, so that the end of the bar is what needs a look."""
    return parts_of([(state, tone, counts.get(state, 0)) for state, tone in _TONES.items()], fmt)


def parts_of(counts: Sequence[tuple[str, str, int]], fmt: Format) -> list[Part]:
    """The stretches of a bar, each of a word, a tone and a count; what counts nothing is left out."""
    total = sum(count for *_, count in counts)
    parts: list[Part] = []
    x = 0.0
    for word, tone, count in counts:
        if count:
            width = round(100 * count / total, 3)
            parts.append(Part(x, width, tone, word, count, f"{word}: {fmt.number(count)}"))
            x += width
    return parts


def _bar(index: int, minute: Minute, most: int, fmt: Format) -> Bar:
    height = max(2, round(_HEIGHT * minute.orders / most)) if minute.orders else _NONE_HEIGHT
    title = f"{fmt.clock(minute.start)} UTC: {fmt.number(minute.orders)}"
    return Bar(index * _STEP, _HEIGHT - height, _BAR, height, minute.orders, title, minute.start)
