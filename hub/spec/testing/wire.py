"""What a simulated channel hears and says: plain values, no network."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct


class SimRequest(Struct, frozen=True):
    """Header names are lower case; `path` has no query.

    `sent_at` is the moment by the clock of whoever asks, where the channel's own was moved on: what a signed time is
    held against.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    sent_at: datetime | None = None


class SimReply(Struct, frozen=True):
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


class Delivery(Struct, frozen=True):
    """One webhook on its way, signed already."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def sim_json(value: object, status: int = 200, **headers: str) -> SimReply:
    """Answer with JSON; keyword names become header names, `_` read as `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return SimReply(status, msgspec.json.encode(value), {"content-type": "application/json", **named})
