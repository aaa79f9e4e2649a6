"""Phrases: what the books keep as English words is known again by the sayings it was made of. Pure.

Why stock comes from a location, and what a check found, are kept as people read them. Here stands what they are made
of, so that they are read in every language; what is not known again, such as a reason somebody typed, is said as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from hub.model.telling.facts import fill
from hub.model.telling.sayings import Place, Saying, Sentence, said, word

_PLACE = re.compile(r"\\\{(\w+)\\\}")

_WHERE = (
    said("the only location that has it"),
    said("the channel's own place"),
    said("a rule says so"),
    said("first by its code"),
    said("the only location with all there is"),
    said("the only location with all of it"),
    said("the only location with all {lines} lines"),
    said("the only location with the whole line"),
    said("has all there is"),
    said("has all of it"),
    said("has all {lines} lines"),
    said("has the whole line"),
    said("nearest: nobody knows where it goes"),
    said("nearest: same country"),
    said("nearest: another country"),
    said("nearest: {km} km"),
    said("region {region}"),
    said("postcode {postcode}"),
    said("priority {priority}"),
    said("most stock: {units} free"),
    said("the rest: {why}"),
    said("returned to sender"),
)
"""hub.model.stock.sourcing and hub.model.stock.nearness, and what a parcel that is sent back says."""

_FOUND = (
    said("no item is ordered"),
    said("{sku} sells at {paid}, its list price is {list_price}"),
    said("{goods}: more than {most} units of a line"),
    said("the address has no {parts}"),
    said("no phone number that could be dialed"),
    said("no e-mail address that could be written to"),
    said("the total is {total}, {difference} beyond the sum of its parts"),
    said("the same person ordered the same goods moments before: {orders}"),
    said("a first order of {total}, above {most}"),
    said("billed to {billed}, shipped to {shipped}"),
    said("the customer is on the blocked list"),
)
"""hub.model.review.checks"""

_PARTS: Mapping[str, Saying] = {
    each.text: each
    for each in (
        word("address", "name"),
        word("address", "street"),
        word("address", "town"),
        word("address", "country"),
        word("address", "postcode"),
        word("address", "region"),
    )
}


def recall_reason(text: str) -> Place:
    """Why a movement was so: its parts are known one by one, or none of it is."""
    parts = [_recall(part, _WHERE) for part in text.split(", ")]
    if not all(isinstance(part, Sentence) for part in parts):
        return text
    return parts if len(parts) > 1 else parts[0]


def recall_finding(text: str) -> Place:
    return _recall(text, _FOUND)


def _recall(text: str, sayings: Sequence[Saying]) -> Sentence | str:
    for saying in sayings:
        found = _pattern(saying.text).fullmatch(text)
        if found:
            told = {
                name: _INSIDE[name](each) if name in _INSIDE else each
                for name, each in found.groupdict().items()
            }
            return fill(saying, told)
    return text


_INSIDE: Mapping[str, Callable[[str], Place]] = {
    "why": recall_reason,
    "parts": lambda text: [Sentence(_PARTS[each]) for each in text.split(" and no ")],
}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.+)", re.escape(text)))
