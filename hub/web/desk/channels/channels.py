"""Channels and their health: when each was last heard of, how fresh what it shows is, and what goes wrong."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from litestar import get
from litestar.response import Template
from msgspec import Struct

from hub.channels.registry import Registry
from hub.kit.clock import now
from hub.model.freshness import FRESHNESS_GOAL, Freshness
from hub.store.channels import CLOSED
from hub.store.desk.channels import ChannelRow, list_channels
from hub.web.desk.charts import Part, freshness_parts
from hub.web.desk.format import Format
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, render

TODAY = timedelta(hours=24)

# The first that holds says how the channel is; `tone` colors the word, which always stands beside it.
_NEEDS_LOOK = (Freshness.REJECTED, Freshness.UNKNOWN, Freshness.LATE)


class Health(Struct, frozen=True):
    word: str
    tone: str
    remedy: str = ""


class ChannelView(Struct, frozen=True):
    row: ChannelRow
    title: str
    health: Health
    parts: list[Part]
    listings: int
    label: str


@get("/channels", include_in_schema=False)
async def channels_page(request: AnyRequest) -> Template:
    at, ctx = now(), hub_of(request)
    fmt = format_of(request, at)
    async with ctx.db.transaction() as tx:
        rows = await list_channels(tx, since=at - TODAY, at=at)
        values = {
            "channels": [view_channel(row, ctx.registry, fmt) for row in rows],
            "goal_s": int(FRESHNESS_GOAL.total_seconds()),
        }
        return await render(tx, "channels.html", Frame("channels", "channels,orders,stock"), fmt, values)


def view_channel(row: ChannelRow, registry: Registry, fmt: Format) -> ChannelView:
    connector = registry.kinds.get(row.kind)
    parts = freshness_parts(row.freshness, fmt)
    return ChannelView(
        row=row,
        title=connector.manifest.title if connector else f"{row.kind}, whose connector is not installed",
        health=health_of(row, fmt.at),
        parts=parts,
        listings=sum(row.freshness.values()),
        label=", ".join(part.title for part in parts) or "no listings",
    )


def health_of(row: ChannelRow, at: datetime) -> Health:
    if row.state == CLOSED:
        return Health("Closed", "", "its orders stay; open it again on its page")
    if row.account_state == "needs login":
        return Health("Needs login", "bad", "open it, and give it new credentials")
    if "paused" in {row.account_state, row.state}:
        return Health("Paused", "wait", f"run: hub channel resume {row.slug}")
    if row.paused_until is not None and row.paused_until > at:
        return Health("Backing off", "wait", "the hub tries again by itself")
    if row.problem:
        return Health("Problem", "wait", "the hub tries again by itself")
    return _health_of_numbers(row.freshness)


def _health_of_numbers(freshness: Mapping[str, int]) -> Health:
    worst = next((state for state in _NEEDS_LOOK if freshness.get(state)), None)
    if worst is Freshness.REJECTED:
        return Health("Rejects numbers", "bad", "look at Waiting")
    if worst is not None:
        return Health(
            "Late" if worst is Freshness.LATE else "Unsure", "wait", "the hub tries again by itself"
        )
    return Health("Healthy", "good")
