"""Bookstall, a made-up market for books, API v1: see README.md. Copy this folder and begin with the wire Structs."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from hub import spec
from hub.model.incoming import Aware, IncomingLine, IncomingOrder, Payment, Person
from hub.spec.reading import read_json
from hub.spec.signing import digest
from hub.spec.transport import raise_for_status


class BookstallConfig(spec.ChannelConfig, frozen=True, forbid_unknown_fields=True):
    token: Annotated[spec.Secret, Meta(description="My stall > Programs > New token")] = spec.Secret("")


class WireLine(Struct, frozen=True):
    id: int
    item: str
    title: str
    copies: Annotated[int, Meta(gt=0)]
    price: Decimal


class WireHead(Struct, frozen=True):
    """What a message is known by: an order whose rest is wrong is still kept, and parks alone."""

    number: int
    changed_at: Aware


class WireOrder(WireHead, frozen=True):
    state: str
    bought_at: Aware
    currency: str
    paid: bool
    buyer: str
    lines: list[WireLine]
    postage: Decimal
    total: Decimal


class WirePage(Struct, frozen=True):
    orders: list[Raw]
    cursor: str
    more: bool


class Stall:
    """One stall, opened."""

    def __init__(self, http: spec.Http, config: BookstallConfig) -> None:
        self._http = http
        self._headers = {"authorization": f"Token {config.token.value}"}

    async def check(self) -> list[spec.Probe]:
        try:
            await self._call("GET", "/v1/ping")
        except spec.UnauthorizedError as error:
            return [spec.Probe("token", ok=False, detail=str(error), remedy="make a new token")]
        return [spec.Probe("token", ok=True)]

    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        query = {"cursor": cursor or "", "until": until.isoformat()}
        page = read_json(await self._call("GET", "/v1/orders", query), WirePage, "a page of orders")
        messages = [cut(bytes(each)) for each in page.orders]
        return spec.Page(messages, page.cursor if page.more else None, page.cursor)

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[spec.Message]:
        found = await self._call("GET", "/v1/orders", {"numbers": ",".join(channel_order_ids)})
        page = read_json(found, WirePage, "a page of orders")
        return [cut(bytes(each)) for each in page.orders]

    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        """Absolute numbers in one PUT: after an error it may be sent again without harm."""
        body = msgspec.json.encode({each.channel_listing_id: each.quantity for each in targets})
        answer = await self._call("PUT", "/v1/stock", body=body)
        refused = read_json(answer, dict[str, str], "the answer about stock")
        return [outcome_of(each.channel_listing_id, refused) for each in targets]

    async def _call(
        self, method: str, path: str, query: dict[str, str] | None = None, body: bytes | None = None
    ) -> bytes:
        reply = await self._http.request(method, path, query=query, body=body, headers=self._headers)
        return raise_for_status(reply, f"{method} {path}").body


class Bookstall:
    manifest = spec.Manifest(
        kind="bookstall",
        title="Bookstall",
        api_version="v1",
        capabilities=frozenset({spec.Capability.FETCH_ORDERS, spec.Capability.PUSH_STOCK}),
        idempotency={spec.Capability.PUSH_STOCK: spec.Idempotency.ABSOLUTE},
        orders_batch_max=20,
    )
    config_type: type[spec.ChannelConfig] = BookstallConfig
    channel_type = Stall

    def open(self, http: spec.Http, config: BookstallConfig) -> Stall:
        return Stall(http, config)

    def split_file(self, raw: bytes) -> list[spec.Message]:
        return [cut(raw)]

    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        del config
        order = read_json(message.body, WireOrder, "an order")
        return IncomingOrder(
            channel_order_id=str(order.number),
            channel_order_number=str(order.number),
            placed_at=order.bought_at,
            updated_at=order.changed_at,
            currency=order.currency,
            lines=[line_of(each, sent=order.state == "sent") for each in order.lines],
            total=order.total,
            shipping_total=order.postage,
            payment=Payment.PAID if order.paid else Payment.PENDING,
            channel_state=order.state,
            canceled=order.state == "void",
            person=Person(name=order.buyer),
        )


def cut(body: bytes) -> spec.Message:
    head = read_json(body, WireHead, "an order")
    key = f"bookstall:{head.number}:{digest(body)}"
    return spec.Message(key, "order", str(head.number), body)


def line_of(line: WireLine, *, sent: bool) -> IncomingLine:
    return IncomingLine(
        channel_line_id=str(line.id),
        title=line.title,
        quantity=line.copies,
        unit_price=line.price,
        total=line.price * line.copies,
        channel_listing_id=line.item,
        fulfilled=line.copies if sent else 0,
    )


def outcome_of(item: str, refused: dict[str, str]) -> spec.Outcome:
    state = spec.OutcomeState.REJECTED if item in refused else spec.OutcomeState.APPLIED
    return spec.Outcome(item, state, refused.get(item, ""))


@spec.hookimpl
def register_connectors(register: Callable[[spec.Connector], None]) -> None:
    register(Bookstall())
