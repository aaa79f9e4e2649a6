"""What goes wrong, when and for how long: decided by a seed alone, so that a run can be repeated."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random

from msgspec import Struct

CALM_SHARE = 0.15  # of the time, at its end, in which nothing new goes wrong
LONG_SHARE = 0.15  # of the run one lasts at most: a channel that is always down is owed nothing
LONG_S_MAX = 45.0  # and never longer than this
SKEW_S_MAX = 40
Span = tuple[float, float]
"""From when to when, in seconds since the run began."""


class Mishap(StrEnum):
    WORKER = "a worker is killed"
    WEB = "the web is killed"
    VALKEY = "Valkey is killed"
    FLUSH = "Valkey is emptied"
    POSTGRES = "PostgreSQL is killed"
    STORM = "a channel answers most calls with 429"
    DOWN = "a channel is down"
    SKEW = "the clock of a channel is wrong"


LASTING = {Mishap.STORM, Mishap.DOWN}


class Planned(Struct, frozen=True):
    """`which` picks among those it may befall; `lasts_s` is 0 for what is over at once."""

    at_s: float
    mishap: Mishap
    which: int
    lasts_s: float = 0.0

    def befalls(self, of: int) -> int:
        """Which of so many."""
        return self.which % of

    @property
    def ahead_s(self) -> int:
        """How far a clock that is wrong is ahead, or below zero behind."""
        far = 1 + self.which // 2 % SKEW_S_MAX
        return far if self.which % 2 else -far

    @property
    def says(self) -> str:
        if self.mishap is not Mishap.SKEW:
            return str(self.mishap)
        return f"the clock of a channel is {abs(self.ahead_s)} s {'ahead' if self.ahead_s > 0 else 'behind'}"


def plan_of(seed: int, seconds: float) -> list[Planned]:
    """Every kind of mishap at least once, in a sequence of the seed's, spread evenly; a longer run has more of each."""
    random = Random(f"{seed}/chaos")
    rounds = max(1, int(seconds / 60))
    mishaps = [each for _ in range(rounds) for each in random.sample(list(Mishap), len(Mishap))]
    step_s = seconds * (1 - CALM_SHARE) / len(mishaps)
    return [
        Planned(
            (number + random.random()) * step_s,
            mishap,
            random.randrange(1_000),
            random.uniform(0.3, 1.0) * min(LONG_S_MAX, seconds * LONG_SHARE) if mishap in LASTING else 0.0,
        )
        for number, mishap in enumerate(mishaps)
    ]


def outages_of(plan: Sequence[Planned], channel: int, of: int) -> list[Span]:
    """When one of so many channels cannot be told: while it fails, and as long again, since the hub asks whoever fails
    ever more rarely. What begins before that has passed is one outage with it.
    """
    failing: list[Span] = []
    for each in sorted(plan, key=lambda each: each.at_s):
        if not each.lasts_s or each.befalls(of) != channel:
            continue
        begins, ends = each.at_s, each.at_s + each.lasts_s
        if failing and begins <= _asked_again(failing[-1]):
            begun, ended = failing.pop()
            begins, ends = begun, max(ended, ends)
        failing.append((begins, ends))
    return [(begins, _asked_again((begins, ends))) for begins, ends in failing]


def _asked_again(failing: Span) -> float:
    begins, ends = failing
    return ends + (ends - begins)


def calm_s(since: float, until: float, outages: Sequence[Span]) -> float:
    """How much of this time lies in none of the outages."""
    calm, reached = 0.0, since
    for begins, ends in sorted(outages):
        calm += max(0.0, min(begins, until) - reached)
        reached = max(reached, min(ends, until))
    return calm + max(0.0, until - reached)
