"""What a channel is told: what is suspended and waits for a person, with a look at what would change."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from hub.channels.opening import find_channel
from hub.channels.suspended import ring_decided
from hub.flows.sync import hold_back
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.sync.suspended import FIRST, count_suspended, limits_of, list_suspended
from hub.web.desk.page import AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50


@get("/channels/{slug:str}/sync", include_in_schema=False)
async def sync_page(
    request: AnyRequest, slug: FromPath[str], after: FromQuery[UUID | None] = None
) -> Template:
    ctx, at = hub_of(request), now()
    row = await find_channel(ctx, slug)
    here = f"/channels/{slug}/sync"
    async with ctx.db.transaction() as tx:
        rows = await list_suspended(tx, channel_id=row.id, after=after or FIRST, limit=PAGE_ROWS + 1)
        values = {
            "channel": row,
            "suspended": await count_suspended(tx, row.id),
            "limits": await limits_of(tx, row.id),
            "rows": rows[:PAGE_ROWS],
            "until": at.isoformat(),
            "first": here if after else "",
            "more": f"{here}?after={rows[PAGE_ROWS - 1].listing_id}" if len(rows) > PAGE_ROWS else "",
        }
        return await render(
            tx, "sync.html", Frame("channels", "channels,stock"), format_of(request, at), values
        )


@post("/channels/{slug:str}/sync", status_code=200, include_in_schema=False)
async def decide(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is approve or dismiss: all that was suspended when the page was made."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    act = hold_back.approve if form.get("do") == "approve" else hold_back.dismiss
    async with ctx.db.transaction() as tx:
        await act(tx, row.id, until=_moment(form.get("until", "")), actor=ACTOR, at=now())
    await ring_decided(ctx, row.id)
    return Redirect(f"/channels/{quote(slug)}/sync", status_code=303)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no moment: open the page anew"
        raise InputError(msg, field="until") from error
