"""What a person decides on the sync page of a channel."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from hub.channels.intake import ring_touched
from hub.channels.joining import ring_all
from hub.channels.opening import find_channel
from hub.channels.suspended import ring_decided
from hub.flows.sync import hold_back
from hub.flows.sync.pausing import pause_groups, resume_groups
from hub.flows.sync.reconcile import set_policy, settle
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.sync.drift import BY_A_PERSON, Policy
from hub.store import channels
from hub.web.desk.page import AnyRequest, fields_of, hub_of

ACTOR = "desk"


@post("/channels/{slug:str}/sync", status_code=200, include_in_schema=False)
async def decide(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is approve or dismiss: all that was suspended when the page was made."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    act = hold_back.approve if form.get("do") == "approve" else hold_back.dismiss
    async with ctx.db.transaction() as tx:
        await act(tx, row.id, until=_moment(form.get("until", "")), actor=ACTOR, at=now())
    await ring_decided(ctx, row.id)
    return _back(slug)


@post("/channels/{slug:str}/pause", status_code=200, include_in_schema=False)
async def pause_or_resume(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is pause or resume: the whole channel, or where `group` is sent, a group of SKUs on it."""
    ctx, form = hub_of(request), await fields_of(request)
    row, pauses = await find_channel(ctx, slug), form.get("do") == "pause"
    async with ctx.db.transaction() as tx:
        if "group" in form:
            act = pause_groups if pauses else resume_groups
            await act(tx, row.id, [form["group"]], actor=ACTOR, at=now())
        elif pauses:
            await channels.pause(tx, row.id, at=now())
        else:
            await channels.resume(tx, row.id, at=now())
    await ring_all(ctx, row)
    return _back(slug)


@post("/channels/{slug:str}/drift", status_code=200, include_in_schema=False)
async def settle_drift(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is heal, adopt or leave, for the drift `id`; or `policy` says what drift leads to from now on."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    touched: set[UUID] = set()
    async with ctx.db.transaction() as tx:
        if form.get("policy") in list(Policy):
            await set_policy(tx, row.id, Policy(form["policy"]), actor=ACTOR, at=now())
        else:
            deed = BY_A_PERSON[form.get("do", "leave")]
            touched = (await settle(tx, [UUID(form.get("id", ""))], deed, actor=ACTOR, at=now())).touched
    await ring_touched(ctx, touched)
    return _back(slug, "drift")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no moment: open the page anew"
        raise InputError(msg, field="until") from error


def _back(slug: str, part: str = "") -> Redirect:
    return Redirect(f"/channels/{quote(slug)}/sync{'#' + part if part else ''}", status_code=303)
