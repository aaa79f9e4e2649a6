"""Types, defaults and limits of a Struct's fields, as a person writes and reads them."""

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from hub.cli.connector.docs import unqualified

_OPTIONAL = re.compile(r"^Optional\[(.+)\]$")


class Field(Struct, frozen=True):
    name: str
    type: str
    default: str
    limits: str


def fields_of(owner: type[Struct]) -> Iterator[Field]:
    types = get_type_hints(owner)
    for each in msgspec.structs.fields(owner):
        yield Field(each.name, text_of(types[each.name]), default_of(each), "; ".join(_limits(each.type)))


def text_of(annotation: object) -> str:
    return _OPTIONAL.sub(r"\1 | None", unqualified(inspect.formatannotation(annotation)))


def default_of(field: msgspec.structs.FieldInfo) -> str:
    """Empty where there is none: the field is needed."""
    factory: Any = field.default_factory
    value = factory() if factory is not NODEFAULT else field.default
    if value is NODEFAULT:
        return ""
    return str(value) if isinstance(value, bool) else _value(value)


def _value(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Struct) and not any(each.required for each in msgspec.structs.fields(value)):
        return f"{type(value).__name__}()"
    return repr(value).replace("'", '"')


def _metas(annotation: object) -> Iterator[Meta]:
    if isinstance(annotation, Meta):
        yield annotation
    for inner in get_args(annotation) or getattr(annotation, "__metadata__", ()):
        yield from _metas(inner)


def _limits(annotation: object) -> Iterator[str]:
    """What it means comes before what may stand in it."""
    found = list(_metas(annotation))
    yield from (each.description for each in found if each.description)
    for each in found:
        if each.tz:
            yield "with its zone"
        if length := _range(each.min_length, each.max_length):
            yield f"{length} long"
        if numbers := _range(each.ge, each.le):
            yield numbers


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"at most {high:,}"
    return f"{low:,} or more" if high is None else f"{low:,} to {high:,}"
