"""How often a channel may be called. Declared by the connector, kept by the hub for the whole account."""

from fnmatch import fnmatchcase

from msgspec import Struct

BURST_SHARE = 10  # without a word about it, a tenth of a window may be spent at once


class Cost(Struct, frozen=True):
    """Calls that match spend `weight`; `method` and `path` are patterns with `*`."""

    method: str = "*"
    path: str = "*"
    weight: int = 1

    def matches(self, method: str, path: str) -> bool:
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


class Budget(Struct, frozen=True, kw_only=True):
    """At most `limit` units in any `window_s` seconds, `burst` of them at once.

    `is_bucket`: the channel itself keeps a bucket, `burst` deep, refilled with `limit` units each window. `costs` are
    tried in order, and a call that matches none is free. The headers are names of the answer's headers, in lower case:
    how much is left, what the limit now is (in units per window), and after how many seconds it begins anew.
    """

    name: str
    limit: int
    window_s: float
    burst: int = 0
    is_bucket: bool = False
    costs: tuple[Cost, ...] = (Cost(),)
    left_header: str = ""
    limit_header: str = ""
    reset_header: str = ""

    @property
    def capacity(self) -> int:
        return self.burst or max(1, self.limit // BURST_SHARE)

    @property
    def refill_per_s(self) -> float:
        """So slow that a full bucket and its refill stay within the limit of any window."""
        spread = self.limit if self.is_bucket else self.limit - self.capacity + 1
        return spread / self.window_s

    def weight_of(self, method: str, path: str) -> int:
        """What a call spends; `path` has no query."""
        return next((cost.weight for cost in self.costs if cost.matches(method, path)), 0)
