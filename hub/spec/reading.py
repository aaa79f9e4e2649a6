"""Read JSON into Structs, and say in words what does not fit. Pure."""

import re
from typing import TypeVar

import msgspec

from hub.spec.errors import MalformedError

Shape = TypeVar("Shape")
_NAMES = re.compile(r"`([^`]*)`")
_FIELD = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
_WORDS = {
    "array": "a list",
    "bool": "yes or no",
    "date": "a date",
    "datetime": "a date with its time",
    "datetime with a timezone component": "a time with its time zone",
    "decimal": "an amount",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a group of fields",
    "str": "a text",
}


def read_json(body: bytes, shape: type[Shape], what: str) -> Shape:
    """Decode `body`; raises MalformedError that names `what`, the field and what belongs there."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        path, sentence = in_words(error)
        msg = f"{what} cannot be read{f' at {path}' if path else ''}: {sentence}"
        raise MalformedError(msg) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = f"{what} is not JSON, or only a part of it"
        raise MalformedError(msg) from error


def in_words(error: msgspec.ValidationError) -> tuple[str, str]:
    """The path of the field that does not fit, and why, without the names of types.

    "Expected `int`, got `str` - at `$.lines[0].quantity`" → "lines[0].quantity", "expected a whole number, got a text".
    """
    said, _, place = str(error).partition(" - at ")
    path = place.strip("`").removeprefix("$").lstrip(".")
    field = _FIELD.match(said)
    if field:
        path = f"{path}.{field[2]}".lstrip(".")
        return path, "it is missing" if field[1].startswith("missing") else "there is no such field"
    sentence = _NAMES.sub(lambda found: _in_words(found[1]), said)
    return path, sentence[:1].lower() + sentence[1:]


def _in_words(names: str) -> str:
    return " or ".join(_WORDS.get(each, each) for each in names.split(" | "))
