"""What must hold when it is calm again: no order lost or doubled, the books clean, every channel equal to the hub."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.sim.server import SimServer
from hub.store.checks import Verdict, one_moment, run_checks
from hub.store.reports import computed_numbers, orders_of

SHOWN_MAX = 3  # of what is wrong, by name


class Rule(Struct, frozen=True):
    """One thing that must hold; `wrong` says what does not, empty where all is well."""

    name: str
    looked_at: int
    wrong: list[str]

    @property
    def holds(self) -> bool:
        return not self.wrong


class Wait(Struct, frozen=True):
    """Of each channel the longest that a listing waited while it could be told, and the most it may have."""

    seconds: Mapping[str, float]
    most_s: float

    def rule(self) -> Rule:
        wrong = [
            f"{slug}: one waited {each:.1f} s" for slug, each in self.seconds.items() if each > self.most_s
        ]
        return Rule(
            f"no listing waits {self.most_s:.0f} s while its channel can be told", len(self.seconds), wrong
        )


async def judge(
    ctx: HubContext, sims: Mapping[str, SimServer], typed: Mapping[str, set[str]], *, longest_wait: Wait
) -> list[Rule]:
    """`sims` are the channels by slug, `typed` the ids that the hub itself said yes to, by channel."""
    sold = {slug: set(sim.simulator.order_ids()) for slug, sim in sims.items()} | dict(typed)
    async with one_moment(ctx.db) as tx:
        held = {slug: await orders_of(tx, slug) for slug in sold}
        numbers = await computed_numbers(tx)
        findings = await run_checks(tx, at=now(), late_s=0)
    shown = {slug: sim.simulator.stock() for slug, sim in sims.items()}
    return [
        _orders(sold, held),
        _numbers(numbers, shown),
        Rule(
            "the books are clean, and nothing waits",
            len(findings),
            [
                f"{each.law} {each.name}: {each.verdict}"
                for each in findings
                if each.verdict is not Verdict.KEPT
            ],
        ),
        _one_at_a_time(sims),
        longest_wait.rule(),
    ]


def _one_at_a_time(sims: Mapping[str, SimServer]) -> Rule:
    """Once no worker is killed any more."""
    wrong = [f"{slug}: {sim.overtaken} did" for slug, sim in sims.items() if sim.overtaken]
    return Rule("no number overtakes another on its way to a channel", len(sims), wrong)


def _orders(sold: Mapping[str, set[str]], held: Mapping[str, Sequence[str]]) -> Rule:
    wrong: list[str] = []
    for slug, theirs in sold.items():
        ours = list(held[slug])
        lost, unknown = theirs - {*ours}, {*ours} - theirs
        wrong += [f"{slug}: {len(lost)} lost, such as {_few(lost)}"] if lost else []
        wrong += [f"{slug}: {len(unknown)} that nobody sold, such as {_few(unknown)}"] if unknown else []
        wrong += [f"{slug}: {len(ours) - len({*ours})} taken twice"] if len(ours) > len({*ours}) else []
    return Rule("no order is lost or doubled", sum(map(len, sold.values())), wrong)


def _numbers(computed: Mapping[tuple[str, str], int], shown: Mapping[str, Mapping[str, int]]) -> Rule:
    wrong = [
        f"{slug} shows {shown[slug].get(sku)} of {sku}, and the hub computes {units}"
        for (slug, sku), units in computed.items()
        if slug in shown and shown[slug].get(sku) != units
    ]
    return Rule("every channel shows what the hub computes", len(computed), wrong)


def _few(ids: set[str]) -> str:
    return ", ".join(sorted(ids)[:SHOWN_MAX])
