"""The list of orders: filters and paging live in the address, so a page can be kept, sent and fetched again."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct, structs

from hub.flows.orders.keep_people import find_people, read_identity
from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.orders.states import Fulfillment, Wait, fulfillment_of, waits_for
from hub.store.desk.channels import ChannelName, name_channels
from hub.store.desk.orders import (
    BY_CLOCK,
    OrderFilter,
    OrderRow,
    Position,
    View,
    list_orders,
    orders_per_minute,
)
from hub.store.desk.waiting import WaitingCount, count_waiting
from hub.store.fulfillment.ship_by import count_late
from hub.web.desk.charts import minute_bars
from hub.web.desk.page import (
    AnyRequest,
    Frame,
    fields_of,
    format_of,
    hub_of,
    name_of,
    open_person,
    readable_number,
    render,
)

PAGE_ROWS = 50
BUYERS_MAX = 4
LATE_MAX = 100
SEARCH_MAX = 200
NOBODY = "nobody"


class OrderLine(Struct, frozen=True):
    """One row as it is shown."""

    number: int
    channel_number: str
    channel_kind: str
    channel_name: str
    customer: str
    title: str
    more: int
    placed_at: datetime
    total: Decimal
    currency: str
    payment: str
    fulfillment: Fulfillment
    waits: list[Wait]
    ship_by: datetime | None


class Choice(Struct, frozen=True):
    """A link that narrows the list."""

    label: str
    href: str
    current: bool
    count: int = 0
    kind: str = ""


@get("/", include_in_schema=False)
async def home() -> Redirect:
    return Redirect("/orders")


@get("/orders", include_in_schema=False)
async def orders_page(
    request: AnyRequest,
    view: FromQuery[View] = View.ALL,
    channel: FromQuery[str] = "",
    q: Annotated[str, QueryParameter(max_length=SEARCH_MAX)] = "",
    customer: Annotated[str, QueryParameter(max_length=400)] = "",
    after: FromQuery[str] = "",
) -> Template:
    at, ctx = now(), hub_of(request)
    fmt, chosen = format_of(request, at), OrderFilter(view, channel, q.strip(), read_customers(customer))
    async with ctx.db.transaction() as tx:
        rows = await list_orders(tx, chosen, after=read_position(after), at=at, limit=PAGE_ROWS + 1)
        channels = await name_channels(tx)
        shown = [show_row(row, ctx.vault) for row in rows[:PAGE_ROWS]]
        values = {
            "rows": shown,
            "of_customer": bool(customer),
            "buyers": list(dict.fromkeys(row.customer for row in shown))[:BUYERS_MAX] if customer else [],
            "chart": minute_bars(await orders_per_minute(tx, at=at), fmt),
            "tabs": view_tabs(
                chosen, await count_waiting(tx, at=at), await count_late(tx, at=at, most=LATE_MAX)
            ),
            "channel_choices": channel_choices(chosen, channels),
            "chosen_channel": next((each for each in channels if each.slug == channel), None),
            "view": view.value,
            "filtered": bool(chosen != OrderFilter() or after),
            "newest": _address(chosen) if after else "",
            "older": _address(chosen, rows[PAGE_ROWS - 1]) if len(rows) > PAGE_ROWS else "",
        }
        return await render(tx, "orders.html", Frame("orders", "orders", chosen.search), fmt, values)


@post("/orders/find", status_code=200, include_in_schema=False)
async def find_orders(request: AnyRequest) -> Redirect:
    """Lead to the orders that were meant. A post, since an e-mail or a phone may stand in no address (L17)."""
    ctx, words = hub_of(request), (await fields_of(request)).get("q", "")[:SEARCH_MAX]
    typed = read_identity(words)
    if typed is None:
        return Redirect(_address(OrderFilter(search=words)), status_code=303)
    async with ctx.db.transaction() as tx:
        people = await find_people(tx, ctx.vault, typed)
        chosen = OrderFilter(customers=tuple(each for person in people for each in person.ids))
        numbered = OrderFilter(search=words)
        could_be = not people and not typed.email and not words.startswith("+")
        if could_be and await list_orders(tx, numbered, after=None, at=now(), limit=1):
            chosen = numbered
    return Redirect(_address(chosen), status_code=303)


def read_customers(customer: str) -> tuple[UUID, ...] | None:
    """Raise InputError where the address was cut off or changed by hand."""
    if not customer:
        return None
    try:
        return tuple(UUID(each) for each in customer.split(".")) if customer != NOBODY else ()
    except ValueError:
        msg = "there is no such customer: search for the e-mail or the phone number again"
        raise InputError(msg, field="customer") from None


def write_customers(customers: tuple[UUID, ...] | None) -> str:
    return "" if customers is None else ".".join(map(str, customers)) or NOBODY


def show_row(row: OrderRow, vault: Vault) -> OrderLine:
    return OrderLine(
        number=row.number,
        channel_number=readable_number(row.channel_order_number),
        channel_kind=row.channel_kind,
        channel_name=row.channel_name,
        customer=name_of(open_person(vault, row.id, row.personal)),
        title=row.title or "no lines",
        more=max(0, row.line_count - 1),
        placed_at=row.placed_at,
        total=row.total,
        currency=row.currency,
        payment=row.payment,
        fulfillment=Fulfillment.CANCELED if row.canceled_at else fulfillment_of(row.counts),
        waits=waits_for(row.counts, row.holds, canceled=row.canceled_at is not None),
        ship_by=row.ship_by if row.counts.due and not row.canceled_at else None,
    )


def view_tabs(chosen: OrderFilter, waiting: WaitingCount, late: int) -> list[Choice]:
    return [
        Choice(
            view.value.capitalize(),
            _address(structs.replace(chosen, view=view)),
            view is chosen.view,
            {View.HELD: waiting.orders, View.LATE: late}.get(view, 0),
        )
        for view in View
    ]


def channel_choices(chosen: OrderFilter, channels: list[ChannelName]) -> list[Choice]:
    everywhere = Choice("All channels", _address(structs.replace(chosen, channel="")), not chosen.channel)
    return [everywhere] + [
        Choice(
            each.name,
            _address(structs.replace(chosen, channel=each.slug)),
            each.slug == chosen.channel,
            kind=each.kind,
        )
        for each in channels
    ]


def read_position(after: str) -> Position | None:
    """Raise InputError where the address was cut off or changed by hand."""
    if not after:
        return None
    moment, _, number = after.partition("~")
    try:
        since = datetime.fromisoformat(moment)
        if since.tzinfo is not None:
            return Position(since, int(number))
    except ValueError:
        pass
    msg = f"there is no page of orders after {after!r}: go back to the newest"
    raise InputError(msg, field="after")


def _moment_of(chosen: OrderFilter, row: OrderRow) -> datetime:
    return row.ship_by if chosen.view in BY_CLOCK and row.ship_by else row.placed_at


def _address(chosen: OrderFilter, last: OrderRow | None = None) -> str:
    given = {
        "view": "" if chosen.view is View.ALL else chosen.view.value,
        "channel": chosen.channel,
        "q": chosen.search,
        "customer": write_customers(chosen.customers),
        "after": f"{_moment_of(chosen, last).isoformat()}~{last.number}" if last else "",
    }
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/orders?{query}" if query else "/orders"
