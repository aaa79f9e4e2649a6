"""A token bucket of one process, and what every bucket is asked. Pure but for its own state; time is an argument."""

from collections.abc import Sequence

from msgspec import Struct

SLACK = 1e-6  # what sums of floats may be off
FLOOR = 0.1  # of the refill is each lane's own, however hard those before it ask
COMES_BACK_S = 1.0  # so long after it may be met, what is kept for an ask is kept


class Ask(Struct, frozen=True):
    """`weight` units of a bucket, of which `leaves`, a share of its depth, must stay behind."""

    name: str
    capacity: float
    refill_per_s: float
    weight: float
    leaves: float = 0.0
    lane: str = ""
    channel: str = ""

    @property
    def left(self) -> int:
        return int(self.leaves * self.capacity)


class Kept(Struct, frozen=True):
    units: float
    until: float


class Want(Struct, frozen=True):
    """What a channel was refused, and when its turn had come; it is waited for `until` then."""

    units: float
    turn: float
    until: float


class Bucket(Struct):
    """`level` units at the moment `at`; nothing is given before `closed_until`. `told` is the channel's own refill.

    `got`: when each lane was last given what it asked for. `kept`: what stays behind for a lane that had nothing for so
    long that its share of the refill would pay for it. `turns` and `wants` are those of each channel in its lane:
    whoever was served has its turn again once each of those who waited then may have had as much.
    """

    level: float
    at: float
    closed_until: float = 0.0
    told: float = 0.0
    got: dict[str, float] = {}
    kept: dict[str, Kept] = {}
    turns: dict[tuple[str, str], float] = {}
    wants: dict[tuple[str, str], Want] = {}

    def fill(self, ask: Ask, now: float) -> None:
        self.level = min(ask.capacity, self.level + max(0.0, now - self.at) * ask.refill_per_s)
        self.at = max(self.at, now)

    def turn_of(self, ask: Ask) -> float:
        return self.turns.get((ask.lane, ask.channel), 0.0)

    def wait_s(self, ask: Ask, now: float, turn: float) -> float:
        """Seconds until the ask can be met, after those whose turn is before it; 0 where it can be now."""
        ahead = sum(each.units for each in self._others(ask, now) if each.turn < turn)
        lacking = min(ask.capacity, ask.weight + self._stays(ask, now)) + ahead - self.level
        return max(self.closed_until - now, lacking / ask.refill_per_s if lacking > SLACK else 0.0, 0.0)

    def _stays(self, ask: Ask, now: float) -> float:
        if self.is_due(ask, now):
            return 0.0
        return ask.left + sum(
            each.units for lane, each in self.kept.items() if lane != ask.lane and each.until > now
        )

    def _others(self, ask: Ask, now: float) -> list[Want]:
        """What other channels wait for in its lane."""
        return [
            each
            for (lane, channel), each in self.wants.items()
            if lane == ask.lane and channel != ask.channel and each.until > now
        ]

    def is_due(self, ask: Ask, now: float) -> bool:
        """Whether the share of its lane in the refill since its last call pays for this one."""
        since = self.got.setdefault(ask.lane, now)
        return (now - since) * ask.refill_per_s * FLOOR >= ask.weight

    def take(self, ask: Ask, now: float) -> None:
        self.level -= ask.weight
        self.got[ask.lane] = now
        self.kept.pop(ask.lane, None)
        as_much_s = ask.weight / ask.refill_per_s
        self.turns[ask.lane, ask.channel] = now + as_much_s * len(self._others(ask, now))
        self.wants.pop((ask.lane, ask.channel), None)

    def want(self, ask: Ask, now: float, turn: float, until: float) -> None:
        self.wants[ask.lane, ask.channel] = Want(ask.weight, turn, until)
        if self.is_due(ask, now):
            self.kept[ask.lane] = Kept(ask.weight, until)


def take_all(buckets: Sequence[Bucket], asks: Sequence[Ask], now: float) -> float:
    """Take from all buckets, or from none and return the seconds to wait."""
    for bucket, ask in zip(buckets, asks, strict=True):
        bucket.fill(ask, now)
    turn = max((bucket.turn_of(ask) for bucket, ask in zip(buckets, asks, strict=True)), default=0.0)
    wait = max(
        (bucket.wait_s(ask, now, turn) for bucket, ask in zip(buckets, asks, strict=True)), default=0.0
    )
    for bucket, ask in zip(buckets, asks, strict=True):
        if wait == 0.0:
            bucket.take(ask, now)
        else:
            bucket.want(ask, now, turn, now + wait + COMES_BACK_S)
    return wait
