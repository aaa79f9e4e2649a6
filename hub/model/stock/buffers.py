"""The adaptive buffer: the fewest to keep back so that a channel hardly oversells, worked out of what sold. Pure.

A channel may oversell where, before it has been told, more sells there and elsewhere than it keeps back. Orders come at
a rate that is gamma distributed, so what comes within a time is negative binomial: nearly Poisson where much is known
and ten minutes are alike, wider where they differ more than by chance, or where few orders say what the rate is. The
last unit is rather sold in a rush: the rate is that at the moment of an order. How many units an order takes is as it
was; the sum follows by Panjer's recursion.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product, takewhile
from math import ceil, exp, floor, log1p, log10, prod, sqrt

from msgspec import Struct

from hub.model.histogram import within

RISK_PERCENT_MIN, RISK_PERCENT_MAX = 0.01, 50
BUFFER_MAX = 1_000
LOOK_BACK_DAYS, HISTORY_DAYS_MIN = 28, 7
ORDERS_MIN = 3
TOLD_MIN = 20  # numbers the channel confirmed
SLOT_S = 600  # orders are counted by so many seconds, to see whether they come in bursts
DAY_S, DAYS_A_WEEK = 86_400, 7

Took = Mapping[float, float]
"""How many of something took no more than so many seconds."""


class Sales(Struct, frozen=True):
    """How one SKU sold while it could be had, on all channels: `sizes` counts orders by the units they took.

    `slots_squared` adds up the squares of the orders in each ten minutes; `own_units` were sold on the channel itself.
    """

    seconds: float = 0.0
    sizes: Mapping[int, int] = {}
    slots_squared: int = 0
    own_units: int = 0
    run_outs: int = 0

    @property
    def orders(self) -> int:
        return sum(self.sizes.values())

    @property
    def units(self) -> int:
        return sum(size * count for size, count in self.sizes.items())

    @property
    def bursts(self) -> float:
        """The variance of the rate over its mean squared; 0 where orders come as evenly as chance has it."""
        slots = self.seconds / SLOT_S
        if slots < 2 or not self.orders:
            return 0.0
        mean = self.orders / slots
        excess = self.slots_squared / slots - mean * mean - mean
        chance = 3 * mean * sqrt(2 / (slots - 1))  # what Poisson exceeds once in some hundred cases
        return excess / (mean * mean) if excess > chance else 0.0


class Asked(Struct, frozen=True):
    """What a rule asks for: the chance of overselling in percent, and the most to keep back."""

    risk_percent: float
    buffer_max: int | None = None


class AdaptiveBuffer(Struct, frozen=True):
    """What was worked out for a listing, and of what; `buffer` null where `thin` says why too little is known.

    All of it counts what the listing shows: packs, where it is a pack. `told_s`: so soon after a sale the channel is
    told in 99 of 100 cases. `costs_a_week`: so many of its sales go elsewhere, or are lost, where it runs out as often
    as it did.
    """

    risk_percent: float
    buffer_max: int | None = None
    buffer: int | None = None
    thin: str = ""
    sells_a_day: float = 0.0
    told_s: float = 0.0
    chance_percent: float = 0.0
    costs_a_week: float = 0.0


def work_out(asked: Asked, sales: Sales, told: Took, *, units: int = 1) -> AdaptiveBuffer:
    """The least buffer of a listing, of `units` each, that keeps to what is asked; `told`: from a sale to its word."""
    thin = _thin(sales, told)
    if thin:
        return AdaptiveBuffer(asked.risk_percent, asked.buffer_max, thin=thin)
    most = BUFFER_MAX if asked.buffer_max is None else min(asked.buffer_max, BUFFER_MAX)
    buffer, chance = _least(sales, told, asked.risk_percent / 100, most, units)
    days = sales.seconds / DAY_S
    share = sales.own_units / sales.units
    return AdaptiveBuffer(
        asked.risk_percent,
        asked.buffer_max,
        buffer,
        "",
        sales.units / units / days,
        within(told, 0.99) or 0.0,
        100 * chance,
        buffer * share * sales.run_outs / days * DAYS_A_WEEK,
    )


def told_after(known: Took, sent: Took, confirmed: Took) -> Took:
    """From a sale elsewhere to the channel's word: the stages one after the other, each by itself, rounded up a little;
    {} where one is hardly measured.
    """
    if not known or min(sum(sent.values()), sum(confirmed.values())) < TOLD_MIN:
        return {}
    total: dict[float, float] = {}
    for took in product(known.items(), sent.items(), confirmed.items()):
        seconds = _rounded_up(sum(bound for bound, _ in took))
        total[seconds] = total.get(seconds, 0.0) + prod(count for _, count in took)
    return total


def mixed(parts: Mapping[str, Took], shares: Mapping[str, int]) -> Took:
    """How long it takes over several channels, each by its share of what is sold; those not measured are left out."""
    mix: dict[float, float] = {}
    for channel, units in shares.items():
        took = parts.get(channel, {})
        for seconds, count in took.items():
            mix[seconds] = mix.get(seconds, 0.0) + units * count / sum(took.values())
    return mix


def sentence(worked: AdaptiveBuffer) -> str:
    """Sells 3.1 a day, told within 5 s of a sale, chance 0.8 % of at most 1 %, costs about 0.2 sales a week."""
    if worked.thin:
        return worked.thin
    kept = "of at most" if worked.chance_percent <= worked.risk_percent else "instead of"
    most = "" if worked.buffer_max != worked.buffer else f", keeps back at most {worked.buffer_max}"
    return (
        f"sells {_digits(worked.sells_a_day)} a day, told within {_digits(worked.told_s)} s of a sale (99 %),"
        f" chance to oversell {_digits(worked.chance_percent)} % {kept} {worked.risk_percent:g} %{most},"
        f" costs about {_digits(worked.costs_a_week)} sales a week"
    )


def _digits(number: float) -> str:
    """Two of them."""
    return f"{float(f'{number:.2g}'):,g}" if number >= 0.01 or number == 0 else "less than 0.01"


def _thin(sales: Sales, told: Took) -> str:
    days = sales.seconds / DAY_S
    if days < HISTORY_DAYS_MIN:
        return f"sold for {days:.1f} days, fewer than {HISTORY_DAYS_MIN}"
    if sales.orders < ORDERS_MIN:
        return f"{sales.orders} orders in {days:.0f} days, fewer than {ORDERS_MIN}"
    return "" if told else f"fewer than {TOLD_MIN} numbers told in a week say how soon the channel is told"


def _least(sales: Sales, told: Took, risk: float, most: int, units: int) -> tuple[int, float]:
    """The least buffer whose chance is within the risk, or the most there may be, with its chance."""
    weights, takes = sum(told.values()), _takes(sales)
    tails = [(count / weights, _tails(sales, takes, seconds, units)) for seconds, count in told.items()]
    chance = 1.0
    for buffer in range(most + 1):
        chance = sum(weight * next(tail) for weight, tail in tails)
        if chance <= risk:
            return buffer, chance
    return most, chance


def _takes(sales: Sales) -> list[tuple[int, float]]:
    """How many units an order takes, with the chance of each, the fewest first: no less than orders took, and no less
    than is left for the one that takes the last: rather a large one, it finds any part of what it asks for.
    """
    takes: list[tuple[int, float]] = []
    orders = units = 0
    before = 0.0
    for size in range(max(sales.sizes), 0, -1):
        orders += sales.sizes.get(size, 0)
        units += orders
        at_least = max(orders / sales.orders, units / sales.units)
        takes.append((size, at_least - before))
        before = at_least
    return [(size, chance) for size, chance in reversed(takes) if chance > 0]


def _tails(sales: Sales, takes: Sequence[tuple[int, float]], seconds: float, units: int) -> Iterator[float]:
    """The chances that more than 0, 1, 2, … times so many units sell within that time (Panjer 1981)."""
    spread = sales.bursts + 1 / sales.orders
    shape, scale = 1 / spread + 1, sales.orders / sales.seconds * seconds * spread
    again = scale / (1 + scale)
    chances, tail = [exp(-shape * log1p(scale))], 1.0
    while True:
        count = len(chances)
        tail -= chances[-1]
        if (count - 1) % units == 0:
            yield max(0.0, tail)
        chances.append(again * _next(chances, takes, shape - 1))


def _next(chances: Sequence[float], takes: Sequence[tuple[int, float]], more: float) -> float:
    count = len(chances)
    fitting = takewhile(lambda take: take[0] <= count, takes)
    return sum((1 + more * size / count) * chance * chances[count - size] for size, chance in fitting)


def _rounded_up(seconds: float) -> float:
    """To two digits, so that few differ."""
    if seconds <= 0:
        return 0.0
    digits = 1 - floor(log10(seconds))
    step: float = 10.0**-digits
    return round(ceil(round(seconds / step, 6)) * step, max(0, digits))
