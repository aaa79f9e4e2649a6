"""What the hub tells Square of open orders, by UpdateOrder: parcels and cancellations. Pure.

Square's fulfillments leave whole, for their entries are read-only: a parcel completes those that it fills, and one that
fills none is refused. A wish leaves its key in the metadata, where it is looked for before anything is written. An
update names the version it was made for; where that is not the newest any more, the order is read and judged anew.

Square cancels no order that is paid: then its fulfillments are canceled, which ends it, and the money is a refund's.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NoReturn, TypeVar

from connectors.square import wire_shop as shop
from connectors.square.api import Answer
from connectors.square.quantities import quantity_of, units_of, whole_units
from connectors.square.states import GIVEN_UP
from connectors.square.wire import HUB_KEY as KEY
from connectors.square.wire import Fulfillment as Sending
from hub.spec import (
    Cancellation,
    Fulfillment,
    LineUnits,
    MalformedError,
    OutcomeState,
    ParcelLabel,
    Refund,
    RejectedError,
    RetryLaterError,
    WriteOutcome,
)
from hub.spec.write_back import has_grown

CARRIER_MAX, NUMBER_MAX, URL_MAX = 50, 100, 2_000  # FulfillmentShipmentDetails
CHANGED = {"VERSION_MISMATCH", "CONFLICT"}
TOO_MANY = 429
_ENDED = {"COMPLETED", *GIVEN_UP}
_FINAL = {
    "COMPLETED": "the order is completed in Square, and nothing of it can be changed any more",
    "CANCELED": "the order is canceled in Square",
    "DRAFT": "the order is a draft in Square",
}
Judged = shop.UpdateOrder | WriteOutcome
"""What Square is to be asked, or what became of it before."""
Wish = TypeVar("Wish", Fulfillment, ParcelLabel, Cancellation, Refund)


def unknown(key: str, reason: str) -> WriteOutcome:
    return WriteOutcome(key, OutcomeState.UNKNOWN, reason)


def told(order: shop.OpenOrder, key: str) -> WriteOutcome | None:
    """What became of the wish with this key, where it was carried out before."""
    sent = next((each.uid or "" for each in order.fulfillments or [] if _is_of(each.metadata, key)), None)
    if sent is None and not _is_of(order.metadata, key):
        return None
    return WriteOutcome(key, OutcomeState.APPLIED, "", sent or "")


def _is_of(metadata: dict[str, str] | None, key: str) -> bool:
    return metadata is not None and metadata.get(KEY) == key


def parcel_of(order: shop.OpenOrder, wish: Fulfillment) -> Judged:
    """Raises RejectedError for what Square would not take, or would take for more than it is."""
    if (before := told(order, wish.key)) is not None:
        return before
    _refuse_final(order)
    leaving = _open(order)
    if not leaving:
        _refuse("the order has no fulfillment in Square that is still to go: complete it there")
    leaving = _all_known(order, leaving, wish) if wish.completes else _filled(order, leaving, wish.lines)
    sent = [
        shop.ChangeFulfillment(each.uid or "", "COMPLETED", {KEY: wish.key}, _label_of(each, wish))
        for each in leaving
    ]
    ends = order.is_paid and not _left_open(order, leaving)
    return _update(order, wish.key, sent, state="COMPLETED" if ends else "")


def label_of(order: shop.OpenOrder, wish: ParcelLabel) -> Judged:
    """Raises RejectedError for what Square would not take."""
    ours = [each for each in order.fulfillments or [] if _is_of(each.metadata, wish.parcel_key)]
    if not ours:
        _refuse("Square has no such parcel")
    labels = {each.uid or "": label for each in ours if (label := _label_of(each, wish)) is not None}
    if all(_shows(each, labels.get(each.uid or "")) for each in ours):
        return WriteOutcome(wish.key, OutcomeState.APPLIED, "", ours[0].uid or "")
    _refuse_final(order)
    changed = [shop.ChangeFulfillment(uid, shipment_details=label) for uid, label in labels.items()]
    return _update(order, wish.key, changed)


def cancel_of(order: shop.OpenOrder, wish: Cancellation) -> Judged:
    """Raises RejectedError for what Square would not take."""
    if (before := told(order, wish.key)) is not None:
        return before
    _refuse_final(order)
    ending = _open(order)
    whole = wish.completes or not wish.lines
    ending = _all_known(order, ending, wish) if whole else _filled(order, ending, wish.lines)
    state = _end_of(order, ending)
    if not ending and state != "CANCELED":
        _refuse("nothing of the order is still to go in Square: refund it instead")
    given_up = [shop.ChangeFulfillment(each.uid or "", "CANCELED", {KEY: wish.key}) for each in ending]
    return _update(order, wish.key, given_up, state=state, metadata={KEY: wish.key})


def outcome_of(key: str, update: shop.UpdateOrder, reply: Answer) -> WriteOutcome:
    """What became of it. Raises where nothing was done: too many calls, a dead token."""
    try:
        reply.read(shop.OrderUpdated)
    except RejectedError:
        said = "; ".join(error.detail or error.code for error in reply.errors())
        return WriteOutcome(key, OutcomeState.REJECTED, f"Square: {said or 'no reason given'}")
    except RetryLaterError as error:
        if reply.status == TOO_MANY:
            raise
        return unknown(key, str(error))
    except MalformedError as error:
        return unknown(key, str(error))
    made = next((each.uid for each in update.order.fulfillments), "")
    return WriteOutcome(key, OutcomeState.APPLIED, "", made)


def has_changed(reply: Answer) -> bool:
    """Whether somebody changed the order since it was read; then nothing was written."""
    return any(reply.has(code) for code in CHANGED)


def _end_of(order: shop.OpenOrder, ending: Sequence[Sending]) -> str:
    """The state of an order once these are canceled: "" as it was. Square cancels none of which anything was paid."""
    if _left_open(order, ending):
        return ""
    if order.tenders or any(each.state == "COMPLETED" for each in order.fulfillments or []):
        return "COMPLETED" if order.is_paid else ""
    return "CANCELED"


def _update(
    order: shop.OpenOrder,
    key: str,
    fulfillments: list[shop.ChangeFulfillment],
    *,
    state: str = "",
    metadata: dict[str, str] | None = None,
) -> shop.UpdateOrder:
    """Each version has a key of its own: Square answers a known key with the order as it is, and changes nothing."""
    change = shop.ChangeOrder(order.location_id, order.version or 0, fulfillments, state, metadata)
    return shop.UpdateOrder(f"{key}/{order.version}", change)


def _refuse_final(order: shop.OpenOrder) -> None:
    if order.state in _FINAL:
        _refuse(_FINAL[order.state])
    if order.version is None:
        _refuse("the order was rung up at the till, and Square lets nobody else change it: complete it there")


def _open(order: shop.OpenOrder) -> list[Sending]:
    return [each for each in order.fulfillments or [] if each.state not in _ENDED]


def _left_open(order: shop.OpenOrder, ending: Sequence[Sending]) -> bool:
    return any(each not in ending for each in _open(order))


def _filled(order: shop.OpenOrder, among: Sequence[Sending], lines: Sequence[LineUnits]) -> list[Sending]:
    """The fulfillments that these units fill. Raises RejectedError where they do not come out even."""
    left = Counter({line.channel_line_id: line.quantity for line in lines})
    found = []
    for each in among:
        units = _units_of(order, each)
        if units and units <= left:
            found.append(each)
            left -= units
    if left:
        _refuse(
            "Square changes fulfillments as a whole, and these units fill none of this order: split it in Square and"
            " try again, or let this be until the rest goes"
        )
    return found


def _all_known(
    order: shop.OpenOrder, among: list[Sending], wish: Fulfillment | Cancellation
) -> list[Sending]:
    """Raises RejectedError where one holds what was added in Square since: nobody here decided on it."""
    held = {line for each in among for line in _units_of(order, each)}
    ordered = {
        each.uid: units_of(each, quantity_of(each, "line_items"))
        for each in order.line_items or []
        if each.uid and each.uid in held
    }
    if has_grown(wish.known_lines, ordered):
        _refuse("more is ordered in Square than here: try again once it is here as well (hub channel pull)")
    return among


def _units_of(order: shop.OpenOrder, sending: Sending) -> Counter[str]:
    """Without entries it has every line in it."""
    if sending.entries is None:
        return Counter({each.uid or "": whole_units(each.quantity) for each in order.line_items or []})
    units = Counter[str]()
    for entry in sending.entries:
        units[entry.line_item_uid] += whole_units(entry.quantity)
    return units


def _label_of(sending: Sending, wish: Fulfillment | ParcelLabel) -> shop.ShipmentLabel | None:
    """Only a shipment has one; None changes nothing."""
    if sending.type != "SHIPMENT" or not (wish.carrier or wish.tracking_number):
        return None
    if len(wish.tracking_number) > NUMBER_MAX:
        _refuse(f"Square takes no tracking number of more than {NUMBER_MAX} characters")
    url = wish.tracking_url if len(wish.tracking_url) <= URL_MAX else ""
    return shop.ShipmentLabel(wish.carrier[:CARRIER_MAX], wish.tracking_number, url)


def _shows(sending: Sending, label: shop.ShipmentLabel | None) -> bool:
    shown = sending.shipment_details
    return label is None or (
        shown is not None and (shown.carrier, shown.tracking_number) == (label.carrier, label.tracking_number)
    )


def _refuse(reason: str) -> NoReturn:
    raise RejectedError(reason)
