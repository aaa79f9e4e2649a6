"""What a channel may see of stock: rules for all channels, a channel, a group of SKUs or one listing. Pure.

Allotments are stock units; buffer, cap and minimum count what a listing shows, so packs where it is a pack.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from typing_extensions import override

from hub.model.errors import InputError

COUNT_MAX = 1_000_000
FIELDS = ("buffer", "cap", "allotment", "minimum", "locations")
"""What a rule may say; `buffer_percent` is `buffer` in another unit."""


class Rule(Struct, frozen=True):
    """None where it says nothing. `locations` are those that count; without them all count that sell."""

    buffer: int | None = None
    buffer_percent: int | None = None
    cap: int | None = None
    allotment: int | None = None
    minimum: int | None = None
    locations: tuple[str, ...] | None = None


NO_RULE = Rule()


class Scope(Struct, frozen=True):
    """What a rule is about, by its names: the channel's slug, our group, the channel's id of the listing."""

    channel: str | None = None
    group: str | None = None
    listing: str | None = None

    @override
    def __str__(self) -> str:
        if self.listing is not None:
            return f"listing {self.listing} on {self.channel}"
        if self.group is not None:
            return f"group {self.group} on {self.channel or 'every channel'}"
        return f"channel {self.channel}" if self.channel else "every channel"


class Allotted(Struct, frozen=True):
    """Units of the SKU that are ring-fenced: for the channel itself, and for all the others together."""

    own: int = 0
    others: int = 0


NOTHING = Allotted()


class Share(Struct, frozen=True):
    """What there is of one part of what a listing sells: `free` where the rule counts, `units` in each that is sold."""

    sku: str
    units: int = 1
    free: int = 0
    allotted: Allotted = NOTHING

    @property
    def left(self) -> int:
        """What this channel may see of it. Too little for all allotments is parted in their proportion."""
        free = max(0, self.free)
        claimed = self.allotted.own + self.allotted.others
        return free - self.allotted.others if free >= claimed else free * self.allotted.own // claimed

    @property
    def sets(self) -> int:
        return self.left // self.units


class Unfolded(Struct, frozen=True):
    """How `shown` comes about, step by step: each figure is what is left after that step (L16)."""

    free: int
    unallotted: int
    packs: int
    after_buffer: int
    after_minimum: int
    shown: int


def together(rules: Sequence[Rule]) -> Rule:
    """What these rules say as one, the most specific first: each field is the first one that is said.

    A listing's rule comes before one for its group on its channel, then the group, the channel, and every channel.
    """
    said: dict[str, Any] = {}
    for rule in reversed(rules):
        said |= _said(rule)
    return Rule(**said)


def without(rule: Rule, fields: Sequence[str]) -> Rule:
    """The rule with these FIELDS unsaid; none named: all of them."""
    gone = {*(fields or FIELDS)}
    gone |= {"buffer_percent"} if "buffer" in gone else set()
    return Rule(**{name: value for name, value in asdict(rule).items() if name not in gone})


def scarcest(shares: Sequence[Share]) -> Share:
    """The part that allows the fewest; of several, the first by its SKU."""
    return min(shares, key=lambda share: (share.sets, share.sku))


def unfold(
    free: int,
    rule: Rule = NO_RULE,
    *,
    units: int = 1,
    allotted: Allotted = NOTHING,
    whole: int | None = None,
) -> Unfolded:
    """From the units that are free where the rule counts to what a listing of `units` each shows.

    Where there is too little for all allotments, it is parted in their proportion, and nobody else sees any. `whole`
    is how many the locations could give, each filled from one of them: packs and bundles are never put together.
    """
    share = Share("", units, max(0, free), allotted)
    packs = share.sets if whole is None else min(share.sets, whole)
    after_buffer = max(0, packs - _kept_back(packs, rule))
    after_minimum = 0 if after_buffer < (rule.minimum or 0) else after_buffer
    shown = after_minimum if rule.cap is None else min(after_minimum, rule.cap)
    return Unfolded(share.free, share.left, packs, after_buffer, after_minimum, shown)


def refuse_bad(scope: Scope, rule: Rule) -> None:
    """Raises InputError naming the field that cannot be so."""
    _refuse_bad_scope(scope)
    said = {name: value for name, value in asdict(rule).items() if value is not None}
    if not said:
        msg = f"the rule for {scope} says nothing: give at least one of {', '.join(FIELDS)}"
        raise InputError(msg)
    for name, value in said.items():
        most = 100 if name == "buffer_percent" else COUNT_MAX
        if name != "locations" and not 0 <= value <= most:
            msg = f"the {name} of the rule for {scope} is {value}: it must be from 0 to {most}"
            raise InputError(msg, field=name)
    if rule.buffer is not None and rule.buffer_percent is not None:
        msg = f"the rule for {scope} has a buffer in units and one in percent: give one of them"
        raise InputError(msg, field="buffer")
    if rule.allotment is not None and scope.channel is None:
        msg = f"an allotment is ring-fenced for one channel, and the rule for {scope} names none"
        raise InputError(msg, field="allotment")
    if rule.locations is not None and not rule.locations:
        msg = (
            f"the rule for {scope} counts no location: name those that count, or show nothing with a cap of 0"
        )
        raise InputError(msg, field="locations")


def sentence(scope: Scope, rule: Rule) -> str:
    """The rule as a person reads it: Channel web keeps back 2 and shows at most 10."""
    words = [words for name in _WORDS if (words := _worded(name, getattr(rule, name)))]
    said = " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part) or "has no rule"
    whom = str(scope)
    return f"{whom[0].upper()}{whom[1:]} {said}"


_WORDS = {
    "locations": "counts only {}",
    "allotment": "has {} of each SKU to itself",
    "buffer": "keeps back {}",
    "buffer_percent": "keeps back {} %",
    "minimum": "shows 0 below {}",
    "cap": "shows at most {}",
}


def _worded(name: str, value: object) -> str:
    if value is None:
        return ""
    return _WORDS[name].format(", ".join(value) if isinstance(value, tuple) else value)


def _said(rule: Rule) -> dict[str, Any]:
    said = {name: value for name, value in asdict(rule).items() if value is not None}
    if "buffer" in said or "buffer_percent" in said:  # one field in one of two units
        return {"buffer": None, "buffer_percent": None} | said
    return said


def _kept_back(packs: int, rule: Rule) -> int:
    """A percentage is of what is left so far, rounded up: kept back a unit too many sooner than shown one."""
    if rule.buffer_percent is not None:
        return -(-packs * rule.buffer_percent // 100)
    return rule.buffer or 0


def _refuse_bad_scope(scope: Scope) -> None:
    if scope.listing is not None and (scope.channel is None or scope.group is not None):
        msg = f"a rule for listing {scope.listing} names its channel, and no group"
        raise InputError(msg, field="listing")
    if "" in {scope.channel, scope.group, scope.listing}:
        msg = "a rule names its channel, group or listing, or leaves it out: an empty name is none"
        raise InputError(msg, field="group")
