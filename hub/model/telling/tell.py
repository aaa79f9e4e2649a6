"""Tell: what happened as entries of a timeline, each a sentence with who, why, and what was before and after. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import Struct

from hub.model.telling.causes import who, why_event, why_movement
from hub.model.telling.changes import details_of
from hub.model.telling.facts import fill, tell_first
from hub.model.telling.kinds import Kind
from hub.model.telling.movements import GOODS, MESSAGES, MOVEMENTS
from hub.model.telling.orders import ORDERS
from hub.model.telling.phrases import recall_reason
from hub.model.telling.sayings import Place, Saying, Sentence
from hub.model.telling.shop import CHANNELS, SHOP
from hub.model.telling.stock import STOCK

EVENTS: Mapping[Kind, tuple[Saying, ...]] = {**ORDERS, **STOCK, **CHANNELS, **SHOP}
_SAYINGS: Mapping[str, tuple[Saying, ...]] = {str(kind): sayings for kind, sayings in EVENTS.items()}
_OTHER = Saying("{kind}")  # of a version that is not this one


class Happening(Struct, frozen=True):
    """One fact of the books: an event, a movement of stock, or a raw message as it came.

    `channel` and `channel_name` are those it is about, `currency` that of its order; "" where it is about none.
    `cause` is that of a movement, `place` the name of its location.
    """

    at: datetime
    source: str
    kind: str
    actor: str
    facts: Mapping[str, Any]
    cause: str = ""
    channel: str = ""
    channel_name: str = ""
    currency: str = ""
    place: str = ""


class Told(Struct, frozen=True):
    """`facts` of the first happening it tells of."""

    at: datetime
    kind: str
    actor: str
    says: Sentence
    by: Place
    because: Sentence | None
    details: list[Place]
    facts: Mapping[str, Any]


def tell(happened: Sequence[Happening]) -> list[Told]:
    """In their order; movements of one kind that stand together are one sentence."""
    return [_told([each for _, each in group]) for _, group in groupby(enumerate(happened), key=_together)]


def tell_each(happened: Sequence[Happening]) -> list[Told]:
    return [_told([each]) for each in happened]


def _together(numbered: tuple[int, Happening]) -> tuple[object, ...]:
    place, each = numbered
    if each.source != "movement":
        return (place,)
    return each.at, each.kind, each.actor, each.cause, each.facts.get("reason")


def _told(happened: Sequence[Happening]) -> Told:
    first = happened[0]
    says, because, details = _TELL[first.source](happened)
    by = who(first.actor, first.channel, first.channel_name)
    return Told(first.at, first.kind, first.actor, says, by, because, details, first.facts)


_Telling = tuple[Sentence, Sentence | None, list[Place]]


def _event(happened: Sequence[Happening]) -> _Telling:
    (each,) = happened
    says = tell_first(_SAYINGS.get(each.kind, (_OTHER,)), {"kind": each.kind, **each.facts})
    return says, why_event(each.kind, each.facts), details_of(each.facts, each.currency)


def _movement(happened: Sequence[Happening]) -> _Telling:
    first = happened[0]
    goods = [
        fill(GOODS, {**each.facts, "units": _units(each.facts), "location": each.place}) for each in happened
    ]
    says = Sentence(MOVEMENTS.get(first.kind, _OTHER), {"kind": first.kind, "goods": goods})
    reason = first.facts.get("reason")
    return says, why_movement(first.cause), [recall_reason(reason)] if reason else []


def _units(facts: Mapping[str, Any]) -> int:
    return abs(int(facts.get("on_hand_change") or facts.get("allocated_change") or 0))


def _message(happened: Sequence[Happening]) -> _Telling:
    (each,) = happened
    reason = each.facts.get("reason")
    return fill(MESSAGES[each.kind], each.facts), None, [reason] if reason else []


_TELL: Mapping[str, Callable[[Sequence[Happening]], _Telling]] = {
    "event": _event,
    "movement": _movement,
    "message": _message,
}
