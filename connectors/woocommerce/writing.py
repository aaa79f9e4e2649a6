"""What the hub tells a shop of its orders: parcels, cancellations, money back.

WooCommerce knows no idempotency keys: the hub's key is written along with what is made, and looked for before anything
is written; of a refund into its reason. That stands before the gateway is asked, and is done once the money is paid.

A parcel is an order fulfillment (`/orders/{id}/fulfillments`, WooCommerce 10.1 or newer, where the shop has switched
the feature on). That moves no order, so the last one also completes it. A shop without the feature learns of a parcel
only as the order completes: the number goes into the field that the tracking plugins read. Source: REST index of
WooCommerce 11.0.1; for what the answers look like, the plugin's OrderFulfillmentsRestController.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NoReturn, TypeVar

from msgspec import Raw

from connectors.woocommerce import translate
from connectors.woocommerce.api import Api, read, refusal
from connectors.woocommerce.handover import TRACKING, UNREADABLE, tracked
from connectors.woocommerce.meta import list_of, text_of
from connectors.woocommerce.wire import WireItem, WireMade, WireOrder, WireRefunded, WireSent
from hub.spec import (
    Cancellation,
    Fulfillment,
    MalformedError,
    OutcomeState,
    ParcelLabel,
    Refund,
    RejectedError,
    RetryLaterError,
    UnauthorizedError,
    WriteOutcome,
)
from hub.spec.transport import raise_for_status
from hub.spec.write_back import each_once, has_grown

BATCH_MAX = 10  # each is two to four calls
ITEMS = "_items"
KEY = "_hub_key"
LABEL = ("_tracking_number", "_shipment_provider", "_tracking_url")
CANCELED_BY = "_hub_canceled_by"
ONE_BY_ONE = (
    "this shop takes no parcels one by one: switch on order fulfillments in WooCommerce > Settings > Advanced >"
    " Features, or complete the order there"
)
MORE = "more is ordered in the shop than here: try again once it is here as well (hub channel pull)"
_NOT_THERE = 404
_GONE = {400, _NOT_THERE}
_NO_SUCH_ID = "woocommerce_rest_shop_order_invalid_id"  # other 404s come from WordPress, or from before it
_NO_ORDER = "the shop has no such order"
_TOO_MANY_CALLS = 429
_NOT_REFUNDED = (
    "woocommerce_rest_cannot_create_order_refund"  # comes with a 500, once the refund is deleted again
)
Wish = TypeVar("Wish", Fulfillment, ParcelLabel, Cancellation, Refund)
Answer = TypeVar("Answer")


class AnswerLostError(Exception):
    """It may have been done: nobody heard."""


async def write_each(wishes: Sequence[Wish], send: Callable[[Wish], Awaitable[str]]) -> list[WriteOutcome]:
    """`send` returns the shop's id of what was made."""

    async def act(wish: Wish) -> WriteOutcome:
        try:
            return WriteOutcome(wish.key, OutcomeState.APPLIED, "", await send(wish))
        except (AnswerLostError, MalformedError) as error:
            return WriteOutcome(wish.key, OutcomeState.UNKNOWN, str(error))

    return await each_once(wishes, act)


class Writer:
    """Writes to the orders of one shop. Each returns the shop's id of what was made.

    Raises RejectedError, AnswerLostError, or, where nothing was written, what its caller must know.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    async def ship(self, wish: Fulfillment) -> str:
        order = await self._order(wish.channel_order_id)
        sent = await self._sent(order)
        made = next((each.id for each in sent or [] if text_of(each.meta_data, KEY) == wish.key), None)
        if made is None and translate.is_canceled(order):
            _refuse("the order is canceled in the shop")
        if sent is None:
            return await self._complete_with(order, wish)
        if made is None and wish.lines:
            _refuse_too_many(order, sent, wish)
            path = f"/orders/{order.id}/fulfillments"
            made = (await self._write("POST", path, _parcel(wish), WireMade)).id
        ended = translate.has_left(order) or translate.is_canceled(order)
        if wish.completes and not (ended or _has_grown(order, wish)):
            await self._complete(order)
        return str(made or "")

    async def relabel(self, wish: ParcelLabel) -> str:
        """A fulfillment keeps its other fields: what an update does not name, the shop takes out."""
        order = await self._order(wish.channel_order_id)
        sent = await self._sent(order)
        if sent is None:
            return await self._relabel_in_field(order, wish)
        made = next((each for each in sent if text_of(each.meta_data, KEY) == wish.parcel_key), None)
        if made is None:
            _refuse("the shop does not have this parcel any more")
        if all(text_of(made.meta_data, name) == value for name, value in _label(wish).items()):
            return str(made.id)
        kept = [each for each in made.meta_data if each.key not in LABEL]
        payload = {"notify_customer": wish.tell_customer, "meta_data": [*kept, *_fields(_label(wish))]}
        await self._write("PUT", f"/orders/{order.id}/fulfillments/{made.id}", payload, WireMade)
        return str(made.id)

    async def _relabel_in_field(self, order: WireOrder, wish: ParcelLabel) -> str:
        """The parcel is the one with the number that was told."""
        if text_of(order.meta_data, KEY) != wish.parcel_key:
            _refuse("the shop does not have this parcel any more")
        parcels = tracked(order)
        if parcels is None:
            _refuse(UNREADABLE)
        raws = list_of(order.meta_data, TRACKING, Raw)
        ours = {wish.channel_ref, wish.tracking_number} - {""}
        found = [str(each.tracking_number) in ours for each in parcels]
        others = [raw for raw, is_ours in zip(raws, found, strict=True) if not is_ours]
        left = next(
            (each.date_shipped for each, is_ours in zip(parcels, found, strict=True) if is_ours), None
        )
        value = [*others, _entry(wish, left)] if wish.tracking_number else others
        payload = {"meta_data": [{"key": TRACKING, "value": value}]}
        await self._write("PUT", f"/orders/{order.id}", payload, WireOrder)
        return wish.tracking_number

    async def cancel(self, wish: Cancellation) -> str:
        """The shop cancels orders as a whole; one of which a part was sent is completed with that."""
        order = await self._order(wish.channel_order_id)
        if text_of(order.meta_data, CANCELED_BY) == wish.key:
            return ""
        if wish.lines and not wish.completes:
            _refuse("WooCommerce cancels orders as a whole: change its lines there")
        ends_sent = wish.completes and wish.sent
        if translate.is_canceled(order):
            _refuse("the order is canceled already")
        if _has_grown(order, wish):
            _refuse(MORE)
        if not ends_sent:
            await self._refuse_what_has_left(order)
        if not (ends_sent and translate.has_left(order)):
            status = "completed" if ends_sent else "cancelled"
            fields = {"status": status, "meta_data": [{"key": CANCELED_BY, "value": wish.key}]}
            await self._write("PUT", f"/orders/{order.id}", fields, WireOrder)
        return ""

    async def _refuse_what_has_left(self, order: WireOrder) -> None:
        if translate.has_left(order) or any(each.is_fulfilled for each in await self._sent(order) or []):
            _refuse("something of the order has left: refund it instead")

    async def pay_back(self, wish: Refund) -> str:
        """By the gateway the customer paid with; one that cannot refuses, and it is refunded by hand."""
        order = await self._order(wish.channel_order_id)
        path = f"/orders/{order.id}/refunds"
        before = read(await self._api.get(path, {"per_page": "100"}), list[WireRefunded], f"GET {path}")
        known = next((each for each in before if wish.key in (each.reason or "")), None)
        if known is not None:
            if not known.refunded_payment:
                msg = f"refund {known.id} stands in the shop, and its gateway has sent no money yet"
                raise AnswerLostError(msg)
            return str(known.id)
        left = order.total - translate.refunded_sum(order)
        if wish.currency != order.currency:
            _refuse(f"the order was paid in {order.currency}, not in {wish.currency}")
        if wish.amount > left:
            _refuse(f"{wish.amount} is more than the {left} {order.currency} that are left of the order")
        return str((await self._write("POST", path, _money(wish), WireMade)).id)

    async def _order(self, order_id: str) -> WireOrder:
        path = f"/orders/{order_id}"
        if not (order_id.isascii() and order_id.isdigit()):
            _refuse(_NO_ORDER)
        reply = await self._api.call("GET", path)
        if reply.status == _NOT_THERE:
            if _NO_SUCH_ID in refusal(reply):
                _refuse(_NO_ORDER)
            msg = f"GET {path} found no WooCommerce there ({refusal(reply)}): see whether the plugin is switched on"
            raise RetryLaterError(msg, sent=False)
        return read(raise_for_status(reply, f"GET {path}"), WireOrder, f"GET {path}")

    async def _sent(self, order: WireOrder) -> list[WireSent] | None:
        """The parcels that the shop knows one by one; None where it does not have the feature."""
        path = f"/orders/{order.id}/fulfillments"
        reply = await self._api.call("GET", path)
        if reply.status in _GONE:
            return None
        return read(raise_for_status(reply, f"GET {path}"), list[WireSent], f"GET {path}")

    async def _complete(self, order: WireOrder) -> None:
        """Its parcel is written already, so whatever happens now nobody may say that nothing was."""
        try:
            await self._write("PUT", f"/orders/{order.id}", {"status": "completed"}, WireOrder)
        except (RetryLaterError, UnauthorizedError) as error:
            raise AnswerLostError(str(error)) from error

    async def _complete_with(self, order: WireOrder, wish: Fulfillment) -> str:
        """The number is what the parcel is read back by."""
        if text_of(order.meta_data, KEY) == wish.key:
            return wish.tracking_number
        if translate.has_left(order):
            _refuse("the order is completed already")
        if not wish.completes:
            _refuse(ONE_BY_ONE)
        if _has_grown(order, wish):
            _refuse(MORE)
        fields = {
            "status": "completed",
            "meta_data": [{"key": KEY, "value": wish.key}, *_tracked(order, wish)],
        }
        await self._write("PUT", f"/orders/{order.id}", fields, WireOrder)
        return wish.tracking_number

    async def _write(self, method: str, path: str, payload: object, kind: type[Answer]) -> Answer:
        what = f"{method} {path}"
        try:
            reply = await self._api.call(method, path, payload=payload)
        except RetryLaterError as error:
            if not error.sent:
                raise
            raise AnswerLostError(str(error)) from error
        try:
            return read(raise_for_status(reply, what), kind, what)
        except RejectedError:
            _refuse(refusal(reply))
        except RetryLaterError as error:
            if reply.status == _TOO_MANY_CALLS:
                raise
            if _NOT_REFUNDED in refusal(reply):
                _refuse(refusal(reply))
            raise AnswerLostError(str(error)) from error


def _refuse(reason: str) -> NoReturn:
    raise RejectedError(reason)


def _has_grown(order: WireOrder, wish: Fulfillment | Cancellation) -> bool:
    """A status goes for the whole order, and so for what was added since the hub read it."""
    return has_grown(wish.known_lines, {str(line.id): line.quantity for line in order.line_items})


def _refuse_too_many(order: WireOrder, sent: Sequence[WireSent], wish: Fulfillment) -> None:
    """The shop counts nothing itself."""
    left = {str(line.id): 0 if translate.has_left(order) else line.quantity for line in order.line_items}
    fulfilled = [each.meta_data for each in sent if each.is_fulfilled]
    for item in (item for fields in fulfilled for item in list_of(fields, ITEMS, WireItem)):
        left[str(item.item_id)] = left.get(str(item.item_id), 0) - item.qty
    for line in wish.lines:
        there = max(0, left.get(line.channel_line_id, 0))
        if line.quantity > there:
            _refuse(
                f"{line.quantity} of line {line.channel_line_id} cannot leave: {there} are left in the shop"
            )


def _parcel(wish: Fulfillment) -> object:
    """The mail of the completed order says it all: of its last parcel the customer hears once."""
    items = [{"item_id": int(line.channel_line_id), "qty": line.quantity} for line in wish.lines]
    return {
        "status": "fulfilled",
        "is_fulfilled": True,
        "notify_customer": wish.tell_customer and not wish.completes,
        "meta_data": _fields({ITEMS: items, **_label(wish), KEY: wish.key}),
    }


def _label(wish: Fulfillment | ParcelLabel) -> dict[str, str]:
    return dict(zip(LABEL, (wish.tracking_number, wish.carrier, wish.tracking_url), strict=True))


def _fields(values: Mapping[str, object]) -> list[object]:
    return [{"key": name, "value": value} for name, value in values.items() if value]


def _entry(wish: Fulfillment | ParcelLabel, left: str | int | None) -> object:
    """A parcel as the tracking plugins keep it; `left` in seconds since 1970."""
    number = {"custom_tracking_provider": wish.carrier, "tracking_number": wish.tracking_number}
    return number | ({"date_shipped": str(left)} if left else {})


def _tracked(order: WireOrder, wish: Fulfillment) -> list[object]:
    """The field of the tracking plugins, with this parcel in it as well."""
    if not wish.tracking_number:
        return []
    if tracked(order) is None:
        _refuse(UNREADABLE)
    ours = _entry(wish, int(wish.shipped_at.timestamp()))
    return [{"key": TRACKING, "value": [*list_of(order.meta_data, TRACKING, Raw), ours]}]


def _money(wish: Refund) -> object:
    """Without lines: the goods come back to the hub's stock, never to the shop's by itself."""
    return {
        "amount": f"{wish.amount:f}",
        "reason": f"{wish.reason} {wish.key}".strip(),
        "api_refund": True,
        "api_restock": False,
    }
