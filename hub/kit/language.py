"""Languages: sayings, numbers, money and times as a reader's locale writes them; one catalog for desk, command, API.

English stands in the code. Every other language is one file of `languages/`, in the format that translators' tools
read; it is compiled when it is first needed.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from hub.model.money import Money
from hub.model.telling.sayings import Place, Saying, Sentence

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
"""What sentences are written in, by their tag, each by its own name."""

_LOCALES = (
    *("en en-GB en-IE en-IN de de-AT de-CH fr es it nl pl pt pt-BR cs da sv nb fi tr ja ko".split()),
    *("zh zh-Hans zh-Hant zh-CN zh-SG zh-TW zh-HK zh-MO zh-Hans-CN zh-Hant-TW zh-Hant-HK".split()),
)
_MOMENTS = {"zh": "M月d日 HH:mm", "ja": "M月d日 HH:mm", "ko": "M월 d일 HH:mm"}


class Language:
    """Sentences in the language of the locale, or in English; numbers, money and times as the locale writes them."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self.tag = tag_of(locale)
        self._words = _catalog(self.tag)

    def say(self, sentence: Sentence) -> str:
        text = self._text(sentence.saying, sentence.number)
        return text.format_map({name: self.write(value) for name, value in sentence.places.items()})

    def write(self, value: Place) -> str:
        match value:
            case str():
                return value
            case Sentence():
                return self.say(value)
            case int():
                return self.number(value)
            case Money():
                return self.money(value.amount, value.currency)
            case date():
                return self.moment(value) if isinstance(value, datetime) else self.day(value)
            case _:
                return str(format_list([self.write(each) for each in value], locale=self.locale))

    def word(self, text: str) -> str:
        """One text of a page."""
        return self._words.gettext(text)

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self.locale))

    def money(self, amount: Decimal, currency: str) -> str:
        """Never rounded: an amount with six decimals shows six."""
        return str(format_currency(amount, currency, locale=self.locale, decimal_quantization=False))

    def moment(self, moment: datetime) -> str:
        """Day and month in the order of the language, 24 hours, no year: what is on a desk is recent."""
        pattern = _MOMENTS.get(self.locale.language, "d MMM, HH:mm")
        return str(format_datetime(moment, pattern, tzinfo=UTC, locale=self.locale)) + " UTC"

    def day(self, day: date) -> str:
        return str(format_date(day, "medium", locale=self.locale))

    def _text(self, saying: Saying, number: int) -> str:
        if saying.many:
            return self._words.ngettext(saying.text, saying.many, number)
        if saying.context:
            return self._words.pgettext(saying.context, saying.text)
        return self._words.gettext(saying.text)


def tag_of(locale: Locale) -> str:
    """Of Chinese that does not say how it is written, the simplified."""
    if locale.language == "zh":
        return f"zh-{locale.script or 'Hans'}"
    return "en"


@cache
def _catalog(tag: str) -> NullTranslations:
    if tag == "en":
        return NullTranslations()
    compiled = BytesIO()
    with (FOLDER / f"{tag}.po").open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def locale_of(accept_language: str) -> Locale:
    """The first language the reader asks for that the hub can write, else English; weights sort, ties keep order."""
    wanted = sorted(map(_weighted, accept_language.split(",")[:10]), key=lambda pair: -pair[1])
    found = Locale.negotiate([tag for tag, _ in wanted], _LOCALES, sep="-")
    return found or Locale("en")


def _weighted(part: str) -> tuple[str, float]:
    tag, _, weight = part.strip().partition(";q=")
    try:
        return tag.strip(), float(weight or 1)
    except ValueError:
        return tag.strip(), 0.0
