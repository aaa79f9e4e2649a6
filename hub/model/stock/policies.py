"""Policies: in which order locations are asked to fill an order, and how far it may be split. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError

SPLIT_MAX = 100


class Strategy(StrEnum):
    """`single`: a location with the whole order comes first; `whole-line`: one with the whole line. None is a must."""

    SINGLE = "single"
    WHOLE_LINE = "whole-line"
    NEAREST = "nearest"
    PRIORITY = "priority"
    MOST_STOCK = "most-stock"


class Policy(Struct, frozen=True):
    """At most `split_max` locations fill one order; `keep_whole`: it gets all its units or none, and waits whole."""

    strategies: tuple[Strategy, ...] = (Strategy.WHOLE_LINE, Strategy.PRIORITY)
    split_max: int | None = None
    keep_whole: bool = False


_RANKS: Mapping[Strategy, str] = {
    Strategy.SINGLE: "a location with the whole order",
    Strategy.WHOLE_LINE: "a location with the whole line",
    Strategy.NEAREST: "the nearest",
    Strategy.PRIORITY: "the lowest priority",
    Strategy.MOST_STOCK: "the one with most stock",
}


def sentence(policy: Policy) -> str:
    """The policy as a person reads it."""
    ranked = ", then ".join(_RANKS[each] for each in policy.strategies)
    split = ""
    if policy.split_max is not None:
        split = f"; at most {policy.split_max} {'location' if policy.split_max == 1 else 'locations'} for an order"
    return f"first {ranked}{split}{'; an order goes whole or waits whole' if policy.keep_whole else ''}"


def refuse_bad(policy: Policy) -> None:
    """Raises InputError naming the field that cannot be so."""
    if not policy.strategies or len(set(policy.strategies)) < len(policy.strategies):
        msg = f"a policy names each of its strategies once, and at least one: {', '.join(Strategy)}"
        raise InputError(msg, field="strategies")
    if policy.split_max is not None and not 1 <= policy.split_max <= SPLIT_MAX:
        msg = f"at most {policy.split_max} locations for an order: it must be from 1 to {SPLIT_MAX}"
        raise InputError(msg, field="split_max")
