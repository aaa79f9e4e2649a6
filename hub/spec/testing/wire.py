"""What a simulated channel hears and says: plain values, no network."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct


class SimRequest(Struct, frozen=True):
    """Header names are lower case; `path` has no query."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


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
