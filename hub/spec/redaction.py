"""Take personal data out of a body and leave its shape, so that a record still shows how the channel speaks. Pure.

Amounts keep every digit. What cannot be read is not kept: better a record without a body than a name in it (L17).
"""

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import cast
from urllib.parse import parse_qsl, urlencode

import msgspec

REDACTED = "redacted"
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def redact_json(payload: bytes, names: AbstractSet[str]) -> bytes:
    """Replace every text under these names, at any depth, by "redacted"; numbers there become 0. b"" for no JSON.

    "buyer.name" is a name within another, lists between them aside: items that have a `name` too keep theirs.
    """
    try:
        return _encode(_walk(_decode(payload), tuple(f".{name}" for name in names)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b""


def cut_json(payload: bytes, length_max: int) -> bytes:
    """The beginning of a long body, still JSON: a list or an object ends where so many characters are used up, about.

    b"" for no JSON.
    """
    try:
        return _encode(_cut(_decode(payload), [length_max]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b""


def redact_form(payload: bytes, names: AbstractSet[str]) -> bytes:
    """The same for `a=1&b=2`."""
    pairs = parse_qsl(payload.decode(errors="replace"), keep_blank_values=True)
    return urlencode([(name, REDACTED if name in names else value) for name, value in pairs]).encode()


def _walk(value: object, ends: tuple[str, ...], path: str = "", *, hidden: bool = False) -> object:
    hidden = hidden or path.endswith(ends)
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {name: _walk(each, ends, f"{path}.{name}", hidden=hidden) for name, each in fields.items()}
    if isinstance(value, list):
        return [_walk(each, ends, path, hidden=hidden) for each in cast("list[object]", value)]
    return _blank(value) if hidden else value


def _cut(value: object, left: list[int]) -> object:
    """`left` is how many characters may follow, all in all."""
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value).items()
        return {name: _cut(each, left) for name, each in fields if _has_room(left, len(name))}
    if isinstance(value, list):
        return [_cut(each, left) for each in cast("list[object]", value) if _has_room(left, 1)]
    left[0] -= len(str(value))
    return value


def _has_room(left: list[int], taken: int) -> bool:
    left[0] -= taken
    return left[0] >= 0


def _blank(value: object) -> object:
    if isinstance(value, str):
        return REDACTED if value else ""
    return value if value is None or isinstance(value, bool) else 0
