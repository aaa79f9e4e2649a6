"""What a connector's simulator is: the channel's API as a plain object that keeps stock and orders.

hub.sim serves it over real HTTP, signs nothing and knows no vendor: faults (429, 500, time-outs; dropped, delayed,
repeated, reordered webhooks) are laid over it there, alike for every kind.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from hub.model.incoming import Person


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


class SimItem(Struct, frozen=True):
    """What a simulated channel offers at the start."""

    sku: str
    title: str
    price: Decimal
    stock: int


class Simulator(Protocol):
    """State in memory, answers like the vendor's API. Not thread safe; the server calls it from one loop."""

    kind: str

    def settings(self, base_url: str) -> dict[str, str]:
        """The values of the connector's config that reach this simulator at `base_url`; secrets in plain text."""

    def answer(self, request: SimRequest, *, at: datetime) -> SimReply:
        """Answer one API call. Unknown paths answer as the vendor does."""

    def sell(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        """A customer buys {sku: units}: stock falls, webhooks are queued. None where the channel lacks the stock."""

    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        """The channel cancels the order and, as the vendor does, puts its own stock back."""

    def take_deliveries(self) -> list[Delivery]:
        """Webhooks queued since the last call, oldest first."""

    def stock(self) -> dict[str, int]:
        """What the channel shows now, by SKU."""

    def order_ids(self) -> list[str]:
        """Every order the channel holds, oldest first."""


@runtime_checkable
class SetsStock(Protocol):
    """A simulator whose stock can be tampered with behind everybody's back: what reconcile must find."""

    def set_stock(self, levels: Mapping[str, int], *, at: datetime) -> None:
        """Show these numbers from now on. Webhooks are queued where the vendor would send them."""


def sim_json(value: object, status: int = 200, **headers: str) -> SimReply:
    """Answer with JSON; keyword names become header names, `_` read as `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return SimReply(status, msgspec.json.encode(value), {"content-type": "application/json", **named})


NewSimulator = Callable[[Sequence[SimItem]], Simulator]
