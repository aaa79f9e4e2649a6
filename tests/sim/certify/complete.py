"""A connector that has every capability there is, over a simulator that has them too: the template, and the rest."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import msgspec
from hub_bookstall.connector import Bookstall, BookstallChannel, outcome_of
from hub_bookstall.simulator import BookstallSimulator
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace
from typing_extensions import override

from hub import spec
from hub.model.incoming import IncomingOrder, IncomingParcel, LineKind, Person, Pickup
from hub.spec.auth import ask_for_tokens, login_url
from hub.spec.reading import read_json
from hub.spec.redaction import redact_json
from hub.spec.signing import digest, hmac_sha256_base64
from hub.spec.testing import (
    NOT_AS_EXPECTED,
    Delivery,
    Profile,
    SimCall,
    SimGood,
    SimHook,
    SimItem,
    SimOrder,
    SimReply,
    SimSale,
    page_of,
    sim_json,
)
from hub.spec.transport import raise_for_status


class FullConfig(spec.ChannelConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Version 1 called the client the program."""

    version: ClassVar[int] = 2
    stored: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"base_url": "https://there.example", "program": "hub", "client_secret": {"value": "s"}}
    }

    client: Annotated[str, Meta(description="Name of the program, as registered there")] = "hub"
    client_secret: Annotated[spec.Secret, Meta(description="Settings > Programs")]
    secret: Annotated[spec.Secret, Meta(description="Any long random text")] = spec.Secret("")

    @classmethod
    @override
    def upgrade(cls, held: dict[str, Any], version: int) -> dict[str, Any]:
        del version
        kept = {name: value for name, value in held.items() if name != "program"}
        return {"client": held["program"], **kept} if "program" in held else kept


PLACES_PAGE = 50


class Answer(Struct, frozen=True):
    """What it says to a wish: "" where it was done."""

    refused: str


class Paged(Struct, frozen=True):
    items: list[Raw]
    cursor: str
    more: bool


class Places(Struct, frozen=True):
    places: dict[str, str]
    more: bool


class WireHandover(Struct, frozen=True):
    """What its orders say beside money and goods; `bundled` counts the parts of a bundle."""

    collected: bool = False
    at_the_door: bool = False
    parcels: list[str] = []
    bundled: int = 0


class FullChannel(BookstallChannel):
    @override
    async def _call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: object = None
    ) -> bytes:
        raw = None if body is None else msgspec.json.encode(body)
        reply = await self._http.request(method, path, query=query, body=raw)
        return raise_for_status(reply, f"{method} {path}").body

    @override
    async def check(self) -> list[spec.Probe]:
        """An account of another region is refused by name."""
        probes = await super().check()
        if any("421" in each.detail for each in probes):
            remedy = "give the address of the region the account was made in"
            return [spec.Probe("region", ok=False, remedy=remedy)]
        return probes

    async def list_locations(self, cursor: str | None) -> spec.Page[spec.ChannelLocation]:
        answer = await self._call("GET", "/v1/places", {"after": cursor or ""})
        page = read_json(answer, Places, "the places")
        places = [spec.ChannelLocation(key, name) for key, name in page.places.items()]
        return spec.Page(places, next_cursor=max(page.places) if page.more else None)

    @override
    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        """The kind compares and sets: what shows another number than expected is unknown."""
        newest = {each.channel_listing_id: each for each in sorted(targets, key=lambda each: each.version)}
        if not newest:
            return []
        body = {
            "levels": {listing: each.quantity for listing, each in newest.items()},
            "expected": {
                listing: each.expected for listing, each in newest.items() if each.expected is not None
            },
        }
        answer = await self._call("PUT", "/v1/compared-stock", body=body)
        try:
            refused = read_json(answer, dict[str, str], "the answer about stock")
        except spec.MalformedError as error:
            return [spec.Outcome(each, spec.OutcomeState.UNKNOWN, str(error)) for each in newest]
        outcomes = [outcome_of(each, refused) for each in newest]
        return [
            replace(each, state=spec.OutcomeState.UNKNOWN) if each.reason == NOT_AS_EXPECTED else each
            for each in outcomes
        ]

    async def push_fulfillment(self, fulfillments: Sequence[spec.Fulfillment]) -> list[spec.WriteOutcome]:
        async def send(each: spec.Fulfillment) -> bytes:
            lines = {line.channel_line_id: line.quantity for line in each.lines}
            body = {"key": each.key, "lines": lines, "number": each.tracking_number, "carrier": each.carrier}
            return await self._call("POST", f"/v1/orders/{each.channel_order_id}/parcels", body=body)

        return await self._each(fulfillments, send)

    async def push_label(self, labels: Sequence[spec.ParcelLabel]) -> list[spec.WriteOutcome]:
        async def send(each: spec.ParcelLabel) -> bytes:
            body = {"number": each.tracking_number, "carrier": each.carrier}
            path = f"/v1/orders/{each.channel_order_id}/parcels/{each.parcel_key}"
            return await self._call("PUT", path, body=body)

        return await self._each(labels, send)

    async def push_cancel(self, cancellations: Sequence[spec.Cancellation]) -> list[spec.WriteOutcome]:
        async def send(each: spec.Cancellation) -> bytes:
            return await self._call(
                "POST", f"/v1/orders/{each.channel_order_id}/cancel", body={"key": each.key}
            )

        return await self._each(cancellations, send)

    async def push_refund(self, refunds: Sequence[spec.Refund]) -> list[spec.WriteOutcome]:
        async def send(each: spec.Refund) -> bytes:
            body = {"key": each.key, "amount": str(each.amount), "currency": each.currency}
            return await self._call("POST", f"/v1/orders/{each.channel_order_id}/refunds", body=body)

        return await self._each(refunds, send)

    async def push_return_decision(self, decisions: Sequence[spec.ReturnDecision]) -> list[spec.WriteOutcome]:
        async def send(each: spec.ReturnDecision) -> bytes:
            body = {"key": each.key, "accepted": "yes" if each.accepted else "no"}
            return await self._call("POST", f"/v1/returns/{each.channel_return_id}/decision", body=body)

        return await self._each(decisions, send)

    async def _each(
        self, wishes: Sequence[Any], send: Callable[[Any], Awaitable[bytes]]
    ) -> list[spec.WriteOutcome]:
        """One call for each key. A lost answer leaves it unknown; what comes before any write is raised."""
        outcomes: dict[str, spec.WriteOutcome] = {}
        for each in {wish.key: wish for wish in wishes}.values():
            try:
                outcomes[each.key] = await self._outcome(each, send)
            except spec.UnauthorizedError:
                if not outcomes:
                    raise
                outcomes[each.key] = spec.WriteOutcome(each.key, spec.OutcomeState.UNKNOWN)
        return list(outcomes.values())

    async def _outcome(self, each: Any, send: Callable[[Any], Awaitable[bytes]]) -> spec.WriteOutcome:
        try:
            refused = read_json(await send(each), Answer, "the answer").refused
        except (spec.RetryLaterError, spec.MalformedError) as error:
            return spec.WriteOutcome(each.key, spec.OutcomeState.UNKNOWN, str(error))
        state = spec.OutcomeState.REJECTED if refused else spec.OutcomeState.APPLIED
        return spec.WriteOutcome(each.key, state, refused)

    async def fetch_returns(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        return await self._page("returns", cursor, until)

    async def fetch_refunds(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        return await self._page("refunds", cursor, until)

    async def fetch_settlements(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        return await self._page("settlements", cursor, until)

    async def _page(self, what: str, cursor: str | None, until: datetime) -> spec.Page[spec.Message]:
        query = {"cursor": cursor or "", "until": until.isoformat()}
        page = read_json(await self._call("GET", f"/v1/{what}", query), Paged, f"a page of {what}")
        messages = [_message(what, bytes(each)) for each in page.items]
        return spec.Page(messages, page.cursor if page.more else None, page.cursor)

    def to_return(self, message: spec.Message) -> spec.IncomingReturn:
        return read_json(message.body, spec.IncomingReturn, "the return")

    def to_refund(self, message: spec.Message) -> spec.IncomingRefund:
        return read_json(message.body, spec.IncomingRefund, "the refund")

    def to_settlement(self, message: spec.Message) -> spec.IncomingSettlement:
        return read_json(message.body, spec.IncomingSettlement, "the settlement")


class Head(Struct, frozen=True):
    channel_order_id: str = ""


def _message(what: str, body: bytes) -> spec.Message:
    order_id = read_json(body, Head, what).channel_order_id
    return spec.Message(f"{what}:{digest(body)}", what, order_id, body)


class Full(Bookstall):
    manifest = replace(
        Bookstall.manifest,
        kind="full",
        title="Full",
        capabilities=frozenset(spec.Capability),
        idempotency={
            spec.Capability.PUSH_STOCK: spec.Idempotency.ABSOLUTE,
            spec.Capability.PUSH_FULFILLMENT: spec.Idempotency.KEY,
            spec.Capability.PUSH_LABEL: spec.Idempotency.ABSOLUTE,
            spec.Capability.PUSH_CANCEL: spec.Idempotency.KEY,
            spec.Capability.PUSH_REFUND: spec.Idempotency.KEY,
            spec.Capability.PUSH_RETURN_DECISION: spec.Idempotency.KEY,
        },
        compares_stock=True,
        budgets=(spec.Budget(name="api", limit=60, window_s=6),),
        token_header="authorization",
        token_prefix="Bearer ",
    )
    config_type: type[spec.ChannelConfig] = FullConfig
    channel_type: type[FullChannel] = FullChannel

    @override
    def open(self, http: spec.Http, config: Any) -> FullChannel:
        return self.channel_type(http, config)

    @override
    def to_incoming(self, message: spec.Message, config: Any) -> IncomingOrder:
        """The first line of a bundle is the bundle itself: its parts take the stock, at no price."""
        order = super().to_incoming(message, config)
        said = read_json(message.body, WireHandover, "the order")
        lines = order.lines
        if said.bundled:
            lines = [replace(lines[0], kind=LineKind.CUSTOM), *lines[1:]]
        numbers = enumerate(said.parcels, start=1)
        return replace(
            order,
            lines=lines,
            parcels=tuple(IncomingParcel(f"{place}", tracking=number) for place, number in numbers),
            pickup=Pickup() if said.collected else None,
            cash_on_delivery=said.at_the_door,
        )

    def auth_begin(self, config: FullConfig, *, redirect_url: str, state: str) -> str:
        query = {"client_id": config.client, "redirect_uri": redirect_url, "state": state}
        return login_url(f"{config.base_url}/login", query)

    async def auth_complete(
        self, http: spec.Http, config: FullConfig, answer: Mapping[str, str], *, redirect_url: str
    ) -> spec.Tokens:
        if "code" not in answer:
            msg = f"the log-in was refused: {answer.get('error', 'no code came back')}"
            raise spec.UnauthorizedError(msg)
        return await self._ask(
            http, config, grant_type="authorization_code", code=answer["code"], redirect_uri=redirect_url
        )

    async def auth_refresh(self, http: spec.Http, config: FullConfig, tokens: spec.Tokens) -> spec.Tokens:
        return await self._ask(http, config, grant_type="refresh_token", refresh_token=tokens.refresh.value)

    async def _ask(self, http: spec.Http, config: FullConfig, **form: str) -> spec.Tokens:
        proof = {"client_id": config.client, "client_secret": config.client_secret.value}
        return await ask_for_tokens(http, "/oauth/token", {**form, **proof})

    def redact(self, payload: bytes) -> bytes:
        return redact_json(payload, {"buyer"})

    def known_limits(self) -> list[str]:
        return ["It cannot split a line over two parcels of one carrier."]

    def account_of(self, config: FullConfig) -> spec.Account:
        return spec.Account(limits=config.client_secret.value)


class Handed(Struct, frozen=True):
    collected: bool
    at_the_door: bool
    parcels: list[str]


class FullSimulator(BookstallSimulator):
    """Keeps tokens, places, parcels, money and returns as well."""

    kind = "full"

    def __init__(self, items: Sequence[SimItem], profile: Profile | None = None) -> None:
        super().__init__(items, profile)
        self.payouts: list[dict[str, object]] = []
        self.settled: set[str] = set()
        self.access, self.renewal, self.codes, self.count = "", "", set[str](), 0
        self.collected: set[str] = set()
        self.bundled: dict[str, int] = {}
        self.places = {"001": "Cellar", "002": "Attic"}
        self.away = False
        self.labeled: dict[
            str, int
        ] = {}  # the place of each parcel in its order, by the key it was told with

    @override
    def settings(self, base_url: str) -> dict[str, str]:
        return {
            "base_url": base_url,
            "client_secret": self.made_up("client"),
            "secret": self.made_up("secret"),
        }

    @override
    def refuse(self, call: SimCall) -> SimReply | None:
        known = bool(self.access) and call.headers.get("authorization") == f"Bearer {self.access}"
        at_the_door = call.request.path == "/oauth/token"
        if self.away and known:
            return sim_json({"error": "this account lives in another region"}, 421)
        return None if known or at_the_door else sim_json({"error": "who are you?"}, 401)

    @override
    def routes(self) -> Mapping[str, Any]:
        return {
            **super().routes(),
            "POST /oauth/token": self._token,
            "PUT /v1/compared-stock": self._compare_and_set,
            "GET /v1/places": self._places,
            "GET /v1/orders": self._orders_with_more,
            "POST /v1/orders/{number}/parcels": self._parcel,
            "PUT /v1/orders/{number}/parcels/{key}": self._relabel,
            "POST /v1/orders/{number}/cancel": lambda call: self._said(
                self.cancel_order(call.parts["number"], call.read(dict[str, str])["key"], at=call.at)
            ),
            "POST /v1/orders/{number}/refunds": self._refund,
            "POST /v1/returns/{number}/decision": self._decision,
            "GET /v1/returns": lambda call: self._list(
                call, sorted(self.returns.values(), key=_mark), _return_json
            ),
            "GET /v1/refunds": lambda call: self._list(
                call, sorted(self.refunds.values(), key=_mark), _refund_json
            ),
            "GET /v1/settlements": lambda call: self._list(call, self.payouts, lambda each: each),
        }

    @override
    def sale(self, channel_order_id: str) -> SimSale:
        order = self.orders[channel_order_id]
        return replace(order.sale(), **msgspec.to_builtins(self._more_of(order)))

    def _more_of(self, order: SimOrder) -> Handed:
        return Handed(order.id in self.collected, order.number % 4 == 0, order.parcels)

    @override
    def webhook(self, hook: SimHook, topic: str, order: SimOrder, at: datetime) -> Delivery:
        made = super().webhook(hook, topic, order, at)
        body = self._with_more(made.body)
        return Delivery(
            made.url, {**made.headers, "x-signature": hmac_sha256_base64(hook.secret, body)}, body
        )

    def _orders_with_more(self, call: SimCall) -> SimReply:
        page = self._orders(call)
        told = msgspec.json.decode(page.body, type=dict[str, Any])
        orders = [msgspec.Raw(self._with_more(msgspec.json.encode(each))) for each in told["orders"]]
        return sim_json(told | {"orders": orders})

    def _with_more(self, body: bytes) -> bytes:
        told = msgspec.json.decode(body, type=dict[str, Any])
        order = self.orders[str(told["number"])]
        more = msgspec.to_builtins(self._more_of(order)) | {"bundled": self.bundled.get(order.id, 0)}
        return msgspec.json.encode(told | more)

    def collect(self, channel_order_id: str, *, at: datetime) -> None:
        self.collected.add(channel_order_id)
        self.change(self.orders[channel_order_id], at)

    def send_away(self, channel_order_id: str, numbers: Sequence[str], *, at: datetime) -> None:
        for line in (order := self.orders[channel_order_id]).lines:
            line.shipped = line.units
        self.change(order, at, state="sent", parcels=list(numbers))

    def delete_order(self, channel_order_id: str, *, at: datetime) -> None:
        del at, self.orders[channel_order_id]

    def sell_bundle(self, parts: Mapping[str, int], *, at: datetime, buyer: Person) -> str:
        bundle = SimGood("L-bundle", "BUNDLE", "Two and one", Decimal("19.90"), [(at, 0)])
        free = [replace(self._by_sku[sku], price=Decimal(0)) for sku in parts]
        order = self._new_order([(bundle, 1), *zip(free, parts.values(), strict=True)], self.stamp(at), buyer)
        self.orders[order.id] = order
        self.bundled[order.id] = len(parts)
        return order.id

    def put_places(self, count: int) -> None:
        self.places = {f"{number:03}": f"Place {number}" for number in range(1, count + 1)}

    def move_away(self) -> None:
        self.away = True

    def _places(self, call: SimCall) -> SimReply:
        left = {key: name for key, name in self.places.items() if key > call.query.get("after", "")}
        page = dict(list(left.items())[:PLACES_PAGE])
        return sim_json({"places": page, "more": len(page) < len(left)})

    def _compare_and_set(self, call: SimCall) -> SimReply:
        wish = call.read(dict[str, dict[str, int]])
        return sim_json(self.write_stock(wish["levels"], call.at, expected=wish["expected"]))

    def _said(self, refused: str) -> SimReply:
        return sim_json({"refused": refused})

    def _parcel(self, call: SimCall) -> SimReply:
        wish, order = call.read(dict[str, Any]), self.orders.get(call.parts["number"])
        refused = self.ship(call.parts["number"], wish["key"], wish["lines"], wish["number"], at=call.at)
        if order is not None and not refused:
            self.labeled.setdefault(wish["key"], len(order.parcels) - 1)
        return self._said(refused)

    def _relabel(self, call: SimCall) -> SimReply:
        wish, place = call.read(dict[str, str]), self.labeled.get(call.parts["key"])
        order = self.orders.get(call.parts["number"])
        if order is None or place is None:
            return self._said("no such parcel")
        parcels = [wish["number"] if at == place else each for at, each in enumerate(order.parcels)]
        self.change(order, call.at, parcels=parcels)
        return self._said("")

    def _refund(self, call: SimCall) -> SimReply:
        wish = call.read(dict[str, str])
        amount = Decimal(wish["amount"])
        return self._said(
            self.pay_back(call.parts["number"], wish["key"], amount, wish["currency"], at=call.at)
        )

    def _decision(self, call: SimCall) -> SimReply:
        wish = call.read(dict[str, str])
        return self._said(
            self.decide(call.parts["number"], wish["key"], accepted=wish["accepted"] == "yes", at=call.at)
        )

    def _list(self, call: SimCall, found: Sequence[Any], shape: Callable[[Any], object]) -> SimReply:
        marks = {id(each): f"{place:06}" for place, each in enumerate(found)}
        page = page_of(
            [each for each in found if _mark(each) > call.query.get("cursor", "")],
            "",
            self.profile,
            mark=lambda each: marks[id(each)],
            limit=10_000,
        )
        last = _mark(page.items[-1]) if page.items else call.query.get("cursor", "")
        return sim_json({"items": [shape(each) for each in page.items], "cursor": last, "more": page.more})

    def settle(self, *, at: datetime) -> tuple[str, Decimal]:
        due = [each for each in self.orders.values() if each.id not in self.settled]
        self.settled |= {each.id for each in due}
        entries = [
            {"kind": kind, "amount": str(amount), "channel_order_id": each.id}
            for each in due
            for kind, amount in (("sale", each.total), ("fee", -Decimal("0.30")))
        ]
        total = sum((Decimal(each["amount"]) for each in entries), Decimal(0))
        made = f"S-{len(self.payouts) + 1:03}"
        payout = {"begins_at": at, "ends_at": at, "currency": self.profile.currency, "total": str(total)}
        self.payouts.append({"channel_settlement_id": made, "entries": entries, **payout})
        return made, total

    def log_in(self, url: str, *, at: datetime) -> Mapping[str, str]:
        del at
        asked = dict(parse_qsl(urlsplit(url).query))
        self.count += 1
        code = self.made_up(f"code{self.count}")
        self.codes.add(code)
        return {"code": code, "state": asked["state"]}

    def revoke(self) -> None:
        self.access = self.renewal = ""
        self.codes.clear()

    def _token(self, call: SimCall) -> SimReply:
        form = dict(parse_qsl(call.request.body.decode()))
        known = form.get("client_secret") == self.made_up("client")
        if not known or not (
            form.get("code") in self.codes or form.get("refresh_token", "-") == self.renewal
        ):
            return sim_json({"error": "invalid_grant"}, 400)
        self.codes.discard(form.get("code", ""))
        self.count += 1
        self.access, self.renewal = self.made_up(f"access{self.count}"), self.made_up(f"renewal{self.count}")
        return sim_json({"access_token": self.access, "refresh_token": self.renewal})


def _mark(each: Any) -> str:
    return str(each["channel_settlement_id"] if isinstance(each, dict) else each.mark)


def _return_json(each: Any) -> dict[str, object]:
    return {
        "channel_return_id": each.id,
        "channel_order_id": each.order.id,
        "updated_at": each.changed_at,
        "state": each.state.value,
        "lines": [{"channel_line_id": line, "quantity": units} for line, units in each.units.items()],
    }


def _refund_json(each: Any) -> dict[str, object]:
    return {
        "channel_refund_id": each.id,
        "channel_order_id": each.order.id,
        "refunded_at": each.at,
        "currency": each.order.currency,
        "total": str(each.amount),
    }


def new_simulator(items: Sequence[SimItem], profile: Profile | None = None) -> FullSimulator:
    return FullSimulator(items, profile)
