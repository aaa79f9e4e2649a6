"""One channel's sync: how it keeps up, what is late and why, what is suspended, what differs, what is paused."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.kit.clock import now
from hub.model.histogram import within
from hub.model.stock.waits import reasons
from hub.model.sync.drift import LEADS_TO, SAYS
from hub.model.sync.pace import AGES
from hub.model.sync.stages import SAYS as SAYS_OF_STAGE
from hub.model.sync.stages import Stage
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from hub.store.sync import pace, stages
from hub.store.sync.drift import list_drifts, policy_of
from hub.store.sync.pace import LateListing, Pace
from hub.store.sync.suspended import FIRST, count_suspended, limits_of, list_suspended
from hub.web.desk.charts import Part, parts_of
from hub.web.desk.format import Format
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.sync.told import view_channel

PAGE_ROWS = 50
LATE_MAX = 50
DRIFTS_MAX = 100
DAY = timedelta(days=1)
_TONES = ("good", "good", "good", "info", "info", "wait", "none")


class State(Struct, frozen=True):
    """How the channel stands, in a word with its tone, and what follows."""

    word: str
    tone: str
    says: str


IN_SHADOW = State("In shadow", "info", "It is read, and its orders are taken: nothing is written to it.")


class Late(Struct, frozen=True):
    row: LateListing
    why: str


class Age(Struct, frozen=True):
    """One row of the histogram: its bar is one part of a hundred."""

    label: str
    count: int
    bar: list[Part]


class Speed(Struct, frozen=True):
    """How fast one stage is: within so many seconds half, and nearly all; "–" where nothing came through."""

    label: str
    half: str
    nearly_all: str


@get("/channels/{slug:str}/sync", include_in_schema=False)
async def sync_page(
    request: AnyRequest, slug: FromPath[str], after: FromQuery[UUID | None] = None
) -> Template:
    ctx, at = hub_of(request), now()
    row = await find_channel(ctx, slug)
    fmt = format_of(request, at)
    async with ctx.db.transaction() as tx:
        values = {
            "channel": row,
            "until": at.isoformat(),
            **await _kept_up(tx, ctx, row, fmt),
            **await _suspended(tx, row, after),
            **await view_channel(tx, ctx, row),
            "drifts": await list_drifts(tx, channel_id=row.id, limit=DRIFTS_MAX),
            "policy": await policy_of(tx, row.id),
            "policies": LEADS_TO,
            "says": SAYS,
        }
        return await render(tx, "sync.html", Frame("channels", "channels,stock"), fmt, values)


async def _kept_up(tx: Tx, ctx: HubContext, row: ChannelRow, fmt: Format) -> dict[str, object]:
    (found,) = await pace.paces(tx, slug=row.slug, at=fmt.at)
    late = await pace.late_listings(tx, channel_id=row.id, limit=LATE_MAX, at=fmt.at)
    times = await stages.stage_times(tx, since=(fmt.at - DAY).date())
    return {
        "pace": found,
        "state": _state(found, fmt),
        "late": [Late(each, _why(each, fmt.at)) for each in late],
        "ages": _ages(await pace.ages(tx, row.id, at=fmt.at), fmt),
        "speeds": _speeds({each.stage: each.counts for each in times if each.channel == row.slug}),
        "kind_known": row.kind in ctx.registry.kinds,
    }


async def _suspended(tx: Tx, row: ChannelRow, after: UUID | None) -> dict[str, object]:
    here = f"/channels/{quote(row.slug)}/sync"
    rows = await list_suspended(tx, channel_id=row.id, after=after or FIRST, limit=PAGE_ROWS + 1)
    return {
        "suspended": await count_suspended(tx, row.id),
        "limits": await limits_of(tx, row.id),
        "rows": rows[:PAGE_ROWS],
        "first": here if after else "",
        "more": f"{here}?after={rows[PAGE_ROWS - 1].listing_id}" if len(rows) > PAGE_ROWS else "",
    }


def _state(each: Pace, fmt: Format) -> State:
    if each.account_state == "needs login":
        return State("Needs login", "bad", "It refuses the hub's keys: nothing is asked or told.")
    if each.state == "closed":
        return State("Closed", "none", "It is asked and told nothing; its orders stay.")
    if "paused" in {each.account_state, each.state}:
        return State("Paused", "wait", "A person paused it: nothing is asked or told until it goes on.")
    if each.paused_until is not None and each.paused_until > fmt.at:
        return State(
            "Backing off", "wait", f"{each.failures} calls in a row failed; the next one probes it in"
        )
    if each.late:
        return State("Late", "wait", "Changes wait longer than the goal.")
    return State("Keeps up", "good", "") if each.shadow_since is None else IN_SHADOW


def _why(each: LateListing, at: datetime) -> str:
    return "; ".join(reason.says for reason in reasons(each.offer, at))


def _ages(counts: list[int], fmt: Format) -> list[Age]:
    labels = [f"Within {within_so_long}" for within_so_long, _ in AGES] + ["Longer ago", "Never confirmed"]
    total = max(1, sum(counts))
    found = zip(labels, counts, _TONES, strict=True)
    return [
        Age(label, count, parts_of([(label, tone, count), ("all others", "rest", total - count)], fmt)[:1])
        for label, count, tone in found
        if count or label != labels[-1]
    ]


def _speeds(took: Mapping[Stage, Mapping[float, int]]) -> list[Speed]:
    return [
        Speed(SAYS_OF_STAGE[stage], *(_seconds(within(took.get(stage, {}), share)) for share in (0.5, 0.99)))
        for stage in Stage
    ]


def _seconds(bound: float | None) -> str:
    if bound is None:
        return "–"
    return "more than 5 min" if bound == float("inf") else f"{bound:g} s"
