"""How a fact of an event becomes the value of a place: amounts, words of a list, numbers nobody adds up. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hub.model.money import Money
from hub.model.telling.sayings import Place, Saying, Sentence, said
from hub.model.telling.words import WORDS

_AMOUNTS = {"amount", "total", "due", "over", "refunded"}
_NAMES = {"list", "transfer", "sheet", "order", "priority", "version", "revision", "rma"}  # 1001, not 1,001
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
_PAIR = said("{name}: {value}")
_MORE = said("{more} more")
_NAMED_MAX = 5


def tell_first(sayings: Sequence[Saying], facts: Mapping[str, Any]) -> Sentence:
    """The first of them that has all it tells, else the last."""
    return fill(next((each for each in sayings if each.fits(facts)), sayings[-1]), facts)


def fill(saying: Saying, facts: Mapping[str, Any]) -> Sentence:
    """Of a long list the first are named, and how many more there are: by the count of the event, where it has one."""
    counts = 0 if "count" in saying.facts.values() else facts.get("count", 0)
    told = {place: place_of(place, facts.get(saying.facts.get(place, place))) for place in saying.places}
    return Sentence(saying, {place: _short(each, counts) for place, each in told.items()})


def _short(value: Place, counts: int) -> Place:
    if not isinstance(value, list) or len(value) <= _NAMED_MAX:
        return value
    more = max(counts, len(value)) - _NAMED_MAX
    return [*value[:_NAMED_MAX], Sentence(_MORE, {"more": more})]


def place_of(name: str, fact: Any) -> Place:
    """What a sentence says in the place of this name."""
    match fact:
        case list() | tuple():
            return [place_of(name, each) for each in fact]
        case Mapping():
            return [fill(_PAIR, {"name": key, "value": each}) for key, each in fact.items()]
        case Sentence() | Money() | date():
            return fact
        case int() if name not in _NAMES:
            return fact
        case _:
            return _text(name, fact)


def _text(name: str, fact: Any) -> Place:
    text = "–" if fact is None else str(fact)
    if name in WORDS:
        known = WORDS[name].get(text)
        return Sentence(known) if known else text
    return money_of(text) if name in _AMOUNTS else text


def money_of(text: str) -> Money | str:
    """`12.50 EUR` as an amount; any other text as it is."""
    found = _MONEY.fullmatch(text)
    return Money(Decimal(found[1]), found[2]) if found else text
