"""A Square till opened with its transport: orders in, stock out, webhooks."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import UNSET, Raw
from msgspec.structs import replace

from connectors.square import after_sales, messages, probes, scan, stock, translate, webhooks, wire, writing
from connectors.square import refunds as money_back
from connectors.square import wire_shop as shop
from connectors.square.api import Answer, Api
from connectors.square.settings import API_VERSION, SquareConfig
from hub.model.incoming import IncomingOrder
from hub.spec import (
    Account,
    Cancellation,
    Capability,
    ChannelConfig,
    ChannelListing,
    ChannelLocation,
    Fulfillment,
    Http,
    Idempotency,
    IncomingRefund,
    IncomingReturn,
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
    RetryLaterError,
    StockTarget,
    UnauthorizedError,
    WriteOutcome,
)
from hub.spec.paging import Scan, begin_scan, met, page_of_scan, write_cursor
from hub.spec.redaction import redact_json
from hub.spec.transport import raise_for_status
from hub.spec.write_back import each_once

GONE = 404
ORDERS_PAGE = 500  # per search; Square's default, of 1000 at most
PERSONAL = {
    *("recipient", "buyer_email_address", "billing_address", "shipping_address", "cardholder_name"),
    *("given_name", "family_name", "display_name", "email_address", "phone_number", "address"),
    *("note", "shipping_note", "ticket_name", "customer_note", "owner_email"),
}
LIMITS = [
    "A parcel is told where it fills a fulfillment: Square lets no part of one leave.",
    "Orders that are completed, or rung up at the till, cannot be changed: nothing of them is canceled from the hub.",
    "A refund goes back by one payment; of an order paid by several, the first that was as large.",
    "Goods that came back at the till wait here to be looked at; without a receipt they are counted again by hand.",
    "What is sold by weight, length or time takes no stock.",
    "Sales of the last 30 days are read when the till joins.",
]
TRIES = 4  # of an update, while others change the order as well
COUNTS_PAGE = 1000  # per answer: BatchRetrieveInventoryCountsRequest.limit


WRITES = (
    Capability.PUSH_STOCK,
    Capability.PUSH_FULFILLMENT,
    Capability.PUSH_CANCEL,
    Capability.PUSH_REFUND,
)
Wish = TypeVar("Wish", Fulfillment, ParcelLabel, Cancellation)


class SquareChannel:
    def __init__(self, http: Http, config: SquareConfig) -> None:
        self._api = Api(http, config.access_token)
        self._config = config
        self._locations = config.locations()

    async def check(self) -> list[Probe]:
        return await probes.check(self._api, self._config)

    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        page, orders = await self._search(cursor, until)
        return replace(page, items=[messages.whole(order) for order in orders])

    async def _search(self, cursor: str | None, until: datetime) -> tuple[Page[Message], list[Raw]]:
        """The orders of a page, and where the next one is."""
        place = begin_scan(cursor, scan.TillScan, until=until, history_days=scan.HISTORY_DAYS)
        asked = scan.request(place, self._locations, ORDERS_PAGE)
        reply = await self._api.send("POST", "/v2/orders/search", asked)
        if place.page and reply.status == 400 and reply.has("INVALID_CURSOR"):
            return Page([], next_cursor=write_cursor(replace(place, page=""))), []
        page = reply.read(wire.OrderPage)
        found = page.orders or []
        heads = [messages.head_of(order) for order in found]
        place = met(place, [head.updated_at for head in heads if head.updated_at])
        following = None if page.cursor else scan.next_group(place, self._locations)
        if following:
            return Page([], next_cursor=write_cursor(following)), found
        return page_of_scan([], place, next_page=page.cursor or "", overlap_s=scan.OVERLAP_S), found

    async def fetch_refunds(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """Each with the order Square made for it, which names the sale and its lines: one call more for a page."""
        place = begin_scan(cursor, Scan, until=until, history_days=scan.HISTORY_DAYS)
        reply = await self._api.send("GET", "/v2/refunds", query=after_sales.refunds_query(place))
        if place.page and reply.status == 400 and reply.has("INVALID_CURSOR"):
            return Page([], next_cursor=write_cursor(replace(place, page="")))
        page = reply.read(shop.RefundPage)
        heads = after_sales.heads_of(page.refunds or [])
        orders = await self._raw_orders({each.order_id for each in heads if each.order_id})
        found = after_sales.refund_messages(page.refunds or [], orders, self._locations)
        place = met(place, [each.updated_at for each in heads if each.updated_at])
        return page_of_scan([*found], place, next_page=page.cursor or "", overlap_s=scan.OVERLAP_S)

    def to_refund(self, message: Message) -> IncomingRefund:
        return after_sales.to_refund(message)

    async def fetch_returns(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """Square lists no returns: they are found among its orders."""
        page, orders = await self._search(cursor, until)
        return replace(page, items=[*after_sales.return_messages(orders)])

    def to_return(self, message: Message) -> IncomingReturn:
        return after_sales.to_return(message)

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[Message]:
        asked = wire.RetrieveOrders(list(channel_order_ids))
        reply = await self._api.send("POST", "/v2/orders/batch-retrieve", asked)
        return [messages.whole(order) for order in reply.read(wire.OrderPage).orders or []]

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes, *, url: str, now: datetime) -> bool:
        """Square signs no time: an old delivery is as good as a new one, and `event_id` makes it harmless."""
        del now
        return webhooks.is_signed(headers, raw_body, url=url, key=self._config.webhook_signature_key.value)

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> list[Message]:
        del headers
        return messages.from_event(raw_body, self._locations)

    async def ensure_webhooks(self, url: str) -> list[Probe]:
        existing = [each async for each in self._subscriptions() if each.notification_url == url]
        current = next(iter(existing), None)
        was_off = current is not None and current.enabled is False
        wanted = webhooks.subscription_for(url, API_VERSION, current)
        if current is None:
            # No idempotency key: a subscription deleted by hand would come back as the remembered answer.
            reply = await self._api.send(
                "POST", "/v2/webhooks/subscriptions", shop.ChangeSubscription(wanted)
            )
            current = reply.read(shop.Subscriptions).subscription
        elif not webhooks.is_current(current, wanted):
            path = f"/v2/webhooks/subscriptions/{current.id}"
            reply = await self._api.send("PUT", path, shop.ChangeSubscription(wanted))
            current = reply.read(shop.Subscriptions).subscription or current
        return probes.subscribed(current, self._config, was_off=was_off)

    async def remove_webhooks(self, url: str) -> None:
        for each in [each async for each in self._subscriptions() if each.notification_url == url]:
            reply = await self._api.send("DELETE", f"/v2/webhooks/subscriptions/{each.id}")
            if reply.status != GONE:
                raise_for_status(reply.reply, reply.what)

    async def push_stock(self, targets: Sequence[StockTarget]) -> list[Outcome]:
        chosen = stock.latest(targets)
        if not chosen:
            return []
        asked = stock.change_request(chosen, self._config.stock_location())
        path = "/v2/inventory/changes/batch-create"
        try:
            reply = await self._api.send("POST", path, asked, key=asked.idempotency_key)
        except RetryLaterError as error:
            if not error.sent:
                raise
            return stock.unknown(targets, f"No answer from Square: {error}")
        if reply.status in {400, 404, 409}:
            outcomes = stock.refused(chosen, reply.errors())
        else:
            outcomes = self._confirmed(chosen, reply)
        by_listing = {each.channel_listing_id: each for each in outcomes}
        return [by_listing[each.channel_listing_id] for each in targets]

    @staticmethod
    def _confirmed(chosen: Sequence[StockTarget], reply: Answer) -> list[Outcome]:
        """A 2xx answer that cannot be read came after the write: what it wrote is not known."""
        try:
            return stock.confirmed(chosen, reply.read(shop.InventoryCounts))
        except MalformedError as error:
            return stock.unknown(chosen, str(error))

    async def read_stock(self, channel_listing_ids: Sequence[str]) -> dict[str, int]:
        if not channel_listing_ids:
            return {}
        return {each.catalog_object_id: stock.units(each) async for each in self._counts(channel_listing_ids)}

    async def push_refund(self, refunds: Sequence[Refund]) -> list[WriteOutcome]:
        orders = await self._paid({each.channel_order_id for each in refunds}) if refunds else {}
        return await each_once(refunds, lambda wish: self._pay_back(wish, orders.get(wish.channel_order_id)))

    async def push_fulfillment(self, fulfillments: Sequence[Fulfillment]) -> list[WriteOutcome]:
        return await self._update_each(fulfillments, writing.parcel_of)

    async def push_label(self, labels: Sequence[ParcelLabel]) -> list[WriteOutcome]:
        return await self._update_each(labels, writing.label_of)

    async def push_cancel(self, cancellations: Sequence[Cancellation]) -> list[WriteOutcome]:
        return await self._update_each(cancellations, writing.cancel_of)

    async def list_listings(self, cursor: str | None) -> Page[ChannelListing]:
        query = {"types": "ITEM"} | ({"cursor": cursor} if cursor else {})
        catalog = (await self._api.send("GET", "/v2/catalog/list", query=query)).read(shop.Catalog)
        offered = translate.catalog_listings(catalog)
        counted = await self.read_stock([each.id for _, each in offered])
        items = [translate.listing(title, each, counted.get(each.id)) for title, each in offered]
        return Page(items, next_cursor=catalog.cursor or None)

    async def list_locations(self, cursor: str | None) -> Page[ChannelLocation]:
        """All of them: Square does not page its locations."""
        del cursor
        reply = (await self._api.send("GET", "/v2/locations")).read(shop.Locations)
        active = [each for each in reply.locations or [] if each.status != "INACTIVE"]
        return Page([ChannelLocation(each.id, each.name or each.id) for each in active])

    async def _update_each(
        self, wishes: Sequence[Wish], judge: Callable[[shop.OpenOrder, Wish], writing.Judged]
    ) -> list[WriteOutcome]:
        orders = await self._open({each.channel_order_id for each in wishes}) if wishes else {}
        return await each_once(
            wishes, lambda wish: self._update(wish, orders.get(wish.channel_order_id), judge)
        )

    async def _update(
        self,
        wish: Wish,
        order: shop.OpenOrder | None,
        judge: Callable[[shop.OpenOrder, Wish], writing.Judged],
    ) -> WriteOutcome:
        """Raises RejectedError for what Square need not be asked."""
        for _ in range(TRIES):
            if order is None:
                msg = "Square has no such order"
                raise RejectedError(msg)
            asked = judge(order, wish)
            if isinstance(asked, WriteOutcome):
                return asked
            try:
                reply = await self._api.send(
                    "PUT", f"/v2/orders/{order.id}", asked, key=asked.idempotency_key
                )
            except RetryLaterError as error:
                if not error.sent:
                    raise
                return writing.unknown(wish.key, str(error))
            if not writing.has_changed(reply):
                return writing.outcome_of(wish.key, asked, reply)
            order = (await self._open({order.id})).get(order.id)
        return writing.unknown(wish.key, "others change the order in Square as often as it is read")

    async def _raw_orders(self, order_ids: set[str]) -> dict[str, Raw]:
        if not order_ids:
            return {}
        asked = wire.RetrieveOrders(sorted(order_ids))
        reply = await self._api.send("POST", "/v2/orders/batch-retrieve", asked)
        orders = reply.read(wire.OrderPage).orders or []
        return {messages.head_of(order).id: order for order in orders}

    async def _open(self, order_ids: set[str]) -> dict[str, shop.OpenOrder]:
        reply = await self._api.send(
            "POST", "/v2/orders/batch-retrieve", wire.RetrieveOrders(sorted(order_ids))
        )
        return {each.id: each for each in reply.read(shop.OpenOrders).orders or []}

    async def _paid(self, order_ids: set[str]) -> dict[str, shop.PaidOrder]:
        reply = await self._api.send(
            "POST", "/v2/orders/batch-retrieve", wire.RetrieveOrders(sorted(order_ids))
        )
        return {each.id: each for each in reply.read(shop.PaidOrders).orders or []}

    async def _pay_back(self, wish: Refund, order: shop.PaidOrder | None) -> WriteOutcome:
        asked = money_back.request_of(wish, order)
        try:
            reply = await self._api.send("POST", "/v2/refunds", asked, key=wish.key)
        except RetryLaterError as error:
            if not error.sent:
                raise
            return money_back.unknown(wish, str(error))
        outcome = money_back.outcome_of(wish, reply)
        if outcome.state is OutcomeState.UNKNOWN and outcome.channel_ref:
            return await self._read_back(wish, outcome)
        return outcome

    async def _read_back(self, wish: Refund, taken: WriteOutcome) -> WriteOutcome:
        """The same key has the same answer for ever, so what became of a refund that Square took is read."""
        try:
            reply = await self._api.send("GET", f"/v2/refunds/{taken.channel_ref}")
            found = reply.read(shop.RefundMade).refund
        except (RetryLaterError, UnauthorizedError, RejectedError, MalformedError) as error:
            return replace(taken, reason=f"{taken.reason}: {error}")
        return money_back.judged(wish, found) if found else taken

    async def _counts(self, listing_ids: Sequence[str]) -> AsyncIterator[shop.InventoryCount]:
        page: str | None = ""
        place = [self._config.stock_location()]
        while page is not None:
            asked = shop.RetrieveCounts(
                list(listing_ids), place, [stock.IN_STOCK], COUNTS_PAGE, page or UNSET
            )
            reply = await self._api.send("POST", "/v2/inventory/counts/batch-retrieve", asked)
            counts = reply.read(shop.InventoryCounts)
            for count in counts.counts or []:
                yield count
            page = counts.cursor or None

    async def _subscriptions(self) -> AsyncIterator[shop.Subscription]:
        page: str | None = ""
        while page is not None:
            query = {"include_disabled": "true"} | ({"cursor": page} if page else {})
            reply = await self._api.send("GET", "/v2/webhooks/subscriptions", query=query)
            found = reply.read(shop.Subscriptions)
            for each in found.subscriptions or []:
                yield each
            page = found.cursor or None


class SquareConnector:
    manifest = Manifest(
        kind="square",
        title="Square (till)",
        api_version=API_VERSION,
        capabilities=frozenset(
            {
                Capability.FETCH_ORDERS,
                Capability.RECEIVE_WEBHOOKS,
                Capability.LIST_LISTINGS,
                Capability.LIST_LOCATIONS,
                Capability.PUSH_STOCK,
                Capability.READ_STOCK,
                Capability.PUSH_FULFILLMENT,
                Capability.PUSH_LABEL,
                Capability.PUSH_CANCEL,
                Capability.PUSH_REFUND,
                Capability.FETCH_RETURNS,
                Capability.FETCH_REFUNDS,
                Capability.REDACT,
                Capability.KNOWN_LIMITS,
                Capability.NAME_ACCOUNT,
            }
        ),
        idempotency=dict.fromkeys(WRITES, Idempotency.KEY) | {Capability.PUSH_LABEL: Idempotency.ABSOLUTE},
        stock_batch_max=100,
        orders_batch_max=100,
        overlap_s=scan.OVERLAP_S,
        history_days=scan.HISTORY_DAYS,
    )
    config_type: type[ChannelConfig] = SquareConfig
    channel_type = SquareChannel

    def open(self, http: Http, config: SquareConfig) -> SquareChannel:
        return SquareChannel(http, config)

    def split_file(self, raw: bytes) -> list[Message]:
        return messages.split_file(raw)

    def to_incoming(self, message: Message, config: Any) -> IncomingOrder:
        del config
        return translate.to_incoming(message)

    def redact(self, payload: bytes) -> bytes:
        return redact_json(payload, PERSONAL)

    def known_limits(self) -> list[str]:
        return LIMITS

    def account_of(self, config: SquareConfig) -> Account:
        """Square counts the calls of an application for a seller, and its token stands for both."""
        token = config.access_token.value
        return Account(limits=token, login=token)
