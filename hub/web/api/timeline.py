"""What happened, as programs read it: the facts, and each as a sentence of the language that was asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar.params import HeaderParameter, QueryParameter
from msgspec import Struct

from hub.kit.language import Language
from hub.model.telling.tell import Told

Lang = Annotated[
    str | None,
    QueryParameter(description="`en`, `zh-Hans` or `zh-Hant`; without it, what `Accept-Language` asks for"),
]
Asked = Annotated[str, HeaderParameter(name="accept-language", description="Language of the sentences")]


class Entry(Struct, frozen=True):
    """`says` is the sentence, `details` what was before and after, `by` who did it and `because` of what, in words.

    `kind`, `actor` and `facts` are the same for programs, in no language.
    """

    at: datetime
    kind: str
    actor: str
    says: str
    by: str
    because: str
    details: list[str]
    facts: Mapping[str, Any]


def entries_of(told: Sequence[Told], language: Language) -> list[Entry]:
    return [
        Entry(
            each.at,
            each.kind,
            each.actor,
            language.say(each.says),
            language.write(each.by),
            language.say(each.because) if each.because else "",
            [language.write(detail) for detail in each.details],
            each.facts,
        )
        for each in told
    ]
