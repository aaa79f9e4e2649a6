"""A Square account in memory: two locations, a catalog, an inventory, a till, and signed webhooks.

Simplified: money is EUR; every sale is paid in full at the till and final, and what is ordered to be sent is paid and
goes in two fulfillments; a canceled sale keeps its order and turns CANCELED (at Square, a paid order stays COMPLETED,
and a return makes another order); nothing is refused for lack of stock, and the count may fall below zero, unless the
profile says otherwise. A sale of a till offline arrives late, with the time it was made, and no webhook tells of it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from typing_extensions import override

from connectors.square.till import requests as req
from connectors.square.till.counts import SimCounts, refuse_bad
from connectors.square.till.hooks import MERCHANT, SIGNATURE_KEY, Hooks
from connectors.square.till.money import Once, SimRefunds
from connectors.square.till.requests import Refusal, asked, page_of, start_of
from connectors.square.till.returns import custom, itemized
from connectors.square.till.sales import (
    Json,
    Sale,
    catalog_item,
    handed_over,
    numbers_of,
    payment_of,
    ring_up,
    shipped,
    text,
    to_be_sent,
    units_sent,
    ware_of,
    without,
)
from connectors.square.till.search import search
from connectors.square.till.updates import OrderUpdate, updated
from hub.model.incoming import Person
from hub.model.money import Money, from_minor, minor_digits, to_minor
from hub.spec import ReturnState
from hub.spec.testing import (
    Delivery,
    Profile,
    Route,
    SimApi,
    SimCall,
    SimItem,
    SimReply,
    SimSale,
    SimWritten,
    sim_json,
)

KIND = "square"
TOKEN = "EAAA-simulated-access-token"  # noqa: S105 - of the simulation
SHOP, STALL = "SIMLOCSHOP001", "SIMLOCSTALL01"
CATALOG_PAGE = 100  # objects per page: ListCatalog, "cursor"
_OPENED = datetime(2020, 1, 1, tzinfo=UTC)
HABITS = Profile(page_max=1000, below_zero=True)  # Square may answer with fewer than asked for


class SquareSimulator(SimApi):
    """Sells at SHOP; STALL is there so that more than one location exists."""

    kind = KIND
    plays = frozenset(
        {"currency", "page_max", "empty_pages", "whole_seconds", "offline_s", "lag_s"}
        | {"refused_skus", "below_zero", "calls_max", "calls_window_s"}
    )

    def __init__(self, items: Sequence[SimItem], profile: Profile = HABITS) -> None:
        self.profile = profile
        digits = minor_digits(profile.currency)
        wares = [ware_of(index, each, digits) for index, each in enumerate(items, start=1)]
        self._variations = {each.variation_id: each for each in wares}
        self._wares = {each.sku: each for each in reversed(wares)}
        self._counts = SimCounts()
        for item in items:
            self._counts.count(self._shelf(item.sku), item.stock, _OPENED, ignore_unchanged=False)
        self._orders: dict[str, Json] = {}
        self._arrivals: dict[str, datetime] = {}
        self.hooks = Hooks()
        self._tell = self.hooks.tell
        self._once = Once()
        self._updates: set[str] = set()
        self.refunds = SimRefunds(self._orders, self._once)
        self._places = {SHOP: "Simulated shop", STALL: "Simulated market stall"}

    def settings(self, base_url: str) -> dict[str, str]:
        return {
            "base_url": base_url,
            "access_token": TOKEN,
            "webhook_signature_key": SIGNATURE_KEY,
            "location_ids": SHOP,
            "inventory_location_id": SHOP,
        }

    def sell(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        """A sale at the till: by its habits never refused."""
        at, stock = self._stamp(at), self.stock()
        if not self.profile.below_zero and any(stock[sku] < units for sku, units in basket.items()):
            return None
        sale = Sale(len(self._orders) + 1, SHOP, at, buyer, self.profile.currency)
        order = ring_up(sale, [(self._wares[sku], units) for sku, units in basket.items()])
        return self._take(sale, order, basket)

    def order(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        """As on a site of Square's own, whose orders are sent to their buyers."""
        sale = Sale(len(self._orders) + 1, SHOP, self._stamp(at), buyer, self.profile.currency)
        order = ring_up(sale, [(self._wares[sku], units) for sku, units in basket.items()])
        return self._take(sale, to_be_sent(order, buyer), basket)

    def _take(self, sale: Sale, order: Json, basket: Mapping[str, int]) -> str:
        at = sale.at
        self._orders[sale.order_id] = order
        self._move({sku: -units for sku, units in basket.items()}, at)
        if self.profile.offline_s:
            self._arrivals[sale.order_id] = at + timedelta(seconds=self.profile.offline_s)
            order["updated_at"] = text(self._arrivals[sale.order_id])
        else:
            self._tell_sale(sale, order)
        return sale.order_id

    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        order = self._orders[channel_order_id]
        if order["state"] == "CANCELED":
            return
        at = max(self._stamp(at), self._arrivals.get(channel_order_id, at))
        changed = {"state": "CANCELED", "updated_at": text(at), "closed_at": text(at), "tenders": []}
        version = {"version": order["version"] + 1} if "version" in order else {}
        self._orders[channel_order_id] = canceled = without(order, "fulfillments") | changed | version
        self._move(self._units(order), at)
        self._tell_payment(order, "CANCELED", at)
        self._tell("order.updated", channel_order_id, {"order_updated": _news(canceled)}, at)

    def collect(self, channel_order_id: str, *, at: datetime) -> None:
        self._change(channel_order_id, [handed_over(Person())], at)

    def send_away(self, channel_order_id: str, numbers: Sequence[str], *, at: datetime) -> None:
        """The first parcel takes one unit of the first line, the last one all the rest."""
        lines = {line["uid"]: int(line["quantity"]) for line in self._orders[channel_order_id]["line_items"]}
        self._change(channel_order_id, shipped(lines, numbers, at), at)

    def refund(self, channel_order_id: str, amount: Decimal, *, at: datetime) -> str:
        """An amount, as sellers give it back at the till."""
        order = self._orders[channel_order_id]
        minor = to_minor(Money(amount, order["total_money"]["currency"]))
        return self._give_back(order, minor, [custom(order, minor)], at)[0]

    def ask_return(self, channel_order_id: str, units: Mapping[str, int], *, at: datetime) -> str:
        """Goods come back at the till, and the money for them goes: nobody asks before."""
        order = self._orders[channel_order_id]
        lines = itemized(order, units)
        minor = sum(each["total_money"]["amount"] for each in lines)
        return f"{self._give_back(order, minor, lines, at)[1]}:{channel_order_id}"

    def return_state(self, channel_return_id: str) -> ReturnState:
        del channel_return_id
        return ReturnState.RECEIVED

    def _give_back(self, order: Json, minor: int, lines: list[Json], at: datetime) -> tuple[str, str]:
        at = max(self._stamp(at), self._arrivals.get(order["id"], at))
        made = self.refunds.give_back(order["id"], minor, lines, at)
        self._tell("refund.updated", made["id"], {"refund": made}, at)
        return made["id"], made["order_id"]

    def put_places(self, count: int) -> None:
        self._places = {f"SIMLOC{number:05d}": f"Place {number}" for number in range(1, count + 1)}

    def take_deliveries(self) -> list[Delivery]:
        taken, self.hooks.deliveries = self.hooks.deliveries, []
        return taken

    def switch_off_webhooks(self) -> None:
        for each in self.hooks.subscriptions.values():
            each["enabled"] = False

    def stock(self) -> dict[str, int]:
        return {sku: self._counts.level(self._shelf(sku)) for sku in self._wares}

    def set_stock(self, levels: Mapping[str, int], *, at: datetime) -> None:
        for sku, quantity in levels.items():
            self._counts.count(self._shelf(sku), quantity, at, ignore_unchanged=False)
        self._tell_counts([self._shelf(sku) for sku in levels], at)

    def order_ids(self) -> list[str]:
        return list(self._orders)

    def sale(self, channel_order_id: str) -> SimSale:
        order = self._orders[channel_order_id]
        sent = order.get("fulfillments", [])
        total, bought_at = order["total_money"], datetime.fromisoformat(order["created_at"])
        return SimSale(
            channel_order_id,
            bought_at,
            total["currency"],
            from_minor(total["amount"], total["currency"]).amount,
            self._units(order),
            canceled=order["state"] == "CANCELED",
            collected={each["type"] for each in sent} == {"PICKUP"},
            parcels=numbers_of(order),
        )

    def written(self, channel_order_id: str) -> SimWritten:
        order = self._orders[channel_order_id]
        states = {each["state"] for each in order.get("fulfillments", [])}
        canceled = order["state"] == "CANCELED" or states == {"CANCELED"}
        return SimWritten(
            units_sent(order), numbers_of(order), canceled, self.refunds.paid_back(channel_order_id)
        )

    @override
    def refuse(self, call: SimCall) -> SimReply | None:
        if call.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return Refusal(401, "UNAUTHORIZED", "This request could not be authorized.").reply

    @override
    def unknown(self, call: SimCall) -> SimReply:
        method, path = call.request.method, call.request.path
        detail = f"API endpoint for URL path `{path}` and HTTP method `{method}` is not found."
        return Refusal(404, "NOT_FOUND", detail).reply

    @override
    def routes(self) -> Mapping[str, Route]:
        return {
            "POST /v2/orders/search": self._search_orders,
            "POST /v2/orders/batch-retrieve": self._retrieve_orders,
            "PUT /v2/orders/{id}": self._update_order,
            "POST /v2/refunds": self._refund_payment,
            "GET /v2/refunds": self._list_refunds,
            "GET /v2/refunds/{id}": self._read_refund,
            "POST /v2/inventory/changes/batch-create": self._change_inventory,
            "POST /v2/inventory/counts/batch-retrieve": self._retrieve_counts,
            "GET /v2/catalog/list": self._list_catalog,
            "GET /v2/locations": self._list_locations,
            **self.hooks.routes,
        }

    def _search_orders(self, call: SimCall) -> SimReply:
        self._settle_refunds(call.at)
        return sim_json(search(self._arrived(call.at), asked(call.request.body, req.Search), self.profile))

    def _retrieve_orders(self, call: SimCall) -> SimReply:
        self._settle_refunds(call.at)
        wanted = asked(call.request.body, req.Retrieve).order_ids
        known = self._arrived(call.at)
        return sim_json({"orders": [known[each] for each in wanted if each in known]})

    def _update_order(self, call: SimCall) -> SimReply:
        """A key that is known changes nothing."""
        wish, order_id = asked(call.request.body, OrderUpdate), call.parts["id"]
        if order_id not in self._orders.keys() & self._arrived(call.at).keys():
            raise Refusal(404, "NOT_FOUND", f"Order not found for id {order_id}.")
        if wish.idempotency_key not in self._updates:
            before = self._orders[order_id]
            after = self._orders[order_id] = updated(before, wish.order, self._stamp(call.at))
            self._updates.add(wish.idempotency_key)
            self._tell_update(before, after, call.at)
        return sim_json({"order": self._orders[order_id]})

    def _tell_update(self, before: Json, after: Json, at: datetime) -> None:
        news = _news(after)
        states = {each["uid"]: each["state"] for each in before.get("fulfillments", [])}
        changed = [
            {"fulfillment_uid": each["uid"], "old_state": states[each["uid"]], "new_state": each["state"]}
            for each in after.get("fulfillments", [])
            if each["state"] != states[each["uid"]]
        ]
        if changed:
            content = {"order_fulfillment_updated": news | {"fulfillment_update": changed}}
            self._tell("order.fulfillment.updated", after["id"], content, at)
        self._tell("order.updated", after["id"], {"order_updated": news}, at)

    def _stamp(self, at: datetime) -> datetime:
        return at.replace(microsecond=0) if self.profile.whole_seconds else at

    def _arrived(self, at: datetime) -> dict[str, Json]:
        sold = {each: order for each, order in self._orders.items() if self._arrivals.get(each, at) <= at}
        return sold | self.refunds.returns

    def _list_catalog(self, call: SimCall) -> SimReply:
        start = start_of(call.query.get("cursor"))
        wares, cursor = page_of(list(self._variations.values()), start, CATALOG_PAGE)
        return sim_json({"objects": [catalog_item(each, self.profile.currency) for each in wares]} | cursor)

    def _list_locations(self, call: SimCall) -> SimReply:
        del call
        return sim_json({"locations": [self._location(*place) for place in self._places.items()]})

    def _retrieve_counts(self, call: SimCall) -> SimReply:
        query = asked(call.request.body, req.CountQuery)
        listings, places = set(query.catalog_object_ids or ()), set(query.location_ids or ())
        shelves = [
            (variation, place)
            for variation, place in self._counts.shelves()
            if (not listings or variation in listings) and (not places or place in places)
        ]
        page, cursor = page_of(shelves, start_of(query.cursor), min(query.limit, self.profile.page_max))
        seen_at = call.at - timedelta(seconds=self.profile.lag_s)
        return sim_json({"counts": [self._counts.shown(each, seen_at) for each in page]} | cursor)

    def _change_inventory(self, call: SimCall) -> SimReply:
        """All or nothing."""
        batch = asked(call.request.body, req.ChangeBatch)

        def act() -> Json:
            skus = {listing: ware.sku for listing, ware in self._variations.items()}
            places, refused = {SHOP, STALL}, self.profile.refused_skus
            for index, change in enumerate(batch.changes):
                refuse_bad(change, f"changes[{index}]", skus, places, refused, call.at)
            return self._apply(batch, call.at)

        return sim_json(self._once.answer(batch.idempotency_key, call.request.body, act))

    def _refund_payment(self, call: SimCall) -> SimReply:
        answer = self.refunds.pay_back(call.request.body, call.at)
        self._settle_refunds(call.at)
        return sim_json(answer)

    def _list_refunds(self, call: SimCall) -> SimReply:
        self._settle_refunds(call.at)
        return sim_json(self.refunds.page(call.query, self.profile.page_max))

    def _read_refund(self, call: SimCall) -> SimReply:
        self._settle_refunds(call.at)
        return sim_json(self.refunds.read(call.parts["id"]))

    def _settle_refunds(self, at: datetime) -> None:
        for each in self.refunds.settle(at):
            self._tell("refund.updated", each["id"], {"refund": each}, at)

    def _apply(self, batch: req.ChangeBatch, at: datetime) -> Json:
        moved = []
        for change in batch.changes:
            count = change.physical_count
            shelf = (count.catalog_object_id, count.location_id)
            unchanged = batch.ignore_unchanged_counts
            if self._counts.count(shelf, int(count.quantity), count.occurred_at, ignore_unchanged=unchanged):
                moved.append(shelf)
        self._tell_counts(moved, at)
        shelves = [
            (each.physical_count.catalog_object_id, each.physical_count.location_id) for each in batch.changes
        ]
        return {"counts": [self._counts.shown(each) for each in dict.fromkeys(shelves)]}

    def _change(self, order_id: str, fulfillments: list[Json], at: datetime) -> None:
        """What the seller does with an order in Square's own app; from then on it has a version."""
        order = self._orders[order_id]
        at = max(self._stamp(at), self._arrivals.get(order_id, at))
        changed = {
            "fulfillments": fulfillments,
            "updated_at": text(at),
            "version": order.get("version", 0) + 1,
        }
        self._orders[order_id] = changed_order = order | changed
        self._tell("order.updated", order_id, {"order_updated": _news(changed_order)}, at)

    def _units(self, order: Json) -> dict[str, int]:
        lines = order["line_items"]
        return {self._variations[line["catalog_object_id"]].sku: int(line["quantity"]) for line in lines}

    def _move(self, changes: Mapping[str, int], at: datetime) -> None:
        for sku, change in changes.items():
            self._counts.move(self._shelf(sku), change, at)
        self._tell_counts([self._shelf(sku) for sku in changes], at)

    def _shelf(self, sku: str) -> tuple[str, str]:
        return self._wares[sku].variation_id, SHOP

    def _location(self, place: str, name: str) -> Json:
        currency = self.profile.currency
        return {"id": place, "name": name, "status": "ACTIVE", "merchant_id": MERCHANT, "currency": currency}

    def _tell_sale(self, sale: Sale, order: Json) -> None:
        if sale.by_app:
            self._tell("order.created", order["id"], {"order_created": _news(order, "updated_at")}, sale.at)
        self._tell_payment(order, "COMPLETED", sale.at)
        self._tell("order.updated", order["id"], {"order_updated": _news(order)}, sale.at)

    def _tell_payment(self, order: Json, status: str, at: datetime) -> None:
        payment = payment_of(order, status, at)
        self._tell("payment.updated", payment["id"], {"payment": payment}, at)

    def _tell_counts(self, shelves: Sequence[tuple[str, str]], at: datetime) -> None:
        if shelves:
            counts = [self._counts.shown(each) for each in shelves]
            self._tell("inventory.count.updated", shelves[0][0], {"inventory_counts": counts}, at)


def _news(order: Json, without: str = "") -> Json:
    kept = ("version", "location_id", "state", "created_at", "updated_at")
    return {"order_id": order["id"]} | {key: order[key] for key in kept if key in order and key != without}


def new_simulator(items: Sequence[SimItem], profile: Profile | None = None) -> SquareSimulator:
    """What hub.sim asks for: this kind of channel, offering these items."""
    return SquareSimulator(items, profile or HABITS)
