"""The list of orders: filters and paging live in the address, so a page can be kept, sent and fetched again."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.states import Fulfillment, Wait, fulfillment_of, waits_for
from hub.store.desk.channels import ChannelName, name_channels
from hub.store.desk.orders import OrderFilter, OrderRow, Position, View, list_orders, orders_per_minute
from hub.store.desk.waiting import WaitingCount, count_waiting
from hub.web.desk.charts import minute_bars
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

PAGE_ROWS = 50


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
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    after: FromQuery[str] = "",
) -> Template:
    at, ctx = now(), hub_of(request)
    fmt, chosen = format_of(request, at), OrderFilter(view, channel, q.strip())
    async with ctx.db.transaction() as tx:
        rows = await list_orders(tx, chosen, after=read_position(after), limit=PAGE_ROWS + 1)
        channels = await name_channels(tx)
        values = {
            "rows": [show_row(row, ctx.vault) for row in rows[:PAGE_ROWS]],
            "chart": minute_bars(await orders_per_minute(tx, at=at), fmt),
            "tabs": view_tabs(chosen, await count_waiting(tx, at=at)),
            "channel_choices": channel_choices(chosen, channels),
            "chosen_channel": next((each for each in channels if each.slug == channel), None),
            "view": view.value,
            "filtered": bool(chosen != OrderFilter() or after),
            "newest": _address(chosen) if after else "",
            "older": _address(chosen, rows[PAGE_ROWS - 1]) if len(rows) > PAGE_ROWS else "",
        }
        return await render(tx, "orders.html", Frame("orders", "orders", chosen.search), fmt, values)


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
    )


def view_tabs(chosen: OrderFilter, waiting: WaitingCount) -> list[Choice]:
    return [
        Choice(
            view.value.capitalize(),
            _address(OrderFilter(view, chosen.channel, chosen.search)),
            view is chosen.view,
            waiting.orders if view is View.HELD else 0,
        )
        for view in View
    ]


def channel_choices(chosen: OrderFilter, channels: list[ChannelName]) -> list[Choice]:
    everywhere = Choice(
        "All channels", _address(OrderFilter(chosen.view, "", chosen.search)), not chosen.channel
    )
    return [everywhere] + [
        Choice(
            each.name,
            _address(OrderFilter(chosen.view, each.slug, chosen.search)),
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
        placed_at = datetime.fromisoformat(moment)
        if placed_at.tzinfo is not None:
            return Position(placed_at, int(number))
    except ValueError:
        pass
    msg = f"there is no page of orders after {after!r}: go back to the newest"
    raise InputError(msg, field="after")


def _address(chosen: OrderFilter, last: OrderRow | None = None) -> str:
    given = {
        "view": "" if chosen.view is View.ALL else chosen.view.value,
        "channel": chosen.channel,
        "q": chosen.search,
        "after": f"{last.placed_at.isoformat()}~{last.number}" if last else "",
    }
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/orders?{query}" if query else "/orders"
