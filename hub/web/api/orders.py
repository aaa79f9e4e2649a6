"""Orders: list them, open one in full, type one in."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.forms import take_form
from hub.channels.intake import ring_touched
from hub.flows.orders.end_unpaid import keep_unpaid
from hub.flows.orders.own_fields import read_filter
from hub.flows.orders.take_orders import LateLine
from hub.flows.orders.versions import open_values
from hub.kit.clock import now
from hub.kit.language import Language, locale_of
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Person, Pickup
from hub.model.money import Money
from hub.model.orders.paying import HOURS_MAX
from hub.model.orders.states import Fulfillment, Wait, add_up, counts_of, fulfillment_of, waits_for
from hub.model.stock.backorders import when_all
from hub.model.telling.tell import tell_each
from hub.store.api import orders as store
from hub.store.timeline import timeline_of
from hub.web.api.forms import OrderBody
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.timeline import Asked, Entry, Lang, entries_of
from hub.web.problems import answers


class OrderBrief(Struct, frozen=True):
    """One order of a list. `units` are still wanted, shipped ones included."""

    id: UUID
    number: int
    channel: str
    channel_order_id: str
    channel_order_number: str
    placed_at: datetime
    taken_at: datetime
    canceled_at: datetime | None
    total: Money
    payment: str
    fulfillment: Fulfillment
    holds: list[str]
    ship_by: datetime | None
    units: int


class OrdersPage(Struct, frozen=True):
    items: list[OrderBrief]
    next_cursor: str | None


class Charges(Struct, frozen=True):
    """The channel's own figures, not recomputed.

    total = lines + their taxes + shipping + its tax + difference; the difference is 0 for a sound order.
    """

    total: Money
    tax: Money
    shipping: Money
    shipping_tax: Money
    discount: Money
    difference: Money
    tax_included: bool


class LineOut(Struct, frozen=True):
    """`total` is what the line costs after `discount`, without `tax`. `units` are units of `sku` in one unit sold.

    `backordered` units are accepted although they are not there: `expected` says when. `stock` is where its units come
    from, in stock units. Of a bundle, `parts` are what one unit sold takes, as of when the line was matched.
    `fields` are values of your own.
    """

    id: UUID
    channel_line_id: str
    channel_sku: str
    title: str
    kind: str
    sku: str | None
    units: int
    quantity: int
    canceled: int
    allocated: int
    backordered: int
    expected: date | None
    shipped: int
    returned: int
    stock: list[store.Source]
    unit_price: Money
    discount: Money
    tax: Money
    total: Money
    fields: dict[str, str]
    parts: dict[str, int]


class OrderOut(Struct, frozen=True):
    """One order in full. `changes` counts its newer versions, by the channel or by people. When stock arrives, orders
    with the lowest `priority` are filled first, then the oldest. `pickup`: the customer collects it, at which of the
    channel's places, where it says so; null: it is sent. `cash_on_delivery`: it is paid at the door. `ship_by`:
    by when it must leave, by the channel's word or its handling time. `fields`: values of your own.
    """

    id: UUID
    number: int
    channel: str
    channel_name: str
    channel_order_id: str
    channel_order_number: str
    channel_state: str
    placed_at: datetime
    channel_updated_at: datetime
    taken_at: datetime
    canceled_at: datetime | None
    changes: int
    payment: str
    payment_method: str
    shipping_method: str
    pickup: Pickup | None
    cash_on_delivery: bool
    ship_by: datetime | None
    fulfillment: Fulfillment
    priority: int
    holds: list[str]
    waits_for: list[Wait]
    notes: list[str]
    tags: list[str]
    fields: dict[str, str]
    customer: Person
    charges: Charges
    lines: list[LineOut]
    timeline: list[Entry]


class OrderTaken(Struct, frozen=True):
    """`number` is what people read out. `holds` says what the order waits for, if anything; `backordered` are its lines
    of which some were accepted although they are not there yet.
    """

    id: UUID
    number: int
    holds: list[str]
    backordered: list[LateLine]


class KeepIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`hours` null: as long as it is open."""

    hours: Annotated[int, Meta(ge=1, le=HOURS_MAX)] | None


class Kept(Struct, frozen=True):
    number: int


KeepBody = Annotated[KeepIn, Body(examples=[Example(summary="One day more", value={"hours": 24})])]


@get("/", summary="List orders", responses=answers(400, 422))
async def list_orders(
    hub: NamedDependency[HubContext],
    *,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
    held: Annotated[
        bool | None,
        QueryParameter(description="`true`: only orders that wait for a person; `false`: only the others"),
    ] = None,
    late: Annotated[
        bool | None, QueryParameter(description="`true`: only orders that should have left by now")
    ] = None,
    since: Annotated[
        datetime | None,
        QueryParameter(description="Only orders placed at this time or later, with its time zone"),
    ] = None,
    field: Annotated[
        str | None,
        QueryParameter(description="Only those with this value of a field of your own: `po_number=4711`"),
    ] = None,
) -> OrdersPage:
    """The newest orders first."""
    if since is not None and since.tzinfo is None:
        msg = "write the time with its zone, such as 2026-03-01T00:00:00Z"
        raise InputError(msg, field="since")
    before = read_cursor(cursor, tuple[str, int], store.NEWEST)
    async with hub.db.transaction() as tx:
        custom = await read_filter(tx, field) if field is not None else None
        found = await store.orders(
            tx,
            before=before,
            channel=channel,
            held=held,
            since=since,
            late_at=now() if late else None,
            custom=custom,
            limit=limit + 1,
        )
    heads, more = cut(found, limit)
    last = write_cursor(heads[-1].placed_at, heads[-1].number) if more else None
    return OrdersPage([_brief(head) for head in heads], last)


@get("/{order_id:uuid}", summary="One order in full", responses=answers(400, 404))
async def show_order(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], lang: Lang = None, accept_language: Asked = ""
) -> OrderOut:
    """Lines, charges, customer, and all that happened to it, in words of the language you ask for."""
    async with hub.db.transaction() as tx:
        head = await store.order(tx, order_id)
        lines = await store.order_lines(tx, order_id)
        told = tell_each(await timeline_of(tx, order_id))
    if head is None:
        msg = f"there is no order {order_id}: find it in the list of orders"
        raise NotFoundError(msg)
    person = msgspec.json.decode(hub.vault.open(head.personal, head.id.bytes), type=Person)
    fields = head.custom | open_values(hub.vault, head.id, head.custom_personal)
    timeline = entries_of(told, Language(locale_of(lang or accept_language)))
    return _full(head, lines, timeline, person, fields, at=now())


@post("/", summary="Type in an order", responses=answers(400, 404, 409, 422))
async def take_order(hub: NamedDependency[HubContext], data: OrderBody) -> OrderTaken:
    """Take one order of a channel of kind `manual`: phone, e-mail, counter.

    Stock is promised at once, and what is sold ahead goes on backorder: 409 names the lines that are short beyond that,
    and nothing is taken. Sending the same
    `command_id` again is the same order, so a request without an answer can be sent again.
    """
    taken = await take_form(hub, data.channel, data.form(), at=now())
    return OrderTaken(taken.order_id, taken.number, list(taken.holds), taken.backordered)


@post(
    "/{number:int}/keep",
    status_code=200,
    summary="Keep an unpaid order's stock",
    responses=answers(400, 404, 422),
)
async def keep_order(hub: NamedDependency[HubContext], number: FromPath[int], data: KeepBody) -> Kept:
    """For so many hours from now. What it has lost already is promised again, as far as there is."""
    async with hub.db.transaction() as tx:
        touched = await keep_unpaid(tx, [number], hours=data.hours, actor="api", at=now())
    await ring_touched(hub, touched)
    return Kept(number)


def _brief(head: store.OrderHead) -> OrderBrief:
    return OrderBrief(
        id=head.id,
        number=head.number,
        channel=head.channel,
        channel_order_id=head.channel_order_id,
        channel_order_number=head.channel_order_number,
        placed_at=head.placed_at,
        taken_at=head.taken_at,
        canceled_at=head.canceled_at,
        total=Money(head.total, head.currency),
        payment=head.payment,
        fulfillment=fulfillment_of(head.counts),
        holds=head.holds,
        ship_by=head.ship_by,
        units=head.counts.ordered - head.counts.canceled,
    )


_ALIKE = tuple(name for name in OrderOut.__struct_fields__ if name in store.OrderFull.__struct_fields__)


def _full(
    head: store.OrderFull,
    lines: list[store.OrderLine],
    happened: list[Entry],
    person: Person,
    fields: dict[str, str],
    *,
    at: datetime,
) -> OrderOut:
    counts = add_up(counts_of(line) for line in lines if line.kind == "item")
    expected = when_all((line.expected for line in lines), at)
    return OrderOut(
        **{name: getattr(head, name) for name in _ALIKE},
        fulfillment=fulfillment_of(counts),
        waits_for=waits_for(counts, head.holds, canceled=head.canceled_at is not None, expected=expected),
        fields=fields,
        customer=person,
        charges=_charges(head),
        lines=[_line(line, head.currency) for line in lines],
        timeline=happened,
    )


def _charges(head: store.OrderFull) -> Charges:
    return Charges(
        total=Money(head.total, head.currency),
        tax=Money(head.tax_total, head.currency),
        shipping=Money(head.shipping_total, head.currency),
        shipping_tax=Money(head.shipping_tax, head.currency),
        discount=Money(head.discount_total, head.currency),
        difference=Money(head.difference, head.currency),
        tax_included=head.tax_included,
    )


def _line(line: store.OrderLine, currency: str) -> LineOut:
    return LineOut(
        **{name: getattr(line, name) for name in _PLAIN},
        parts=dict(line.parts),
        unit_price=Money(line.unit_price, currency),
        discount=Money(line.discount, currency),
        tax=Money(line.tax, currency),
        total=Money(line.total, currency),
    )


_MADE = {"unit_price", "discount", "tax", "total", "parts"}
_PLAIN = tuple(name for name in LineOut.__struct_fields__ if name not in _MADE)

order_routes = Router(
    "/orders", route_handlers=[list_orders, show_order, take_order, keep_order], tags=["orders"]
)
