"""What a channel is told, and shows: what is suspended, what differs, and what a person says to it."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.channels.suspended import ring_decided
from hub.flows.sync import hold_back
from hub.flows.sync.reconcile import set_policy, settle
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.sync.drift import BY_A_PERSON, LEADS_TO, SAYS, Policy
from hub.store.sync.drift import count_asked, list_drifts, policy_of
from hub.store.sync.suspended import FIRST, count_suspended, limits_of, list_suspended
from hub.web.desk.page import AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
DRIFTS_MAX = 100


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
            "drifts": await list_drifts(tx, channel_id=row.id, limit=DRIFTS_MAX),
            "asked": await count_asked(tx, row.id),
            "policy": await policy_of(tx, row.id),
            "policies": LEADS_TO,
            "says": SAYS,
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


@post("/channels/{slug:str}/drift", status_code=200, include_in_schema=False)
async def settle_drift(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is heal, adopt or leave, for the drift `id`; or `policy` says what drift leads to from now on."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        if form.get("policy") in list(Policy):
            await set_policy(tx, row.id, Policy(form["policy"]), actor=ACTOR, at=now())
            touched: set[UUID] = set()
        else:
            deed = BY_A_PERSON[form.get("do", "leave")]
            touched = (await settle(tx, [UUID(form.get("id", ""))], deed, actor=ACTOR, at=now())).touched
    await ring_touched(ctx, touched)
    return Redirect(f"/channels/{quote(slug)}/sync#drift", status_code=303)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no moment: open the page anew"
        raise InputError(msg, field="until") from error
