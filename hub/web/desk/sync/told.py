"""What channels are told of orders: on the order's page and the channel's, with the buttons for what was refused."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.telling import able, decide, set_told
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.sync.write_backs import NEXT, Kind, State, Step
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from hub.store.sync import write_backs
from hub.store.sync.write_back_list import WriteBack, list_write_backs
from hub.web.desk.page import AnyRequest, fields_of, hub_of

ACTOR = "desk"
SHOWN_MAX = 100
_WORDS = {
    State.WAITING: ("Waits", "wait"),
    State.CLAIMED: ("On its way", "info"),
    State.UNKNOWN: ("Answer lost", "wait"),
    State.APPLIED: ("Told", "good"),
    State.REJECTED: ("Refused", "bad"),
    State.WITHDRAWN: ("Undone in time", "none"),
    State.DISMISSED: ("Let be", "none"),
}
_WHAT = {Kind.FULFILLMENT: "Parcel", Kind.CANCELLATION: "Cancellation", Kind.REFUND: "Refund"}
SWITCHES = (
    (Kind.FULFILLMENT, "parcels that leave here"),
    (Kind.CANCELLATION, "what is canceled here"),
    (Kind.REFUND, "refunds, which it then pays back"),
)


class ToldView(Struct, frozen=True):
    """`since` is when the channel said it has it, else since when it waits; `retries` and `ends` are its buttons."""

    row: WriteBack
    word: str
    tone: str
    what: str
    since: datetime
    retries: bool
    ends: bool


class Switch(Struct, frozen=True):
    kind: Kind
    says: str
    on: bool


def _what(row: WriteBack) -> str:
    return "Corrected number of a parcel" if row.corrects else _WHAT[row.kind]


def _view(row: WriteBack) -> ToldView:
    word, tone = _WORDS[row.state]
    return ToldView(
        row,
        word,
        tone,
        " ".join(part for part in (_what(row), row.carrier, row.tracking) if part),
        row.told_at or row.made_at,
        retries=(row.state, Step.RETRY) in NEXT,
        ends=(row.state, Step.DISMISS) in NEXT,
    )


async def view_order(tx: Tx, number: int) -> list[ToldView]:
    """All of one order, whatever became of it."""
    found = await list_write_backs(tx, number=number, settled=True, limit=SHOWN_MAX)
    return [_view(each) for each in found]


async def view_channel(tx: Tx, ctx: HubContext, row: ChannelRow) -> dict[str, object]:
    """What waits and what was refused there, and of what it is told."""
    told = await write_backs.switches(tx, row.id)
    can = able(ctx, row.kind) if row.kind in ctx.registry.kinds else set()
    found = await list_write_backs(tx, channel_id=row.id, limit=SHOWN_MAX)
    return {
        "told": [_view(each) for each in found],
        "switches": [Switch(kind, says, on=kind in told) for kind, says in SWITCHES if kind in can],
    }


@post("/write-backs/{write_back_id:uuid}", status_code=200, include_in_schema=False)
async def decide_on(request: AnyRequest, write_back_id: FromPath[UUID]) -> Redirect:
    """`do` is retry or dismiss; then back to the page of the `order`, or of the `channel`."""
    form = await fields_of(request)
    step = {str(each): each for each in (Step.RETRY, Step.DISMISS)}.get(form.get("do", ""))
    if step is None:
        msg = f"{form.get('do', '')!r} cannot be done here: send retry or dismiss"
        raise InputError(msg, field="do")
    await decide(hub_of(request), [write_back_id], step, actor=ACTOR, at=now())
    channel = form.get("channel", "")
    back = (
        f"/channels/{quote(channel)}/sync#refused"
        if channel
        else f"/orders/{quote(form.get('order', ''))}#told"
    )
    return Redirect(back, status_code=303)


@post("/channels/{slug:str}/tells", status_code=200, include_in_schema=False)
async def switch_told(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Each `told` of the form is told from now on, and nothing else."""
    form = await request.form()
    kinds = {kind for kind in Kind if kind in form.getall("told", [])}
    await set_told(hub_of(request), slug, kinds, actor=ACTOR, at=now())
    return Redirect(f"/channels/{quote(slug)}/sync#refused", status_code=303)


told_pages = [decide_on, switch_told]
