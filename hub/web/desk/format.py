"""Ages and moments as a page shows them to its reader, and the tone of each word."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from babel import Locale
from babel.dates import format_datetime, format_time

from hub.kit.language import Language

_HUES = 8
_CODE_MAX = 3
_SPREAD = 985  # gives the usual kinds a hue each
_STEPS = (
    (timedelta(days=2), 86_400, "d"),
    (timedelta(hours=1), 3600, "h"),
    (timedelta(minutes=1), 60, "min"),
)
_DATED_AFTER = timedelta(days=14)
_NOW = timedelta(seconds=10)
_HOUR_S = 3600

_TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("paid", "shipped", "delivered", "up to date", "taken", "ok", "active", "settled"), "good"
    ),
    **dict.fromkeys(("allocated", "authorized", "sending", "partly shipped", "returned"), "info"),
    **dict.fromkeys(
        (
            "pending",
            "requested",
            "received",
            "inspected",
            "partly allocated",
            "returned to sender",
            "backordered",
            "unmatched",
            "payment",
            "address",
            "review",
            "conflict",
        ),
        "wait",
    ),
    **dict.fromkeys(("late", "unknown", "short", "partly returned", "partly refunded", "paused"), "wait"),
    "lost": "bad",
    "returned to sender": "wait",
    **dict.fromkeys(("failed", "fraud", "oversold", "unsourced", "rejected", "parked", "needs login"), "bad"),
}
_CALM = frozenset(
    {"paid", "authorized", "shipped", "allocated", "nothing to ship", "canceled", "refunded", "up to date"}
)


class Format(Language):
    """A language at one moment, so that a page is written as of one time."""

    def __init__(self, locale: Locale, at: datetime) -> None:
        super().__init__(locale)
        self.at = at

    def signed(self, value: int) -> str:
        """With a sign, and the sign is a true minus: -3 is wider than a hyphen."""
        return f"{'+' if value > 0 else '−' if value < 0 else ''}{self.number(abs(value))}"

    def age(self, moment: datetime) -> str:
        """Coarse and short, the same words as clock.js: now, 12 s, 4 min, 3 h, 5 d, then the date."""
        gone = self.at - moment
        if gone > _DATED_AFTER:
            return str(format_datetime(moment, "d MMM", tzinfo=UTC, locale=self.locale))
        if gone < _NOW:
            return "now"
        steps = ((gone.total_seconds(), unit, word) for least, unit, word in _STEPS if gone >= least)
        seconds, unit, word = next(steps, (gone.total_seconds(), 1, "s"))
        return f"{int(seconds // unit)} {word}"

    def left(self, moment: datetime) -> str:
        """How long until then, as clock.js counts it down: 14:32 min, 1 h 58 min, 3 d."""
        seconds = max(0, int((moment - self.at).total_seconds()))
        if seconds < _HOUR_S:
            return f"{seconds // 60}:{seconds % 60:02} min"
        if seconds < 48 * _HOUR_S:
            return f"{seconds // _HOUR_S} h {seconds % _HOUR_S // 60} min"
        return f"{seconds // (24 * _HOUR_S)} d"

    def exact(self, moment: datetime) -> str:
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

    def clock(self, moment: datetime) -> str:
        return str(format_time(moment, "HH:mm", tzinfo=UTC, locale=self.locale))

    def iso(self, moment: datetime) -> str:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def tone(self, word: str) -> str:
        return _TONES.get(word, "")

    def is_calm(self, word: str) -> bool:
        """Most orders are in a calm state; only the others catch the eye."""
        return word in _CALM

    def initials(self, name: str) -> str:
        """Two or three letters that tell channels of one kind apart: Web shop DE is DE, Phone desk is PD."""
        words = "".join(letter if letter.isalnum() else " " for letter in name).split()
        if words and len(words[-1]) <= _CODE_MAX and (words[-1].isupper() or words[-1].isdigit()):
            return words[-1]
        return "".join(word[0] for word in words[:2]).upper()

    def hue(self, kind: str) -> int:
        return int.from_bytes(kind.encode()) % _SPREAD % _HUES
