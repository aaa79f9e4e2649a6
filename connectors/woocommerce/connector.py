"""The kind `woocommerce`, and one shop opened with its transport and keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta

from connectors.woocommerce import listings, probes, scan, stock, translate, webhooks, writing
from connectors.woocommerce import refunds as money_back
from connectors.woocommerce.api import Api, pages_of, read, refusal
from connectors.woocommerce.subscriptions import ensure, remove
from connectors.woocommerce.wire import WireBatchReply, WireProduct
from connectors.woocommerce.writing import Writer, write_each
from hub.model.incoming import IncomingOrder
from hub.spec import (
    Account,
    Cancellation,
    Capability,
    ChannelConfig,
    ChannelListing,
    Fulfillment,
    Http,
    Idempotency,
    IncomingRefund,
    MalformedError,
    Manifest,
    Message,
    Outcome,
    OutcomeState,
    Page,
    ParcelLabel,
    Probe,
    Refund,
    RejectedError,
    Reply,
    RetryLaterError,
    Secret,
    StockTarget,
    UnauthorizedError,
    WriteOutcome,
)
from hub.spec.redaction import redact_json
from hub.spec.transport import raise_for_status

MANIFEST = Manifest(
    kind="woocommerce",
    title="WooCommerce",
    api_version="wc/v3",
    capabilities=frozenset(
        {
            Capability.FETCH_ORDERS,
            Capability.RECEIVE_WEBHOOKS,
            Capability.LIST_LISTINGS,
            Capability.PUSH_STOCK,
            Capability.READ_STOCK,
            Capability.PUSH_FULFILLMENT,
            Capability.PUSH_LABEL,
            Capability.PUSH_CANCEL,
            Capability.PUSH_REFUND,
            Capability.FETCH_REFUNDS,
            Capability.REDACT,
            Capability.KNOWN_LIMITS,
            Capability.NAME_ACCOUNT,
        }
    ),
    idempotency={
        Capability.PUSH_STOCK: Idempotency.ABSOLUTE,
        Capability.PUSH_FULFILLMENT: Idempotency.KEY,
        Capability.PUSH_LABEL: Idempotency.ABSOLUTE,
        Capability.PUSH_CANCEL: Idempotency.KEY,
        Capability.PUSH_REFUND: Idempotency.KEY,
    },
    stock_batch_max=stock.BATCH_MAX,
    orders_batch_max=scan.PAGE_MAX,
    writes_batch_max=writing.BATCH_MAX,
    overlap_s=120,
)
PERSONAL = {
    *("billing", "shipping", "customer_note", "customer_ip_address", "customer_user_agent"),
    *("meta_data", "reason", "first_name", "last_name", "email", "username"),
}
LIMITS = [
    "An order leaves as a whole, when it is completed in the shop.",
    "Parcels are told one by one where the shop has order fulfillments switched on; else only as the order completes.",
    "Orders are canceled as a whole, and only before anything of them has left.",
    "Money goes back by the gateway it came by, without lines; a gateway that cannot refuses.",
    "A refund of a part cancels no units; refunds are read from WooCommerce 9.0 or newer.",
    "A refund that is deleted in the shop stays recorded here: whether its money came back nobody says.",
    "Returns are not known to WooCommerce: goods that come back are taken back here.",
    "Orders deleted for good in the shop, past its trash, are held here for a person.",
    "One stock for each product: plugins for several locations are not read.",
    "Fractional quantities of plugins are refused with their field's name.",
]
NO_SECRET = Secret("")
_TOO_MANY = 429


class WooCommerceConfig(ChannelConfig, frozen=True):
    """Where the shop is, and the keys it gave."""

    consumer_key: Annotated[
        Secret,
        Meta(description="Starts with ck_: WooCommerce > Settings > Advanced > REST API, Read/Write"),
    ] = NO_SECRET
    consumer_secret: Annotated[
        Secret, Meta(description="Starts with cs_: shown once, together with the consumer key")
    ] = NO_SECRET
    webhook_secret: Annotated[
        Secret,
        Meta(
            description="Any long random text: the hub gives it to the shop, which signs its webhooks with it"
        ),
    ] = NO_SECRET


class WooCommerceChannel:
    """One shop."""

    def __init__(self, http: Http, config: WooCommerceConfig) -> None:
        self._api = Api(http, config.consumer_key, config.consumer_secret)
        self._webhook_secret = config.webhook_secret

    async def check(self) -> list[Probe]:
        """Tell a wrong address, a wrong key, a key without a permission and disabled webhooks apart."""
        return await probes.check(self._api)

    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """One call a page; see scan.py for why no order is skipped."""
        here = scan.read_cursor(cursor)
        reply = await self._api.get("/orders", scan.query_of(here, until=until))
        messages = webhooks.cut(reply.body, "order")
        seen = scan.seen_of(reply.headers, webhooks.changed_at(messages), len(messages), here.page)
        onwards = scan.advance(here, seen)
        if onwards:
            return Page(messages, scan.write_cursor(onwards), scan.write_cursor(scan.restart(here)))
        overlap = timedelta(seconds=MANIFEST.overlap_s)
        return Page(messages, None, scan.write_cursor(scan.resume(here, seen, overlap=overlap)))

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[Message]:
        """Live ones first, then those missing from the trash; deleted for good stays left out."""
        wanted = {one for one in channel_order_ids if one.isascii() and one.isdigit()}
        found = await self._orders(wanted, "any")
        missing = wanted - {message.channel_order_id for message in found}
        return found + await self._orders(missing, "trash")

    def verify_webhook(
        self,
        headers: Mapping[str, str],
        raw_body: bytes,
        *,
        url: str,  # noqa: ARG002 - WooCommerce signs neither its address nor a time
        now: datetime,  # noqa: ARG002
    ) -> bool:
        return webhooks.verify(headers, raw_body, self._webhook_secret.value)

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> list[Message]:
        return webhooks.parse(headers, raw_body)

    async def ensure_webhooks(self, url: str) -> list[Probe]:
        """Create what is missing, revive what WooCommerce disabled after five failures."""
        return await ensure(self._api, url, self._webhook_secret.value)

    async def remove_webhooks(self, url: str) -> None:
        await remove(self._api, url)

    async def push_stock(self, targets: Sequence[StockTarget]) -> list[Outcome]:
        """Raise only where nothing was written; after a batch without an answer the rest is not sent."""
        outcomes: list[Outcome] = []
        for batch in stock.batches_of(targets):
            try:
                answer = await self._push(batch)
            except (RetryLaterError, UnauthorizedError):
                if not outcomes:
                    raise
                break
            outcomes += answer
            if stock.unanswered(answer):
                break
        return stock.per_target(targets, outcomes)

    async def read_stock(self, channel_listing_ids: Sequence[str]) -> dict[str, int]:
        """Read each collection with `include`; what is unknown or counts no stock is left out."""
        levels: dict[str, int] = {}
        for part in stock.reads_of(channel_listing_ids):
            reply = await self._api.call("GET", part.path, query=part.query)
            if reply.status != stock.GONE:
                products = read(raise_for_status(reply, part.path), list[WireProduct], part.path)
                levels.update(stock.levels_of(part.parent, products))
        return levels

    async def fetch_refunds(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        here = scan.read_cursor(cursor)
        reply = await self._api.get("/refunds", money_back.query_of(here, until=until))
        return money_back.page_of(here, reply.body, reply.headers, until=until)

    def to_refund(self, message: Message) -> IncomingRefund:
        return money_back.to_refund(message.body)

    async def push_fulfillment(self, fulfillments: Sequence[Fulfillment]) -> list[WriteOutcome]:
        return await write_each(fulfillments, Writer(self._api).ship)

    async def push_label(self, labels: Sequence[ParcelLabel]) -> list[WriteOutcome]:
        return await write_each(labels, Writer(self._api).relabel)

    async def push_cancel(self, cancellations: Sequence[Cancellation]) -> list[WriteOutcome]:
        return await write_each(cancellations, Writer(self._api).cancel)

    async def push_refund(self, refunds: Sequence[Refund]) -> list[WriteOutcome]:
        return await write_each(refunds, Writer(self._api).pay_back)

    async def list_listings(self, cursor: str | None) -> Page[ChannelListing]:
        walk = listings.read_cursor(cursor)
        reply = await self._api.get(walk.path, walk.query)
        products = read(reply, list[WireProduct], f"GET {walk.path}")
        onwards = listings.advance(walk, products, pages_of(reply))
        return Page(listings.listings_of(walk, products), listings.write_cursor(onwards))

    async def _orders(self, ids: set[str], status: str) -> list[Message]:
        if not ids:
            return []
        include = ",".join(sorted(ids, key=int))
        query = {"include": include, "status": status, "per_page": str(scan.PAGE_MAX)}
        return webhooks.cut((await self._api.get("/orders", query)).body, "order")

    async def _push(self, batch: stock.Batch) -> list[Outcome]:
        try:
            reply = await self._api.call("POST", f"{batch.path}/batch", payload=batch.payload)
        except RetryLaterError as error:
            if not error.sent:
                raise
            return stock.all_of(batch, OutcomeState.UNKNOWN, str(error))
        return _judge(batch, reply)


class WooCommerce:
    """One kind of channel; stateless."""

    manifest: Manifest = MANIFEST
    config_type: type[ChannelConfig] = WooCommerceConfig
    channel_type = WooCommerceChannel

    def open(self, http: Http, config: WooCommerceConfig) -> WooCommerceChannel:
        return WooCommerceChannel(http, config)

    def split_file(self, raw: bytes) -> list[Message]:
        """Cut a list of orders, one order, or the body of a webhook."""
        return webhooks.split(raw)

    def to_incoming(self, message: Message, config: Any) -> IncomingOrder:  # noqa: ARG002 - the contract names it
        return translate.to_incoming(message.body)

    def redact(self, payload: bytes) -> bytes:
        return redact_json(payload, PERSONAL)

    def known_limits(self) -> list[str]:
        return LIMITS

    def account_of(self, config: WooCommerceConfig) -> Account:
        """The shop's host counts every call to it, whichever key it comes with."""
        address = urlsplit(config.base_url)
        shop = f"{address.netloc.lower()}{address.path.rstrip('/')}"
        keys = f"{shop} {config.consumer_key.value} {config.consumer_secret.value}"
        return Account(limits=shop, login=keys if config.consumer_key.value else "")


def _judge(batch: stock.Batch, reply: Reply) -> list[Outcome]:
    """A 429 applied nothing and raises; any other trouble on the way may have come after the write."""
    what = f"POST {batch.path}/batch"
    try:
        return stock.outcomes_of(batch, read(raise_for_status(reply, what), WireBatchReply, what))
    except RejectedError:
        return stock.all_of(batch, OutcomeState.REJECTED, refusal(reply))
    except RetryLaterError as error:
        if reply.status == _TOO_MANY:
            raise
        return stock.all_of(batch, OutcomeState.UNKNOWN, str(error))
    except MalformedError as error:
        return stock.all_of(batch, OutcomeState.UNKNOWN, str(error))
