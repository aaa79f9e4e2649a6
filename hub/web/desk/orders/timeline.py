"""All that happened as sentences of the reader's language, newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from hub.kit.language import Language
from hub.model.telling.tell import Told

_TONES: Mapping[str, str] = {
    "parked": "bad",
    "shipment": "good",
    "shipped": "good",
    "picking": "info",
    "picked short": "bad",
    "payment captured": "good",
    "payment refunded": "wait",
    "payment undone": "wait",
    "parcel delivered": "good",
    "parcel lost": "bad",
    "parcel returned to sender": "wait",
    "allocation": "info",
    "canceled": "wait",
    "taken": "info",
    "filled": "good",
    "gone": "bad",
    "held": "wait",
    "resolved": "good",
    "unpaid": "wait",
    "kept unpaid": "info",
    "late": "bad",
    "ready": "good",
    "not collected": "wait",
    "told": "good",
    "not told": "bad",
}


class Entry(Struct, frozen=True):
    """`details` are further sentences, `by` who and `because` why; `message` is the id of the raw message."""

    at: datetime
    says: str
    by: str
    because: str
    tone: str
    details: list[str]
    message: str


def view_timeline(told: Sequence[Told], language: Language) -> list[Entry]:
    return [entry_of(each, language) for each in reversed(told)]


def entry_of(told: Told, language: Language) -> Entry:
    return Entry(
        told.at,
        language.say(told.says),
        language.write(told.by),
        language.say(told.because) if told.because else "",
        _TONES.get(told.kind, ""),
        [language.write(each) for each in told.details],
        told.facts.get("message", ""),
    )
