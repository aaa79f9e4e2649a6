"""Sayings: what is told, in English, with named places; a sentence is one with its places filled. Pure.

The English text is the key of the catalog of every other language (`hub.kit.language`), so it stands here once, whole:
no sentence is put together from pieces whose order another language would turn around.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from string import Formatter
from typing import TypeAlias, Union

from msgspec import Struct

from hub.model.money import Money

Place: TypeAlias = Union["Sentence", Money, date, str, int, "Sequence[Place]"]  # a datetime is a date


class Saying(Struct, frozen=True):
    """`many` is said where the number in the place `counts` is not one. `context` tells alike words apart.

    `facts` names the fact a place is filled from, where it has another name; `when`, one without which it is not said.
    """

    text: str
    many: str = ""
    counts: str = ""
    context: str = ""
    when: str = ""
    facts: Mapping[str, str] = {}

    @property
    def places(self) -> list[str]:
        return places_in(self.text)

    def fits(self, facts: Mapping[str, object]) -> bool:
        """Whether all that it tells is known; 0 units are known, an empty name is not."""
        wanted = (facts.get(self.facts.get(place, place)) for place in self.places)
        return all(each or type(each) is int for each in wanted) and (
            not self.when or bool(facts.get(self.when))
        )


class Sentence(Struct, frozen=True):
    saying: Saying
    places: Mapping[str, Place] = {}

    @property
    def number(self) -> int:
        counted = self.places.get(self.saying.counts)
        return counted if isinstance(counted, int) else 1


def said(text: str, *, when: str = "", **facts: str) -> Saying:
    return Saying(text, when=when, facts=facts)


def counted(counts: str, text: str, many: str, **facts: str) -> Saying:
    return Saying(text, many, counts, facts=facts)


def word(context: str, text: str) -> Saying:
    """A word of a list, such as a state; its context says which list."""
    return Saying(text, context=context)


def places_in(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
