"""UpdateOrder of the simulated Square: a sparse order, its version, and what may follow what."""

from datetime import datetime
from typing import Annotated, NoReturn

from msgspec import Meta

from connectors.square.till.requests import Refusal, Strict
from connectors.square.till.sales import Json, text

_ENDED = {"COMPLETED", "CANCELED", "FAILED"}
_FINAL = {"COMPLETED", "CANCELED"}
_STATES = {*_ENDED, "PROPOSED", "RESERVED", "PREPARED"}
_MOMENTS = {"COMPLETED": "shipped_at", "CANCELED": "canceled_at", "FAILED": "failed_at"}
Metadata = Annotated[dict[str, Annotated[str, Meta(max_length=255)]], Meta(max_length=10)]


class ShipmentChange(Strict, frozen=True):
    carrier: Annotated[str, Meta(max_length=50)] = ""
    tracking_number: Annotated[str, Meta(max_length=100)] = ""
    tracking_url: Annotated[str, Meta(max_length=2000)] = ""


class FulfillmentChange(Strict, frozen=True):
    uid: str
    state: str = ""
    metadata: Metadata | None = None
    shipment_details: ShipmentChange = ShipmentChange()


class OrderChange(Strict, frozen=True):
    """A field that is left out stays as it is."""

    location_id: str
    version: int
    fulfillments: tuple[FulfillmentChange, ...] = ()
    state: str = ""
    metadata: Metadata | None = None


class OrderUpdate(Strict, frozen=True):
    order: OrderChange
    idempotency_key: Annotated[str, Meta(max_length=192)] = ""


def updated(order: Json, wish: OrderChange, at: datetime) -> Json:
    """The order after it; raises what Square refuses."""
    _refuse_what_cannot_change(order, wish)
    changes = {each.uid: each for each in wish.fulfillments}
    if strange := changes.keys() - {each["uid"] for each in order.get("fulfillments", [])}:
        _refuse(f"Fulfillment {min(strange)} is not found.", "order.fulfillments")
    sent = [
        _changed(each, changes[each["uid"]], at) if each["uid"] in changes else each
        for each in order.get("fulfillments", [])
    ]
    state = wish.state or order["state"]
    _refuse_wrong_end(order, sent, state)
    after = order | {"version": order["version"] + 1, "updated_at": max(text(at), order["updated_at"])}
    after |= {"state": state} | ({"closed_at": text(at)} if state in _FINAL else {})
    kept = order.get("metadata", {}) | (wish.metadata or {})
    return after | ({"fulfillments": sent} if sent else {}) | ({"metadata": kept} if kept else {})


def _refuse_what_cannot_change(order: Json, wish: OrderChange) -> None:
    if order["state"] in _FINAL or "version" not in order:
        _refuse("Orders in a final state, or made in the Point of Sale, cannot be updated.", "order")
    if wish.version != order["version"]:
        detail = f"Supplied version {wish.version} does not match the current version {order['version']}."
        raise Refusal(400, "VERSION_MISMATCH", detail, "order.version")


def _changed(sent: Json, change: FulfillmentChange, at: datetime) -> Json:
    state = change.state or sent["state"]
    if state not in _STATES or (sent["state"] in _ENDED and state != sent["state"]):
        _refuse(f"A fulfillment cannot go from {sent['state']} to {state}.", "order.fulfillments.state")
    after = sent | {"state": state}
    if metadata := sent.get("metadata", {}) | (change.metadata or {}):
        after["metadata"] = metadata
    label = change.shipment_details
    said = {name: value for name in label.__struct_fields__ if (value := getattr(label, name))}
    if sent["type"] == "SHIPMENT":
        moment = {_MOMENTS[state]: text(at)} if state in _ENDED and state != sent["state"] else {}
        after["shipment_details"] = sent["shipment_details"] | said | moment
    return after


def _refuse_wrong_end(order: Json, sent: list[Json], state: str) -> None:
    """Completed orders are paid, canceled ones are not; of neither is anything still to go."""
    if state not in _FINAL:
        return
    paid = bool(order.get("tenders")) and not order["net_amount_due_money"]["amount"]
    if any(each["state"] not in _ENDED for each in sent):
        detail = f"All fulfillments must be ended for an order to be able to have a state of {state}."
        _refuse(detail, "order.state")
    if paid is (state == "CANCELED"):
        _refuse(f"An order that is {'paid' if paid else 'not paid'} cannot be {state}.", "order.state")


def _refuse(detail: str, field: str) -> NoReturn:
    raise Refusal(400, "BAD_REQUEST", detail, field)
