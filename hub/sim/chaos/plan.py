"""What goes wrong, when and for how long: decided by a seed alone, so that a run can be repeated."""

from enum import StrEnum
from random import Random

from msgspec import Struct

CALM_SHARE = 0.15  # of the time, at its end, in which nothing new goes wrong
LONG_SHARE, LONG_S_MAX = 0.15, 180.0  # how long one lasts, at most


class Mishap(StrEnum):
    WORKER = "a worker is killed"
    WEB = "the web is killed"
    VALKEY = "Valkey is killed"
    FLUSH = "Valkey is emptied"
    POSTGRES = "PostgreSQL is killed"
    STORM = "a channel answers most calls with 429"
    DOWN = "a channel is down"
    SKEW = "the clock of a channel is ahead"


LASTING = {Mishap.STORM, Mishap.DOWN}


class Planned(Struct, frozen=True):
    """`which` picks among those it may befall; `lasts_s` is 0 for what is over at once."""

    at_s: float
    mishap: Mishap
    which: int
    lasts_s: float = 0.0


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


def longest_outage_s(plan: list[Planned]) -> float:
    """How long the mishaps that last may keep one channel from being told, one after the other in the worst case."""
    return sum(each.lasts_s for each in plan)
