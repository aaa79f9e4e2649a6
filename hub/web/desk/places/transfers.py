"""Transfers: what goes from one location to another, how far it is, and all that happened to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template
from msgspec import Struct

from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.stock.transfers import State
from hub.store.db import Tx
from hub.store.desk.stock import list_locations
from hub.store.stock import transfers as store
from hub.store.stock.transfers import Arrived, Transfer
from hub.web.desk.charts import Part
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render

PAGE_ROWS = 50
_TABS = {
    None: "All",
    State.DRAFT: "Drafts",
    State.SENT: "In transit",
    State.RECEIVED: "Received",
    State.CANCELED: "Canceled",
}


class Tab(Struct, frozen=True):
    label: str
    href: str
    current: bool


class TransferView(Struct, frozen=True):
    """`stage` is the state as a person says it; the bar shows what has come, is lost, is on its way."""

    transfer: Transfer
    stage: str
    tone: str
    bar: list[Part]


class Entry(Struct, frozen=True):
    """One thing that happened; `lines` say what came, where anything did."""

    said: str
    tone: str
    by: str
    at: datetime
    reason: str = ""
    lines: Sequence[str] = ()


@get("/transfers", include_in_schema=False)
async def transfers_page(
    request: AnyRequest,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    location: Annotated[str, QueryParameter(max_length=100)] = "",
    before: FromQuery[int] = store.NUMBER_MAX,
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        rows = await store.list_transfers(
            tx, before=before, state=in_state, location=location or None, limit=PAGE_ROWS + 1
        )
        values = {
            "views": [view_transfer(each) for each in rows[:PAGE_ROWS]],
            "tabs": [
                Tab(label, address(state, location), state is in_state) for state, label in _TABS.items()
            ],
            "locations": await list_locations(tx),
            "location": location,
            "in_state": in_state,
            "address": address,
            "first": address(in_state, location) if before < store.NUMBER_MAX else "",
            "more": address(in_state, location, rows[PAGE_ROWS - 1].number) if len(rows) > PAGE_ROWS else "",
        }
        frame = Frame("stock", "stock", "", STOCK_SEARCH)
        return await render(tx, "transfers.html", frame, format_of(request, now()), values)


@get("/transfers/{number:int}", include_in_schema=False)
async def transfer_page(request: AnyRequest, number: FromPath[int]) -> Template:
    return await render_transfer(request, number, at=now())


async def render_transfer(
    request: AnyRequest, number: int, *, at: datetime, problem: str = "", status: int = 200
) -> Template:
    """`problem` is why the button that was pressed did nothing. Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        transfer = await read(tx, number)
        values = {"view": view_transfer(transfer), "entries": tell(transfer), "problem": problem}
        frame = Frame("stock", "stock", "", STOCK_SEARCH)
        return await render(tx, "transfer.html", frame, format_of(request, at), values, status=status)


async def read(tx: Tx, number: int) -> Transfer:
    """Raises NotFoundError."""
    found = await store.read_transfer(tx, number)
    if found is None:
        msg = f"There is no transfer {number}: see Transfers"
        raise NotFoundError(msg)
    return found


def address(state: State | None, location: str, before: int | None = None) -> str:
    given = {"state": state or "", "location": location, "before": before or ""}
    words = urlencode({name: value for name, value in given.items() if value})
    return f"/transfers?{words}" if words else "/transfers"


def view_transfer(transfer: Transfer) -> TransferView:
    lost = sum(line.lost for line in transfer.lines)
    came = sum(line.received + line.found for line in transfer.lines)
    parts: list[Part] = []
    whole = max(1, transfer.units, came + lost)
    for tone, word, units in (
        ("good", "came", came),
        ("bad", "lost", lost),
        ("info", "on its way", transfer.in_transit),
    ):
        if units:
            x = parts[-1].x + parts[-1].width if parts else 0.0
            parts.append(Part(x, round(100 * units / whole, 3), tone, word, units, f"{word}: {units}"))
    return TransferView(transfer, *_stage(transfer, came, lost), parts)


def _stage(transfer: Transfer, came: int, lost: int) -> tuple[str, str]:
    match transfer.state:
        case State.SENT if came or lost:
            return "partly received", "info"
        case State.SENT:
            return "in transit", "info"
        case State.RECEIVED if lost:
            return "received, some lost", "wait"
        case State.RECEIVED:
            return "received", "good"
        case other:
            return str(other), ""


def tell(transfer: Transfer) -> list[Entry]:
    """All that happened, the newest first."""
    entries = [Entry("Drafted", "", transfer.created_by, transfer.created_at)]
    if transfer.sent_at:
        sent = f"Sent from {transfer.source_name}"
        entries.append(Entry(sent, "info", transfer.sent_by, transfer.sent_at))
    entries += [_arrival(each, transfer.target_name) for each in transfer.arrivals]
    if transfer.state is State.CANCELED and transfer.closed_at:
        entries.append(Entry("Canceled", "wait", transfer.closed_by, transfer.closed_at))
    return entries[::-1]


def _arrival(arrived: Arrived, where: str) -> Entry:
    lines = [
        f"{units} × {each.sku}{word}"
        for each in arrived.lines
        for units, word in ((each.received, ""), (each.lost, " lost"), (each.found, " not announced"))
        if units
    ]
    lost = any(each.lost for each in arrived.lines)
    came = any(each.received or each.found for each in arrived.lines)
    said = f"Received at {where}" if came else "Given up as lost"
    return Entry(said, "wait" if lost else "good", arrived.actor, arrived.at, arrived.reason, lines)
