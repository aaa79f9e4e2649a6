"""Fields of the retailer's own on orders: what there is, and which values fit. Pure.

A value is a text in one form of its kind, so that two that are the same are written alike.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError

FIELDS_MAX, CHOICES_MAX = 50, 100
TEXT_MAX, LABEL_MAX = 500, 60
DECIMALS_MAX, DIGITS_MAX = 6, 15
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class Field(Struct, frozen=True):
    """`required`: who fills in any cannot leave it empty. `personal`: its values are sealed, and found by no filter.

    `of_lines`: each line of an order has it, not the order.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    required: bool = False
    personal: bool = False
    of_lines: bool = False


Values = Mapping[str, str]


def refuse_bad(field: Field) -> None:
    """Raises InputError naming what cannot be."""
    if not KEY.fullmatch(field.key):
        msg = (
            f"the key {field.key[:20]!r} cannot be: small letters, digits and underscores, such as po_number"
        )
        raise InputError(msg, field="key")
    if not (0 < len(field.label) <= LABEL_MAX and field.label.isprintable()):
        msg = f"the field {field.key!r} needs a label of 1 to {LABEL_MAX} printable characters"
        raise InputError(msg, field="label")
    if field.personal and field.of_lines:
        msg = f"the field {field.key!r} is of lines, so it cannot be personal: define it of orders"
        raise InputError(msg, field="personal")
    if field.kind is Kind.CHOICE and not field.choices:
        msg = f"the field {field.key!r} is a choice: say of what"
        raise InputError(msg, field="choices")
    if len(set(field.choices)) < len(field.choices) or (field.choices and field.kind is not Kind.CHOICE):
        msg = f"the field {field.key!r}: only a choice has choices, each once"
        raise InputError(msg, field="choices")
    if len(field.choices) > CHOICES_MAX or not all(_sound_text(each) for each in field.choices):
        msg = f"the field {field.key!r} has at most {CHOICES_MAX} choices, of 1 to {TEXT_MAX} printable characters each"
        raise InputError(msg, field="choices")


def of_order(fields: Iterable[Field]) -> list[Field]:
    return [field for field in fields if not field.of_lines]


def of_lines(fields: Iterable[Field]) -> list[Field]:
    return [field for field in fields if field.of_lines]


def filled(fields: Sequence[Field], before: Values, values: Mapping[str, str | None]) -> dict[str, str]:
    """The values after these are filled in; None, or nothing, empties a field.

    Raises InputError naming the first that cannot be.
    """
    known = {field.key: field for field in fields}
    after = dict(before)
    for key, value in values.items():
        if key not in known:
            msg = f"there is no field {key[:40]!r}: define it first, or choose of: {', '.join(known) or 'none yet'}"
            raise InputError(msg, field=key)
        text = sound(known[key], value) if value else ""
        after.pop(key, None)
        after |= {key: text} if text else {}
    lacking = next((field for field in fields if field.required and field.key not in after), None)
    if lacking is not None:
        msg = f"{lacking.label} is required: fill in {lacking.key}"
        raise InputError(msg, field=lacking.key)
    return after


def sound(field: Field, value: str) -> str:
    """The value in the form of its kind. Raises InputError that says what belongs there."""
    text = _FORMS[field.kind](field, value.strip())
    if text is None:
        msg = (
            f"{field.label}: {value.strip()[:20]!r} is {_WANTED[field.kind].format(', '.join(field.choices))}"
        )
        raise InputError(msg, field=field.key)
    return text


def known_values(fields: Sequence[Field], values: Values) -> dict[str, str]:
    """Of what a channel tells, the values of fields there are and that fit; a channel is never refused (L6)."""
    kept: dict[str, str] = {}
    for field in fields:
        try:
            kept |= {field.key: sound(field, values[field.key])} if values.get(field.key) else {}
        except InputError:
            continue
    return kept


def _sound_text(text: str) -> bool:
    return 0 < len(text) <= TEXT_MAX and text.isprintable()


def _number(_: Field, text: str) -> str | None:
    try:
        number = Decimal(text.replace(",", ".") if "." not in text else text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() >= DIGITS_MAX:
        return None
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return None if len(plain.partition(".")[2]) > DECIMALS_MAX else "0" if plain in {"-0", ""} else plain


def _date(_: Field, text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


_FORMS: Mapping[Kind, Callable[[Field, str], str | None]] = {
    Kind.TEXT: lambda _, text: text if _sound_text(text) else None,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: lambda field, text: text if text in field.choices else None,
}
_WANTED = {
    Kind.TEXT: f"no text of 1 to {TEXT_MAX} printable characters",
    Kind.NUMBER: "no number: write 12.5",
    Kind.DATE: "no date: write 2026-12-24",
    Kind.CHOICE: "no choice of: {}",
}
