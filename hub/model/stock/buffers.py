"""The adaptive buffer: the fewest to keep back so that a channel hardly oversells, worked out of what sold. Pure.

A channel may oversell where, before it has been told, more sells there and elsewhere than it keeps back. Orders come at
a rate that is gamma distributed, so what comes within a time is negative binomial: nearly Poisson where much is known
and ten minutes are alike, wider where they differ more than by chance, or where few orders say what the rate is. The
last unit is rather sold in a rush: the rate is that at the moment of an order. How many units an order takes is as it
was; the sum follows by Panjer's recursion. Where there are many sizes or times they are rounded up to a few.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from heapq import nlargest
from itertools import accumulate, islice, pairwise, product
from itertools import count as counting
from math import ceil, exp, floor, inf, log1p, log10, sqrt
from operator import mul, neg

from msgspec import Struct

from hub.model.histogram import within

RISK_PERCENT_MIN, RISK_PERCENT_MAX = 0.01, 50
BUFFER_MAX = 1_000
LOOK_BACK_DAYS, HISTORY_DAYS_MIN = 28, 7
ORDERS_MIN = 3
TOLD_MIN = 20  # numbers the channel confirmed
SLOT_S = 600  # orders are counted by so many seconds, to see whether they come in bursts
PARTS_MAX = 14  # sizes, and times, that are told apart
SIZES_MAX = 200  # that are not rounded before
OPERATIONS_MAX = 340_000  # products: enough for the largest buffer in single units
SUM_COSTS = 10  # of these
DAY_S, DAYS_A_WEEK = 86_400, 7

TOO_LARGE = "it would be so large that it is not worked out: set the most to keep back"

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
    least = _least(sales, told, asked.risk_percent / 100, most, units)
    if least is None:
        return AdaptiveBuffer(asked.risk_percent, asked.buffer_max, thin=TOO_LARGE)
    buffer, chance = least
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
    return _one_after_other(_few(known), _few(_one_after_other(sent, confirmed)), _rounded_up)


def _one_after_other(
    first: Took, second: Took, rounded: Callable[[float], float] = float
) -> dict[float, float]:
    total: dict[float, float] = {}
    for (one, of_one), (other, of_other) in product(first.items(), second.items()):
        seconds = rounded(one + other)
        total[seconds] = total.get(seconds, 0.0) + of_one * of_other
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


def _least(sales: Sales, told: Took, risk: float, most: int, units: int) -> tuple[int, float] | None:
    """The least buffer whose chance is within the risk, or the most there may be, with its chance; None where it is
    not found in as many operations as there may be.
    """
    takes, times = _few(_takes(sales, most * units)), _few(told)
    steps = OPERATIONS_MAX // (len(times) * (len(takes) + SUM_COSTS))
    for count, chance in enumerate(islice(_tails(sales, takes, times), steps)):
        if count % units == 0 and (chance <= risk or count == most * units):
            return count // units, chance
    return None


def _takes(sales: Sales, most: int) -> dict[float, float]:
    """How many units an order takes, with the chance of each: no less than orders took, and no less than is left for
    the one that takes the last: rather a large one, it finds any part of what it asks for.

    Large sizes that few orders have are rounded up, and those beyond `most` are alike.
    """
    sizes = sorted(sales.sizes, reverse=True)
    orders = [*accumulate((sales.sizes[size] for size in sizes), initial=0)]
    units = [*accumulate((size * sales.sizes[size] for size in sizes), initial=0)]

    def at_least(size: int) -> float:
        larger = bisect_right(sizes, -size, key=neg)
        left = units[larger] - (size - 1) * orders[larger]
        return max(orders[larger] / orders[-1], left / units[-1])

    bounds = _bounds(sales.sizes, min(sizes[0], most + 1))
    shares = [at_least(before + 1) for before in (0, *bounds[:-1])] + [0.0]
    chances = zip(bounds, pairwise(shares), strict=True)
    return {size: here - beyond for size, (here, beyond) in chances if here > beyond}


def _bounds(sizes: Mapping[int, int], top: int) -> list[int]:
    """Up to the top: the sizes of most orders, and between them each a twentieth more than the one before."""
    bounds = {size for size in nlargest(SIZES_MAX, sizes, key=sizes.__getitem__) if size < top}
    size = 1
    while size < top:
        bounds.add(size)
        size = max(size + 1, size * 21 // 20)
    return [*sorted(bounds), top]


def _few(parts: Took) -> dict[float, float]:
    """A few of them, the least first; the others are rounded up to these, by as little in all as can be."""
    rises = sum(parts.values()) * (max(parts) - min(parts))
    few, halvings = dict(sorted(parts.items())), 30
    while len(few) > PARTS_MAX:
        few, halvings = _rounded_to_some(parts, rises / 2**halvings), halvings - 1
    return few


def _rounded_to_some(parts: Took, tolerance: float) -> dict[float, float]:
    """Each to the largest of its neighbors, as long as their rises, by how many they are, add up to no more."""
    some: dict[float, float] = {}
    top, rises = inf, 0.0
    for part, count in sorted(parts.items(), reverse=True):
        rises += count * (top - part)
        if rises > tolerance:
            top, rises = part, 0.0
        some[top] = some.get(top, 0.0) + count
    return dict(reversed(some.items()))


def _tails(sales: Sales, takes: Took, times: Took) -> Iterator[float]:
    """The chances that more than 0, 1, 2, … units sell within one of these times (Panjer 1981)."""
    spread, weights = sales.bursts + 1 / sales.orders, sum(times.values())
    shape = 1 / spread + 1
    scales = [sales.orders / sales.seconds * seconds * spread for seconds in times]
    shares = [count / weights for count in times.values()]
    again = [scale / (1 + scale) for scale in scales]
    chances = [[exp(-shape * log1p(scale))] for scale in scales]
    tail = 1.0
    for count in counting(1):
        tail -= sum(share * each[-1] for share, each in zip(shares, chances, strict=True))
        yield max(0.0, tail)
        sizes = [int(size) for size in takes if size <= count]
        factors = [(1 + (shape - 1) * size / count) * takes[size] for size in sizes]
        for once_more, each in zip(again, chances, strict=True):
            each.append(once_more * sum(map(mul, factors, [each[count - size] for size in sizes])))


def _rounded_up(seconds: float) -> float:
    """To two digits, so that few differ."""
    if seconds <= 0:
        return 0.0
    digits = 1 - floor(log10(seconds))
    step: float = 10.0**-digits
    return round(ceil(round(seconds / step, 6)) * step, max(0, digits))
