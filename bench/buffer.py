"""The adaptive buffer against fixed ones at an equal rate of overselling, on simulated demand; see bench/README.md."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from math import inf
from random import Random

import click
import msgspec
from msgspec import Struct
from rich.table import Table

from bench.report import console
from hub.model.stock.buffers import DAY_S, LOOK_BACK_DAYS, SLOT_S, Asked, Sales, Took, work_out
from hub.model.sync.stages import spread

RUSH_S = 1_800
WEEK_S = 7 * DAY_S
FILLED = 0.8  # of what is sold between two deliveries: so it runs out before the next one


class Good(Struct, frozen=True):
    """How one SKU sells: orders a day in quiet times, times so many in a rush of half an hour, and their sizes."""

    kind: str
    a_day: float
    rush: float = 1.0
    rushes_a_week: float = 0.0
    sizes: tuple[int, ...] = (1,)

    @property
    def a_day_in_all(self) -> float:
        return self.a_day * (1 + (self.rush - 1) * self.rushes_a_week * RUSH_S / WEEK_S)

    @property
    def delivered_every_s(self) -> float:
        return DAY_S if self.a_day > 1 else 14 * DAY_S

    @property
    def filled_to(self) -> int:
        size = sum(self.sizes) / len(self.sizes)
        return max(1, round(FILLED * self.a_day_in_all * size * self.delivered_every_s / DAY_S))


class Shop(Struct, frozen=True):
    """A channel: its share of all orders, how soon it is told, and how often it is down for how long."""

    name: str
    share: float
    told_s: tuple[float, float]
    downs_a_day: float = 0.0
    down_s: float = 0.0


GOODS = (
    *[Good("steady", 120.0)] * 20,
    *[Good("bursty", 10.0, 100.0, 3.0)] * 20,
    *[Good("baskets", 30.0, sizes=(1, 1, 1, 1, 4))] * 20,
    *[Good("slow", 0.3)] * 240,
)
SHOPS = (
    Shop("web", 0.5, (0.5, 3.0)),
    Shop("polled", 0.3, (10.0, 300.0)),
    Shop("shaky", 0.2, (1.0, 5.0), 4.0, 600.0),
)


class Sale(Struct, frozen=True):
    """A customer who wants units at a shop; `seen` is when each shop is told of it, where it is sold."""

    at: float
    shop: int
    units: int
    seen: tuple[float, ...]


class Tally(Struct):
    """Orders that were oversold, the units of stock that were sold, and how often none was left."""

    oversold: int = 0
    units: int = 0
    run_outs: int = 0


def moments(good: Good, days: int, chance: Random) -> Iterator[float]:
    """When customers come: quiet times thinned out of the rate in a rush."""
    rushes = sorted(chance.uniform(0, days * DAY_S) for _ in range(round(good.rushes_a_week * days / 7)))
    at, most = 0.0, good.a_day * good.rush / DAY_S
    while (at := at + chance.expovariate(most)) < days * DAY_S:
        place = bisect_right(rushes, at)
        if (place and at - rushes[place - 1] < RUSH_S) or chance.random() < 1 / good.rush:
            yield at


def customers(good: Good, downs: Sequence[Sequence[float]], days: int, chance: Random) -> list[Sale]:
    shares = [shop.share for shop in SHOPS]
    return [
        Sale(
            at,
            chance.choices(range(len(SHOPS)), shares)[0],
            chance.choice(good.sizes),
            tuple(told(shop, down, at, chance) for shop, down in zip(SHOPS, downs, strict=True)),
        )
        for at in moments(good, days, chance)
    ]


def outages(shop: Shop, days: int, chance: Random) -> list[float]:
    return sorted(chance.uniform(0, days * DAY_S) for _ in range(round(shop.downs_a_day * days)))


def told(shop: Shop, down: Sequence[float], at: float, chance: Random) -> float:
    """When the shop is told of a sale; what comes while it is down, once it is up again."""
    told_at = at + chance.uniform(*shop.told_s)
    place = bisect_right(down, told_at)
    return max(told_at, down[place - 1] + shop.down_s) if place else told_at


def play(good: Good, sales: Sequence[Sale], buffers: Sequence[int], *, at_once: bool = False) -> Tally:
    """Sell to these customers from one stock, each shop showing what it was told of less its buffer; `at_once`: all."""
    tally, stock, delivery = Tally(), 0, 0.0
    unseen: list[list[tuple[float, int]]] = [[] for _ in SHOPS]
    for sale in sales:
        if sale.at >= delivery:
            stock, delivery = good.filled_to, sale.at + good.delivered_every_s
            unseen = [[] for _ in SHOPS]
        late = unseen[sale.shop] = [each for each in unseen[sale.shop] if each[0] > sale.at]
        if sale.units > stock + sum(units for _, units in late) - buffers[sale.shop]:
            continue
        took = min(stock, sale.units)
        stock -= took
        tally.oversold += took < sale.units
        tally.units += took
        tally.run_outs += took > 0 and stock == 0
        for shop in range(0 if at_once or not took else len(SHOPS)):
            if shop != sale.shop:
                unseen[shop].append((sale.seen[shop], took))
    return tally


def measured(good: Good, sales: Sequence[Sale]) -> list[Sales]:
    """What the hub knows of the SKU after these days, for each shop."""
    sizes, slots = Counter(each.units for each in sales), Counter(each.at // SLOT_S for each in sales)
    own = [sum(each.units for each in sales if each.shop == shop) for shop in range(len(SHOPS))]
    squared = sum(count * count for count in slots.values())
    run_outs = play(good, sales, [0] * len(SHOPS)).run_outs
    return [Sales(LOOK_BACK_DAYS * DAY_S, sizes, squared, units, run_outs) for units in own]


def histograms(histories: Sequence[Sequence[Sale]]) -> list[Took]:
    """How soon each shop was told, by the bounds the hub keeps; what took longer than the last, by its mean."""
    return [
        spread_of([sale.seen[shop] - sale.at for sales in histories for sale in sales])
        for shop in range(len(SHOPS))
    ]


def spread_of(seconds: Sequence[float]) -> Took:
    buckets = spread(seconds)
    return {bound if bound < inf else total / count: count for bound, (count, total) in buckets.items()}


class Street(Struct, frozen=True):
    """The demand of one seed: what was measured before, and who comes then."""

    sales: list[list[Sales]]
    told: list[Took]
    customers: list[list[Sale]]
    best: list[Tally]


def street(days: int, seed: int) -> Street:
    chance = Random(seed)
    before, then = (
        [customers(good, [outages(shop, span, chance) for shop in SHOPS], span, chance) for good in GOODS]
        for span in (LOOK_BACK_DAYS, days)
    )
    sales = [measured(good, history) for good, history in zip(GOODS, before, strict=True)]
    none = [0] * len(SHOPS)
    best = [play(good, each, none, at_once=True) for good, each in zip(GOODS, then, strict=True)]
    return Street(sales, histograms(before), then, best)


Buffers = list[list[int]]
"""Of each good, on each shop."""


def adaptive(street: Street, risk: float) -> Buffers:
    return [
        [work_out(Asked(risk), *each).buffer or 0 for each in zip(sales, street.told, strict=True)]
        for sales in street.sales
    ]


class Outcome(Struct, frozen=True):
    """Of all goods: `lost` are the units, by kind, that shops that know all at once would have sold as well."""

    policy: str
    oversold: float
    lost: dict[str, float]

    @property
    def lost_in_all(self) -> float:
        return sum(self.lost.values())


def tried(policy: str, street: Street, buffers: Buffers) -> Outcome:
    lost: dict[str, float] = dict.fromkeys((good.kind for good in GOODS), 0)
    oversold = 0
    for good, sales, of_good, best in zip(GOODS, street.customers, buffers, street.best, strict=True):
        tally = play(good, sales, of_good)
        oversold += tally.oversold
        lost[good.kind] += best.units - tally.units
    return Outcome(policy, oversold, lost)


def fixed(street: Street) -> Iterator[Outcome]:
    for units in count():
        yield tried(f"fixed, {units}", street, [[units] * len(SHOPS)] * len(GOODS))


def compared(street: Street, risks: Sequence[float]) -> list[tuple[Outcome, Outcome]]:
    """Each adaptive buffer, and what a fixed one loses that oversells as often: none does, so it lies between two."""
    pairs = []
    candidates = fixed(street)
    tried_so_far = [next(candidates)]
    for risk in sorted(risks, reverse=True):
        mine = tried(f"adaptive, {risk:g} %", street, adaptive(street, risk))
        while tried_so_far[-1].oversold > mine.oversold:
            tried_so_far.append(next(candidates))
        pairs.append((mine, at_the_rate_of(mine, tried_so_far)))
    return pairs


def at_the_rate_of(mine: Outcome, fixed: Sequence[Outcome]) -> Outcome:
    """So many listings with the one, the others with the other, that all oversell as often."""
    more, less = next(
        (more, less) for more, less in pairwise([*fixed[:1], *fixed]) if less.oversold <= mine.oversold
    )
    span = more.oversold - less.oversold
    share = (mine.oversold - less.oversold) / span if span else 0.0
    lost = {kind: share * more.lost[kind] + (1 - share) * units for kind, units in less.lost.items()}
    between = f"{more.policy} to {less.policy[7:]}" if share else less.policy
    return Outcome(between, mine.oversold, lost)


def table_of(pairs: Sequence[tuple[Outcome, Outcome]], run_outs: int, title: str) -> Table:
    kinds = list(dict.fromkeys(good.kind for good in GOODS))
    table = Table(title=title, title_justify="left")
    for heading in ("buffer", "oversold", "of run-outs", "units lost", *kinds):
        table.add_column(heading, justify="left" if heading == "buffer" else "right")
    for pair in pairs:
        for each in pair:
            lost = [each.lost_in_all, *(each.lost[kind] for kind in kinds)]
            share = f"{100 * each.oversold / run_outs:.2f} %"
            table.add_row(each.policy, f"{each.oversold:.0f}", share, *(f"{units:,.0f}" for units in lost))
        table.add_section()
    return table


@click.command()
@click.option(
    "--days", default=84, show_default=True, help="How long is sold, after the 28 days that are measured."
)
@click.option("--risk", "risks", multiple=True, type=float, default=(5.0, 1.0, 0.1), show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(days: int, risks: tuple[float, ...], seed: int) -> None:
    demand = street(days, seed)
    pairs = compared(demand, risks)
    run_outs = sum(each.run_outs for each in demand.best)
    title = f"{len(GOODS)} SKUs on {len(SHOPS)} channels, {days} days: {run_outs:,} times one runs out"
    console.print(table_of(pairs, run_outs, title))
    facts = [
        {
            "adaptive": mine.policy,
            "oversold": mine.oversold,
            "lost": mine.lost_in_all,
            "fixed": theirs.policy,
            "lost_by_fixed": round(theirs.lost_in_all),
        }
        for mine, theirs in pairs
    ]
    line = {"bench": "buffer", "days": days, "seed": seed, "run_outs": run_outs, "pairs": facts}
    print(msgspec.json.encode(line).decode(), flush=True)


if __name__ == "__main__":
    main()
