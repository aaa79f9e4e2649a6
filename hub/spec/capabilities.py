"""What a connector is made of: a manifest, a config, and the capabilities it declares.

Declared = called and certified; what is not declared is never called. Pure methods (verify, parse, translate) take
bytes and return Structs; only the async methods may use the transport, and none stores, sleeps, retries or reads the
clock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from msgspec import Struct

from hub.model.incoming import IncomingOrder
from hub.spec.config import ChannelConfig
from hub.spec.manifest import Manifest
from hub.spec.transport import Http

Item = TypeVar("Item")


class Message(Struct, frozen=True):
    """One raw message about one order, cut out of a webhook, a page or a file.

    `delivery_key` is the same for the same news, however often and by whichever way it comes (L1). `body` is exactly
    what the channel sent. `complete` is False for thin news that only names the order: the hub then fetches it.
    `topic` is the channel's own word. A message with no `channel_order_id` is none of the hub's business: it is
    counted and ignored, with `topic` as the reason; `named` is what it was fetched as, where thin news named it.
    """

    delivery_key: str
    topic: str
    channel_order_id: str
    body: bytes
    complete: bool = True
    named: str = ""


class Page(Struct, Generic[Item], frozen=True):
    """`next_cursor` None ends the scan for now; `resume_cursor` is where the next scan begins.

    Without either it begins anew, with the declared history.
    """

    items: list[Item]
    next_cursor: str | None = None
    resume_cursor: str | None = None


class Probe(Struct, frozen=True):
    """One named check of a connection; `remedy` says what to do where it failed.

    `mended`: it is well now and was not before, such as a webhook that the channel had switched off.
    """

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""
    mended: bool = False


class ChannelLocation(Struct, frozen=True):
    channel_location_id: str
    name: str


class ChannelListing(Struct, frozen=True):
    """Something offered on the channel. `quantity` is None where it counts no stock, `barcode` "" where it has none."""

    channel_listing_id: str
    channel_sku: str
    title: str
    quantity: int | None = None
    barcode: str = ""


class StockTarget(Struct, frozen=True):
    """Show exactly `quantity` for this listing. `version` is the idempotency key, never the quantity (L9).

    `expected` is what the channel is believed to show, where its manifest says `compares_stock` and the hub knows:
    another number there is not written over, and the outcome is `unknown`. None: write over whatever is there.
    """

    channel_listing_id: str
    channel_sku: str
    quantity: int
    version: int
    at: datetime
    expected: int | None = None


class OutcomeState(StrEnum):
    APPLIED = "applied"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Outcome(Struct, frozen=True):
    """What became of one target. `unknown` leads to a read-back, never to a blind repeat; `reason` says why."""

    channel_listing_id: str
    state: OutcomeState
    reason: str = ""


@runtime_checkable
class FetchesOrders(Protocol):
    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """One page of orders changed since the cursor, oldest first, edits and cancels included.

        A None cursor starts at the beginning of the declared history. `until` is the hub's clock: nothing after it
        is asked for. The cursor is the last record seen, less the overlap, never `until` (L4).
        """

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[Message]:
        """These orders, complete; an id the channel does not know is left out. At most `orders_batch_max` ids."""


@runtime_checkable
class ReceivesWebhooks(Protocol):
    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes, *, url: str, now: datetime) -> bool:
        """Pure, constant time. Header names are lower case; `url` is the address the channel was given."""

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> list[Message]:
        """Pure. An empty list is a ping. Raises MalformedError for what no order can be read from."""

    async def ensure_webhooks(self, url: str) -> list[Probe]:
        """Create, or revive, the subscriptions that deliver to `url`; calling it again changes nothing.

        One that the channel had switched off is a probe that is `mended`.
        """

    async def remove_webhooks(self, url: str) -> None:
        """Delete the subscriptions that deliver to `url` and no others; where there are none, nothing happens."""


@runtime_checkable
class PushesStock(Protocol):
    async def push_stock(self, targets: Sequence[StockTarget]) -> list[Outcome]:
        """Write absolute quantities, at most `stock_batch_max`; one outcome per target, in any order."""


@runtime_checkable
class ReadsStock(Protocol):
    async def read_stock(self, channel_listing_ids: Sequence[str]) -> dict[str, int]:
        """What the channel shows now; an unknown listing is left out."""


@runtime_checkable
class ListsListings(Protocol):
    async def list_listings(self, cursor: str | None) -> Page[ChannelListing]:
        """One page of everything offered; two listings with one SKU stay two."""


@runtime_checkable
class ListsLocations(Protocol):
    async def list_locations(self, cursor: str | None) -> Page[ChannelLocation]:
        """One page of the channel's places of stock."""


class OpenChannel(Protocol):
    """A channel opened with its transport and config. The other capabilities are Protocols it may satisfy."""

    async def check(self) -> list[Probe]:
        """Named probes: wrong key, missing scope and wrong address are told apart, each with its remedy."""


class Connector(Protocol):
    """One kind of channel: what `register_connectors` registers. Stateless."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def config_type(self) -> type[ChannelConfig]: ...

    @property
    def channel_type(self) -> type[OpenChannel]:
        """The class of what `open` returns: its methods are held against the manifest when the hub starts."""

    def open(self, http: Http, config: Any) -> OpenChannel:
        """Bind transport and config; no network yet."""

    def split_file(self, raw: bytes) -> list[Message]:
        """Pure: cut a raw payload file, exactly as the channel sends it, into messages.

        One order, a list of them, a page, an event: whatever a person may have saved. Raises MalformedError.
        """

    def to_incoming(self, message: Message, config: Any) -> IncomingOrder:
        """Pure. Raises MalformedError with the field's path and the reason in words a retailer understands."""
