"""Fields that plugins and the hub keep beside an order: a key, and whatever its writer put there. Pure."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Raw

from connectors.woocommerce.wire import WireMeta

Item = TypeVar("Item")


def text_of(fields: Sequence[WireMeta], key: str) -> str:
    """Empty where there is none, or it is no text."""
    value = msgspec.json.decode(_raw(fields, key))
    return value if isinstance(value, str) else ""


def list_of(fields: Sequence[WireMeta], key: str, kind: type[Item]) -> list[Item]:
    """Empty where there is none, or it is no list of these."""
    try:
        return msgspec.json.decode(_raw(fields, key), type=list[kind])  # type: ignore[valid-type]
    except msgspec.DecodeError:
        return []


def _raw(fields: Sequence[WireMeta], key: str) -> Raw:
    return next((each.value for each in fields if each.key == key), Raw(b"null"))
