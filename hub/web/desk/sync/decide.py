"""What a person decides on the sync page of a channel."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from hub.channels.intake import ring_touched
from hub.channels.joining import ring_all
from hub.channels.opening import find_channel, find_open_channel
from hub.channels.suspended import ring_decided
from hub.flows.sync import hold_back
from hub.flows.sync.pausing import pause_groups, resume_groups
from hub.flows.sync.reconcile import set_policy, settle
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.sync.drift import BY_A_PERSON, Policy
from hub.store import channels
from hub.web.desk.page import AnyRequest, fields_of, hub_of

Choice = TypeVar("Choice")
ACTOR = "desk"
DECISIONS = {"approve": hold_back.approve, "dismiss": hold_back.dismiss}
OF_CHANNELS = {"pause": channels.pause, "resume": channels.resume}
OF_GROUPS = {"pause": pause_groups, "resume": resume_groups}
POLICIES = {each.value: each for each in Policy}


@post("/channels/{slug:str}/sync", status_code=200, include_in_schema=False)
async def decide(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is approve or dismiss: all that was suspended when the page was made."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    act = _chosen(form, "do", DECISIONS)
    async with ctx.db.transaction() as tx:
        await act(tx, row.id, until=_moment(form.get("until", "")), actor=ACTOR, at=now())
    await ring_decided(ctx, row.id)
    return _back(slug)


@post("/channels/{slug:str}/pause", status_code=200, include_in_schema=False)
async def pause_or_resume(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is pause or resume: the whole channel, or where `group` is sent, a group of SKUs on it."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_open_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        if "group" in form:
            await _chosen(form, "do", OF_GROUPS)(tx, row.id, [form["group"]], actor=ACTOR, at=now())
        else:
            await _chosen(form, "do", OF_CHANNELS)(tx, row.id, at=now())
    await ring_all(ctx, row)
    return _back(slug)


@post("/channels/{slug:str}/drift", status_code=200, include_in_schema=False)
async def settle_drift(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """`do` is heal, adopt or leave, for the drift `id`; or `policy` says what drift leads to from now on."""
    ctx, form = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    touched: set[UUID] = set()
    async with ctx.db.transaction() as tx:
        if "policy" in form:
            await set_policy(tx, row.id, _chosen(form, "policy", POLICIES), actor=ACTOR, at=now())
        else:
            deed, drift_id = _chosen(form, "do", BY_A_PERSON), _id(form.get("id", ""))
            touched = (await settle(tx, [drift_id], deed, actor=ACTOR, at=now())).touched
    await ring_touched(ctx, touched)
    return _back(slug, "drift")


def _chosen(form: Mapping[str, str], field: str, choices: Mapping[str, Choice]) -> Choice:
    """Nothing is done by default: who sends another word meant something else."""
    word = form.get(field, "")
    if word not in choices:
        msg = f"{word!r} cannot be done here: send {' or '.join(choices)}"
        raise InputError(msg, field=field)
    return choices[word]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        msg = f"{text!r} is no id of a drift: open the page anew"
        raise InputError(msg, field="id") from error


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no moment: open the page anew"
        raise InputError(msg, field="until") from error


def _back(slug: str, part: str = "") -> Redirect:
    return Redirect(f"/channels/{quote(slug)}/sync{'#' + part if part else ''}", status_code=303)
