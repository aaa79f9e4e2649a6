"""What a channel may see of stock: rules for all channels, a channel, a group of SKUs or one listing. Pure.

Allotments are stock units; buffer, cap and minimum count what a listing shows, so packs where it is a pack.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace
from typing_extensions import override

from hub.model.errors import InputError
from hub.model.stock.buffers import BUFFER_MAX, RISK_PERCENT_MAX, RISK_PERCENT_MIN

COUNT_MAX = 1_000_000
SHOWN_MAX = 2**31 - 1  # an integer of PostgreSQL: what several locations have together may be more
FIELDS = ("buffer", "adaptive", "cap", "allotment", "minimum", "locations")
"""What a rule may say; `buffer_percent` is `buffer` in another unit, `adaptive` a risk with the most to keep back."""
_IN_FIELD = {"buffer": ("buffer", "buffer_percent"), "adaptive": ("risk_percent", "buffer_max")}


class Rule(Struct, frozen=True):
    """None where it says nothing. `locations` are those that count; without them all count that sell.

    With a `risk_percent` the buffer is worked out for each listing, `buffer_max` at most: see hub.model.stock.buffers.
    What `buffer` says is kept back where too little is known.
    """

    buffer: int | None = None
    buffer_percent: int | None = None
    cap: int | None = None
    allotment: int | None = None
    minimum: int | None = None
    locations: tuple[str, ...] | None = None
    risk_percent: float | None = None
    buffer_max: int | None = None


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

    A listing's rule comes before one for its group on its channel, then the group, the channel, and every channel. A
    buffer that is more specific than a risk is fixed; one that is not is what holds where too little is known.
    """
    said: dict[str, Any] = {}
    for rule in reversed(rules):
        says = _said(rule)
        if not says.keys().isdisjoint({"buffer", "risk_percent"}):
            said |= {"risk_percent": None, "buffer_max": None}
        said |= says
    return Rule(**said)


def amended(rule: Rule, by: Rule) -> Rule:
    """The rule with what `by` says; what that leaves out stays as it was."""
    return Rule(**(_said(rule) | _said(by)))


def in_effect(rule: Rule, adaptive: int | None) -> Rule:
    """The rule with the buffer that was worked out for it, where it asks for one and enough is known."""
    if rule.risk_percent is None or adaptive is None:
        return rule
    return replace(rule, buffer=adaptive, buffer_percent=None)


def without(rule: Rule, fields: Sequence[str]) -> Rule:
    """The rule with these FIELDS unsaid; none named: all of them."""
    gone = {name for field in fields or FIELDS for name in _IN_FIELD.get(field, (field,))}
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
    shown = min(after_minimum, SHOWN_MAX if rule.cap is None else rule.cap)
    return Unfolded(share.free, share.left, packs, after_buffer, after_minimum, shown)


def read_risk(written: str) -> float:
    """Percent, as a person writes them: 1, 0.5 or 1 %. Raises InputError."""
    try:
        return float(written.strip().removesuffix("%"))
    except ValueError as error:
        msg = f"{written!r} is no risk: write the chance of overselling you accept as 1% or 0.5%"
        raise InputError(msg, field="risk_percent") from error


def refuse_bad(scope: Scope, rule: Rule) -> None:
    """Raises InputError naming the field that cannot be so."""
    _refuse_bad_scope(scope)
    said = {name: value for name, value in asdict(rule).items() if value is not None}
    if not said:
        msg = f"the rule for {scope} says nothing: give at least one of {', '.join(FIELDS)}"
        raise InputError(msg)
    for name, value in said.items():
        least, most = _BOUNDS.get(name, (0, COUNT_MAX))
        if name != "locations" and not least <= value <= most:
            what = _NAMES.get(name, name)
            msg = f"the {what} of the rule for {scope} is {value}: it must be from {least} to {most}"
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


def refuse_incomplete(scope: Scope, rule: Rule) -> None:
    """Raises InputError where the rule, as it would stand, limits an adaptive buffer it does not ask for."""
    if rule.buffer_max is not None and rule.risk_percent is None:
        msg = f"the rule for {scope} says how much an adaptive buffer keeps back at most: say its risk too"
        raise InputError(msg, field="risk_percent")


def sentence(scope: Scope, rule: Rule) -> str:
    """The rule as a person reads it: Channel web keeps back 2 and shows at most 10."""
    thin = " where too little is known" if rule.risk_percent is not None else ""
    words = [
        f"{words}{thin if name in _IN_FIELD['buffer'] else ''}"
        for name in _WORDS
        if (words := _worded(name, getattr(rule, name)))
    ]
    said = " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part) or "has no rule"
    whom = str(scope)
    return f"{whom[0].upper()}{whom[1:]} {said}"


_WORDS = {
    "locations": "counts only {}",
    "allotment": "has {} of each SKU to itself",
    "risk_percent": "keeps the chance of overselling within {:g} %",
    "buffer_max": "with a buffer of at most {}",
    "buffer": "keeps back {}",
    "buffer_percent": "keeps back {} %",
    "minimum": "shows 0 below {}",
    "cap": "shows at most {}",
}
_NAMES = {
    "buffer_percent": "buffer in percent",
    "risk_percent": "risk of overselling in percent",
    "buffer_max": "most that an adaptive buffer may be",
}
_BOUNDS = {
    "buffer_percent": (0, 100),
    "risk_percent": (RISK_PERCENT_MIN, RISK_PERCENT_MAX),
    "buffer_max": (0, BUFFER_MAX),
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
