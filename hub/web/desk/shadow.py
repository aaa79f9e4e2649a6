"""A channel in shadow: how ready it is, what would change, and its switches."""

from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.shadow import ring_switched
from hub.flows.stock.shadow import readiness, set_shadow
from hub.kit.clock import now
from hub.model.stock.shadow import CHANGES, Readiness, Verdict, known_groups
from hub.store import shadow as store
from hub.web.desk.charts import Part, parts_of
from hub.web.desk.format import Format
from hub.web.desk.page import AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50


@get("/channels/{slug:str}/shadow", include_in_schema=False)
async def shadow_page(
    request: AnyRequest,
    slug: FromPath[str],
    after: FromQuery[UUID | None] = None,
) -> Template:
    ctx, at = hub_of(request), now()
    row = await find_channel(ctx, slug)
    fmt = format_of(request, at)
    async with ctx.db.transaction() as tx:
        ready = await readiness(tx, row.id)
        rows = await store.beside(
            tx, row.id, changes_only=True, after=after or UUID(int=0), limit=PAGE_ROWS + 1
        )
        values = {
            "channel": row,
            "state": await store.shadow_of(tx, row.id),
            "ready": ready,
            "bar": _bar(ready, fmt),
            "rows": rows[:PAGE_ROWS],
            "first": f"/channels/{slug}/shadow" if after else "",
            "more": f"/channels/{slug}/shadow?after={rows[PAGE_ROWS - 1].id}"
            if len(rows) > PAGE_ROWS
            else "",
            "tones": {Verdict.SOLD_OUT: "bad", Verdict.UNREAD: "", Verdict.MISSING: "wait"},
        }
        return await render(tx, "shadow.html", Frame("channels", "channels,stock"), fmt, values)


def _bar(ready: Readiness, fmt: Format) -> list[Part]:
    sold_out = ready.count(Verdict.SOLD_OUT)
    counts = [
        ("live", "good", ready.offered.live),
        ("the same", "info", ready.count(Verdict.SAME)),
        ("would change", "wait", ready.count(*CHANGES) - sold_out),
        ("would go to 0", "bad", sold_out),
        ("not read or not found", "none", ready.count(Verdict.UNREAD, Verdict.MISSING)),
        ("without a SKU or a count", "none", ready.offered.unmatched + ready.offered.uncounted),
    ]
    return parts_of(counts, fmt)


@post("/channels/{slug:str}/shadow", status_code=200, include_in_schema=False)
async def switch_shadow(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is on, off, live with a `group`, or read: what the channel shows is read again."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    if form.get("do") == "read":
        async with ctx.db.transaction() as tx:
            await store.forget_seen(tx, row.id)
    else:
        await _switch(ctx, row.id, form)
    await ring_switched(ctx, row.id)
    return Redirect(f"/channels/{quote(slug)}/shadow", status_code=303)


async def _switch(ctx: HubContext, channel_id: UUID, form: dict[str, str]) -> None:
    async with ctx.db.transaction() as tx:
        state = await store.shadow_of(tx, channel_id, lock=True)
        more = [form.get("group", "")] if form.get("do") == "live" else []
        groups = known_groups(more, state.live_groups)
        on = form.get("do") != "off" and (form.get("do") == "on" or state.since is not None)
        await set_shadow(tx, channel_id, on=on, live_groups=groups, actor=ACTOR, at=now())
