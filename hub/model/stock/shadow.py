"""Shadow: what the hub would write to a channel beside what is there, and how far the two are from agreeing. Pure."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """What writing would do to a listing. The rule itself is SQL (`hub.store.shadow`): it counts whole channels."""

    SAME = "same"
    LOWER = "lower"
    HIGHER = "higher"
    SOLD_OUT = "sold out"  # it shows some, and the hub would write 0
    BACK = "back in stock"  # it shows 0, and the hub would write some
    UNREAD = "not read yet"
    MISSING = "not found there"


CHANGES = (Verdict.SOLD_OUT, Verdict.LOWER, Verdict.HIGHER, Verdict.BACK)


class GroupCount(Struct, frozen=True):
    """The listings of one group of SKUs in shadow, by verdict; `group` "" are those without one."""

    group: str
    counts: dict[str, int]

    @property
    def listings(self) -> int:
        return sum(self.counts.values())

    @property
    def same(self) -> int:
        return self.counts.get(Verdict.SAME, 0)

    @property
    def changes(self) -> int:
        return sum(self.counts.get(each, 0) for each in CHANGES)


class Offered(Struct, frozen=True):
    """What a channel offers: `live` is told by the hub; `unmatched` has no SKU, `uncounted` one nobody has counted."""

    listings: int
    live: int
    unmatched: int
    uncounted: int


class Readiness(Struct, frozen=True):
    """How much of what the channel offers is right already: live, or equal to what the hub would write."""

    offered: Offered
    groups: list[GroupCount]

    def count(self, *verdicts: Verdict) -> int:
        return sum(group.counts.get(each, 0) for group in self.groups for each in verdicts)

    @property
    def ready(self) -> int:
        return self.offered.live + self.count(Verdict.SAME)

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return 100 * self.ready // self.offered.listings if self.offered.listings else 0

    def next_steps(self) -> list[str]:
        """What keeps it from 100 %, each with what to do; the greatest number first."""
        sold_out = self.count(Verdict.SOLD_OUT)
        found = [
            (self.offered.unmatched, "{n} without a SKU: match them"),
            (self.offered.uncounted, "{n} with a SKU nobody has counted: count them"),
            (self.count(Verdict.UNREAD), "{n} not read yet: a worker reads them"),
            (self.count(Verdict.MISSING), "{n} the channel does not know any more: pull its listings"),
            (sold_out, "{n} would go to 0: look whether that is so"),
            (self.count(*CHANGES) - sold_out, "{n} would get another number: look at them"),
        ]
        return [says.format(n=count) for count, says in sorted(found, reverse=True) if count]


def known_groups(groups: Sequence[str], live: Sequence[str]) -> list[str]:
    """The groups that are live after `groups` were switched on, in order, each once."""
    return sorted({*live, *groups})
