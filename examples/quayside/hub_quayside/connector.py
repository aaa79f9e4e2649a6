"""The kind `quayside`, and one channel of it opened with its key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from hub import spec
from hub.model.incoming import IncomingOrder
from hub.spec.moments import zone_of
from hub.spec.paging import Scan, begin_scan, met, page_of_scan
from hub.spec.reading import read_json
from hub.spec.signing import hmac_sha256_hex
from hub.spec.transport import raise_for_status
from hub_quayside import translate
from hub_quayside.wire import WirePage, WireShop, WireWritten

BATCH_MAX = 50  # rows of one call: "POST /api/stock", "GET /api/orders?ids="
OVERLAP_S = 3720  # the hour that an autumn has twice, and two minutes
BUDGET = spec.Budget(name="calls", limit=60, window_s=60)


class QuaysideConfig(spec.ChannelConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Annotated[str, Meta(description="Settings > API > Key")]
    secret: Annotated[spec.Secret, Meta(description="Shown once, together with the key")]
    time_zone: Annotated[str, Meta(description="Settings > General > Zone, such as Europe/Berlin")]


class QuaysideChannel:
    """One channel, opened."""

    def __init__(self, http: spec.Http, config: QuaysideConfig) -> None:
        self._http = http
        self._config = config
        self._zone = zone_of(config.time_zone)

    async def check(self) -> list[spec.Probe]:
        """Tell a wrong address, a wrong key and a wrong zone apart."""
        try:
            shop = read_json(await self._call("GET", "/api/shop"), WireShop, "the shop")
        except spec.UnauthorizedError as error:
            remedy = "let the key do all it is asked for" if error.forbidden else "make a new key"
            return [spec.Probe("key", ok=False, detail=str(error), remedy=remedy)]
        except (spec.RetryLaterError, spec.RejectedError, spec.MalformedError) as error:
            remedy = "check the address, and that Quayside is up"
            return [spec.Probe("address", ok=False, detail=str(error), remedy=remedy)]
        right = shop.zone == self._config.time_zone
        zone = spec.Probe("zone", ok=right, remedy="" if right else f"set time_zone to {shop.zone}")
        return [spec.Probe("address", ok=True), spec.Probe("key", ok=True), zone]

    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        """From the last change met on, page 1 again: by number alone, what moves meanwhile is skipped."""
        scan = begin_scan(cursor, Scan, until=until)
        first = f"{translate.local(scan.since, self._zone)}|1"
        since, _, number = (scan.page or first).partition("|")
        query = {"page": number} | ({"changed_from": since} if since else {})
        page = read_json(await self._call("GET", "/api/orders", query), WirePage, "a page of orders")
        bodies = [bytes(each) for each in page.rows]
        changed = list(translate.changes_of(bodies, self._zone))
        messages = [translate.cut(each) for each in bodies]
        following = self._following(page, since, changed)
        return page_of_scan(messages, met(scan, changed), next_page=following, overlap_s=OVERLAP_S)

    def _following(self, page: WirePage, since: str, changed: Sequence[datetime]) -> str:
        """Where a whole page changed at one moment, only its number leads on."""
        if page.page >= page.pages:
            return ""
        last = translate.local(max(changed, default=None), self._zone)
        return f"{last}|1" if last > since else f"{since}|{page.page + 1}"

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[spec.Message]:
        found = await self._call("GET", "/api/orders", {"ids": ",".join(channel_order_ids)})
        page = read_json(found, WirePage, "a page of orders")
        return [translate.cut(bytes(each)) for each in page.rows]

    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        """Absolute numbers in one call. An answer that cannot be read came after the write: nobody knows."""
        newest = {each.channel_listing_id: each for each in sorted(targets, key=lambda each: each.version)}
        if not newest:
            return []
        rows = [{"sku": sku, "qty": target.quantity} for sku, target in newest.items()]
        answer = await self._call("POST", "/api/stock", body={"rows": rows})
        try:
            written = read_json(answer, WireWritten, "the answer about stock")
        except spec.MalformedError as error:
            return [spec.Outcome(each, spec.OutcomeState.UNKNOWN, str(error)) for each in newest]
        return [outcome_of(each, written) for each in newest]

    async def _call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: object = None
    ) -> bytes:
        at = str(int(self._http.now().timestamp()))
        signature = hmac_sha256_hex(self._config.secret.value, f"{method}\n{path}\n{at}".encode())
        headers = {"x-quay-key": self._config.key, "x-quay-time": at, "x-quay-sign": signature}
        raw = None if body is None else msgspec.json.encode(body)
        reply = await self._http.request(method, path, query=query, body=raw, headers=headers)
        return raise_for_status(reply, f"{method} {path}").body


class Quayside:
    """One kind of channel; stateless."""

    manifest = spec.Manifest(
        kind="quayside",
        title="Quayside",
        api_version="v2",
        capabilities=frozenset({spec.Capability.FETCH_ORDERS, spec.Capability.PUSH_STOCK}),
        time_zones=spec.TimeZones.LOCAL,
        idempotency={spec.Capability.PUSH_STOCK: spec.Idempotency.ABSOLUTE},
        orders_batch_max=BATCH_MAX,
        stock_batch_max=BATCH_MAX,
        overlap_s=OVERLAP_S,
        budgets=(BUDGET,),
    )
    config_type: type[spec.ChannelConfig] = QuaysideConfig
    channel_type = QuaysideChannel

    def open(self, http: spec.Http, config: QuaysideConfig) -> QuaysideChannel:
        return QuaysideChannel(http, config)

    def split_file(self, raw: bytes) -> list[spec.Message]:
        return translate.split_file(raw)

    def to_incoming(self, message: spec.Message, config: QuaysideConfig) -> IncomingOrder:
        return translate.to_incoming(message.body, zone_of(config.time_zone))


def outcome_of(sku: str, written: WireWritten) -> spec.Outcome:
    """What the answer names neither as done nor as failed, nobody knows."""
    reasons = {each.sku: each.why for each in written.failed}
    if sku in reasons:
        return spec.Outcome(sku, spec.OutcomeState.REJECTED, reasons[sku])
    state = spec.OutcomeState.APPLIED if sku in written.done else spec.OutcomeState.UNKNOWN
    return spec.Outcome(sku, state)
