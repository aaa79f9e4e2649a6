"""One order: lines with their stock, money that adds up, the customer, and all that happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from msgspec import Struct

from hub.channels.shipping import our_own
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Address, Person
from hub.model.orders.holds import can_be_resolved
from hub.model.orders.paying import FOR_GOOD
from hub.model.orders.states import Counts, Fulfillment, add_up, counts_of, fulfillment_of, waits_for
from hub.model.stock.backorders import AheadKind, Backordered, in_words, when_all
from hub.model.telling.tell import tell
from hub.store import holds
from hub.store.desk.message import find_message
from hub.store.desk.order import Line, LineMovement, OrderPage, own_movements, show_order
from hub.store.fulfillment.pickups import pickup_of
from hub.store.timeline import timeline_of
from hub.web.desk.orders.edits import view_edits
from hub.web.desk.orders.money import view_money
from hub.web.desk.orders.parcels import view_parcels
from hub.web.desk.orders.returns import view_returns
from hub.web.desk.orders.sources import view_sources
from hub.web.desk.orders.timeline import view_timeline
from hub.web.desk.page import (
    AnyRequest,
    Frame,
    format_of,
    hub_of,
    name_of,
    open_person,
    readable_number,
    render,
)
from hub.web.desk.review.findings import verdict_of
from hub.web.desk.sums import money_of
from hub.web.desk.sync.told import view_order

_SHOWN_BYTES_MAX = 200_000
STOCK_HOLDS = {"oversold", "unsourced"}
HOLDS_MAX = 50  # of one order
NOTHING_TYPED: Mapping[str, Mapping[str, str]] = {}


class Pick(Struct, frozen=True):
    """Where a line's stock comes from, in stock units, and why from there."""

    location: str
    allocated: int
    shipped: int
    reason: str


class LineView(Struct, frozen=True):
    """`late` says what is on backorder; `short` units have no promise at all, `waiting` ones wait for the rest."""

    line: Line
    counts: Counts
    state: Fulfillment
    picks: list[Pick]
    movements: list[LineMovement]
    late: str = ""
    short: int = 0
    waiting: int = 0


class AddressView(Struct, frozen=True):
    """An address as lines to read out or to copy; `roles` says what it is for."""

    roles: str
    rows: list[str]


@get("/orders/{number:int}", include_in_schema=False)
async def order_page(request: AnyRequest, number: FromPath[int], accepted: FromQuery[str] = "") -> Template:
    return await render_order(request, number, accepted=accepted == "yes")


async def render_order(
    request: AnyRequest,
    number: int,
    *,
    accepted: bool = False,
    problem: str = "",
    wrong_field: str = "",
    typed: Mapping[str, Mapping[str, str]] = NOTHING_TYPED,
    status: int = 200,
) -> Template:
    """`problem` is what a button of the page could not do; what was `typed` stands in the form of that name again.

    `wrong_field` is what it named in the form that changes the order.
    """
    at, ctx = now(), hub_of(request)
    fmt = format_of(request, at)
    async with ctx.db.transaction() as tx:
        page = await show_order(tx, number)
        if page is None:
            msg = f"There is no order {number}: check the number, or search for the channel's own number."
            raise NotFoundError(msg)
        person = open_person(ctx.vault, page.head.id, page.head.personal)
        values = {
            **order_values(page, at=at),
            **person_values(person),
            "accepted": accepted,
            "problem": problem,
            "wrong_field": wrong_field,
            "typed": typed,
            "timeline": view_timeline(tell(await timeline_of(tx, page.head.id)), fmt),
            "edits": await view_edits(tx, ctx.vault, page.head.id, fmt),
            "typed_here": page.head.channel_kind in our_own(ctx),
            "held": await holds.list_holds(tx, number=number, limit=HOLDS_MAX),
            "returns": await view_returns(tx, number, shipped=any(line.shipped for line in page.lines)),
            "parcels": await view_parcels(tx, ctx, page, person),
            "told": await view_order(tx, number),
            "sources": await view_sources(tx, number, at=at),
            "paid": await view_money(tx, number, page.head.id),
            "pickup": await pickup_of(tx, page.head.id) if page.head.pickup else None,
        }
        return await render(tx, "order.html", Frame("orders", "orders,stock"), fmt, values, status=status)


@get("/messages/{message_id:uuid}", include_in_schema=False)
async def message_page(request: AnyRequest, message_id: FromPath[UUID]) -> Template:
    """The raw message exactly as it came, for the one question "what did they really send?"."""
    at, ctx = now(), hub_of(request)
    async with ctx.db.transaction() as tx:
        message = await find_message(tx, message_id)
        if message is None:
            msg = "There is no such message."
            raise NotFoundError(msg)
        try:
            body = ctx.vault.open(message.body, message.id.bytes).decode(errors="replace")
        except InputError as error:
            body = str(error)
        values = {"message": message, "body": body[:_SHOWN_BYTES_MAX], "cut": len(body) > _SHOWN_BYTES_MAX}
        return await render(tx, "message.html", Frame("waiting"), format_of(request, at), values)


def order_values(page: OrderPage, *, at: datetime) -> dict[str, object]:
    head = page.head
    kept_whole = any(line.backordered for line in page.lines) and not {*head.holds} & STOCK_HOLDS
    lines = [view_line(line, page.movements, kept_whole=kept_whole, at=at) for line in page.lines]
    counts = add_up(view.counts for view in lines if view.line.kind == "item")
    canceled = head.canceled_at is not None
    expected = when_all((line.expected for line in page.lines), at)
    return {
        "head": head,
        "channel_number": readable_number(head.channel_order_number),
        "lines": lines,
        "fulfillment": Fulfillment.CANCELED if canceled else fulfillment_of(counts),
        "pay_by": head.pay_by if head.pay_by is not None and head.pay_by < FOR_GOOD else None,
        "ship_by": head.ship_by if counts.due and not canceled else None,
        "resolvable": [hold for hold in head.holds if can_be_resolved(hold)],
        "waits": waits_for(counts, head.holds, canceled=canceled, expected=expected),
        "money": money_of(head, page.lines),
        "verdict": verdict_of(page.events),
    }


def view_line(line: Line, movements: Sequence[LineMovement], *, kept_whole: bool, at: datetime) -> LineView:
    """Of an order that is kept whole, what could be had waits for what is on backorder."""
    counts = counts_of(line)
    own = own_movements(line, movements)
    late = Backordered(line.backordered, line.expected, AheadKind(line.ahead_kind or "backorder"))
    rest = counts.short - line.backordered
    return LineView(
        line=line,
        counts=counts,
        state=fulfillment_of(counts),
        picks=picks_of(own),
        movements=own,
        late=in_words(late, at=at) if line.backordered else "",
        short=0 if kept_whole else rest,
        waiting=rest if kept_whole else 0,
    )


def picks_of(movements: Sequence[LineMovement]) -> list[Pick]:
    places = dict.fromkeys(movement.location_name for movement in movements)
    picks = []
    for place in places:
        here = [movement for movement in movements if movement.location_name == place]
        shipped = -sum(movement.on_hand_change for movement in here if movement.kind == "shipment")
        reasons = [movement.reason for movement in here if movement.kind == "allocation"]
        allocated = sum(movement.allocated_change for movement in here)
        picks.append(Pick(place, allocated, shipped, reasons[-1] if reasons else ""))
    return [pick for pick in picks if pick.allocated or pick.shipped]


def person_values(person: Person | None) -> dict[str, object]:
    if person is None:
        return {"person": None, "customer": name_of(None), "addresses": []}
    return {"person": person, "customer": name_of(person), "addresses": view_addresses(person)}


def view_addresses(person: Person) -> list[AddressView]:
    if person.shipping == person.billing and person.shipping is not None:
        return [AddressView("Ships and bills to", address_rows(person.shipping))]
    given = (("Ships to", person.shipping), ("Bills to", person.billing))
    return [AddressView(roles, address_rows(address)) for roles, address in given if address is not None]


def address_rows(address: Address) -> list[str]:
    town = " ".join(part for part in (address.postcode, address.city) if part)
    rows = (
        address.name,
        address.company,
        address.street,
        address.street2,
        town,
        address.region,
        address.country,
    )
    return [row for row in (*rows, address.phone) if row]
