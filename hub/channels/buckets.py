"""A token bucket of one process, and what every bucket is asked. Pure but for its own state; time is an argument."""

from collections.abc import Sequence

from msgspec import Struct

SLACK = 1e-6  # what sums of floats may be off


class Ask(Struct, frozen=True):
    """`weight` units of a bucket, of which `leaves` (a share of its depth) must stay behind for others."""

    name: str
    capacity: float
    refill_per_s: float
    weight: float
    leaves: float = 0.0

    @property
    def needs(self) -> float:
        """Never more than there can be: a heavy call goes out of a full bucket."""
        return min(self.capacity, self.weight + int(self.leaves * self.capacity))


class Bucket(Struct):
    """`level` units at the moment `at`; nothing is given before `closed_until`. `told` is the channel's own refill."""

    level: float
    at: float
    closed_until: float = 0.0
    told: float = 0.0

    def fill(self, ask: Ask, now: float) -> None:
        self.level = min(ask.capacity, self.level + max(0.0, now - self.at) * ask.refill_per_s)
        self.at = max(self.at, now)

    def wait_s(self, ask: Ask, now: float) -> float:
        """Seconds until the ask can be met; 0 where it can be now."""
        lacking = ask.needs - self.level
        return max(self.closed_until - now, lacking / ask.refill_per_s if lacking > SLACK else 0.0, 0.0)


def take_all(buckets: Sequence[Bucket], asks: Sequence[Ask], now: float) -> float:
    """Take from all buckets, or from none and return the seconds to wait."""
    for bucket, ask in zip(buckets, asks, strict=True):
        bucket.fill(ask, now)
    wait = max((bucket.wait_s(ask, now) for bucket, ask in zip(buckets, asks, strict=True)), default=0.0)
    if wait == 0.0:
        for bucket, ask in zip(buckets, asks, strict=True):
            bucket.level -= ask.weight
    return wait
