"""How long each stage of a number takes, from the known sale to the channel's word; kept as a histogram. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from math import inf

BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, inf)


class Stage(StrEnum):
    """`marked`: from the message that told of it; `sent`: since the mark; `confirmed`: since it was sent."""

    MARKED = "marked"
    SENT = "sent"
    CONFIRMED = "confirmed"


SAYS = {
    Stage.MARKED: "Sale known to marked",
    Stage.SENT: "Marked to sent",
    Stage.CONFIRMED: "Sent to confirmed",
}


def bucket_of(seconds: float) -> float:
    """The least bound that is not below it."""
    return BUCKETS_S[bisect_left(BUCKETS_S, seconds)]


def spread(seconds: Sequence[float]) -> dict[float, tuple[int, float]]:
    """How many fall into each bucket, and what they add up to; a clock that was set back took no time."""
    buckets: dict[float, tuple[int, float]] = {}
    for each, times in Counter(seconds).items():  # what was marked or sent at once took as long
        took = max(0.0, each)
        bound = bucket_of(took)
        count, total = buckets.get(bound, (0, 0.0))
        buckets[bound] = (count + times, total + took * times)
    return buckets
