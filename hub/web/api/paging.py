"""Pages by key: a cursor is the last row seen, written so that nobody is tempted to build one by hand."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from litestar.params import QueryParameter

from hub.model.errors import InputError

Key = TypeVar("Key")
Item = TypeVar("Item")

LIMIT_DEFAULT = 50
LIMIT_MAX = 500

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="How many to return at most")]
Cursor = Annotated[
    str | None,
    QueryParameter(description="`next_cursor` of the page before; leave it out for the first page"),
]
ChannelSlug = Annotated[
    str | None, QueryParameter(description="Only this channel, by its slug, such as `shop-de`")
]


def write_cursor(*key: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: type[Key], first: Key) -> Key:
    """Return the key the page starts after; `first` where there is no cursor yet."""
    if cursor is None:
        return first
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, msgspec.MsgspecError) as error:
        msg = "the cursor is not one this list gave out: take `next_cursor` as it is, or leave the cursor out"
        raise InputError(msg, field="cursor") from error


def cut(found: Sequence[Item], limit: int) -> tuple[list[Item], bool]:
    """Part what was read with a limit of one more: the page, and whether another one follows."""
    return list(found[:limit]), len(found) > limit
