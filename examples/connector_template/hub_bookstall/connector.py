"""The kind `bookstall`, and one channel of it opened with its token."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from hub import spec
from hub.model.incoming import IncomingOrder
from hub.spec.reading import read_json
from hub.spec.signing import hmac_sha256_base64, same
from hub.spec.transport import raise_for_status
from hub_bookstall import translate
from hub_bookstall.wire import WireItems, WirePage

READ_MAX = 100  # items in one call: "GET /v1/stock"


class BookstallConfig(spec.ChannelConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[spec.Secret, Meta(description="Where a person finds it: Settings > API > New token")]
    secret: Annotated[
        spec.Secret, Meta(description="Any long random text: Bookstall signs its webhooks with it")
    ] = spec.Secret("")


class BookstallChannel:
    """One channel, opened."""

    def __init__(self, http: spec.Http, config: BookstallConfig) -> None:
        self._http = http
        self._config = config

    async def check(self) -> list[spec.Probe]:
        """Tell a wrong address and a wrong token apart."""
        try:
            read_json(await self._call("GET", "/v1/ping"), dict[str, str], "the answer to a ping")
        except spec.UnauthorizedError as error:
            remedy = "let the token do all it is asked for" if error.forbidden else "make a new token"
            return [spec.Probe("token", ok=False, detail=str(error), remedy=remedy)]
        except (spec.RetryLaterError, spec.RejectedError, spec.MalformedError) as error:
            remedy = "check the address, and that Bookstall is up"
            return [spec.Probe("address", ok=False, detail=str(error), remedy=remedy)]
        return [spec.Probe("address", ok=True), spec.Probe("token", ok=True)]

    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        query = {"cursor": cursor or "", "until": until.isoformat()}
        page = read_json(await self._call("GET", "/v1/orders", query), WirePage, "a page of orders")
        messages = [translate.cut(bytes(each)) for each in page.orders]
        return spec.Page(messages, page.cursor if page.more else None, page.cursor)

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[spec.Message]:
        found = await self._call("GET", "/v1/orders", {"numbers": ",".join(channel_order_ids)})
        page = read_json(found, WirePage, "a page of orders")
        return [translate.cut(bytes(each)) for each in page.orders]

    async def _call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: object = None
    ) -> bytes:
        headers = {"authorization": f"Token {self._config.token.value}"}
        raw = None if body is None else msgspec.json.encode(body)
        reply = await self._http.request(method, path, query=query, body=raw, headers=headers)
        return raise_for_status(reply, f"{method} {path}").body

    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        """Absolute numbers in one call. An answer that cannot be read came after the write: nobody knows."""
        newest = {each.channel_listing_id: each for each in sorted(targets, key=lambda each: each.version)}
        if not newest:
            return []
        levels = {listing: target.quantity for listing, target in newest.items()}
        answer = await self._call("PUT", "/v1/stock", body=levels)
        try:
            refused = read_json(answer, dict[str, str], "the answer about stock")
        except spec.MalformedError as error:
            return [spec.Outcome(each, spec.OutcomeState.UNKNOWN, str(error)) for each in newest]
        return [outcome_of(each, refused) for each in newest]

    async def read_stock(self, channel_listing_ids: Sequence[str]) -> dict[str, int]:
        shown: dict[str, int] = {}
        for start in range(0, len(channel_listing_ids), READ_MAX):
            items = ",".join(channel_listing_ids[start : start + READ_MAX])
            answer = await self._call("GET", "/v1/stock", {"items": items})
            shown |= read_json(answer, dict[str, int], "the stock")
        return shown

    async def list_listings(self, cursor: str | None) -> spec.Page[spec.ChannelListing]:
        answer = await self._call("GET", "/v1/items", {"cursor": cursor or ""})
        page = read_json(answer, WireItems, "a page of items")
        items = [spec.ChannelListing(each.item, each.code, each.title, each.copies) for each in page.items]
        return spec.Page(items, page.cursor if page.more else None)

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes, *, url: str, now: datetime) -> bool:
        """Bookstall signs the body alone: neither its address nor a time."""
        del url, now
        secret = self._config.secret.value
        return bool(secret) and same(hmac_sha256_base64(secret, raw_body), headers.get("x-signature", ""))

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> list[spec.Message]:
        """Each delivery is one whole order, as the poll brings it."""
        del headers
        return [translate.message_of(raw_body)]

    async def ensure_webhooks(self, url: str) -> list[spec.Probe]:
        """One call makes the subscription, or switches it on again."""
        wish = {"url": url, "secret": self._config.secret.value}
        answer = await self._call("PUT", "/v1/hook", body=wish)
        was = read_json(answer, dict[str, str], "the answer about the webhook").get("was")
        return [spec.Probe("orders", ok=True, mended=was == "off")]

    async def remove_webhooks(self, url: str) -> None:
        await self._call("DELETE", "/v1/hook", {"url": url})


class Bookstall:
    """One kind of channel; stateless."""

    manifest = spec.Manifest(
        kind="bookstall",
        title="Bookstall",
        api_version="v1",
        capabilities=frozenset(
            {
                spec.Capability.FETCH_ORDERS,
                spec.Capability.PUSH_STOCK,
                spec.Capability.READ_STOCK,
                spec.Capability.LIST_LISTINGS,
                spec.Capability.RECEIVE_WEBHOOKS,
            }
        ),
        idempotency={spec.Capability.PUSH_STOCK: spec.Idempotency.ABSOLUTE},
        orders_batch_max=20,
    )
    config_type: type[spec.ChannelConfig] = BookstallConfig
    channel_type = BookstallChannel

    def open(self, http: spec.Http, config: BookstallConfig) -> BookstallChannel:
        return BookstallChannel(http, config)

    def split_file(self, raw: bytes) -> list[spec.Message]:
        return translate.split_file(raw)

    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        del config
        return translate.to_incoming(message.body)


def outcome_of(item: str, refused: Mapping[str, str]) -> spec.Outcome:
    state = spec.OutcomeState.REJECTED if item in refused else spec.OutcomeState.APPLIED
    return spec.Outcome(item, state, refused.get(item, ""))
