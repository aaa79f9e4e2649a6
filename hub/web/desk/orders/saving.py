"""Drafts on the desk: saved as they are typed, listed, opened again on any machine, dropped."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.drafts import drop_forms, keep_form
from hub.flows.orders.keep_drafts import KeptDrafts, Typed, TypedLine, open_draft
from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.stock.backorders import Backordered
from hub.model.stock.nearness import destination_of
from hub.store import drafts
from hub.store.db import Tx
from hub.store.desk.stock import Suggestion
from hub.store.drafts import KeptDraft
from hub.store.stock import reservations
from hub.web.desk.orders.draft import Draft, keep_minutes, person_of, stock_lines
from hub.web.desk.page import AnyRequest, hub_of

ACTOR = "desk"
LISTED_MAX = 30


class Standing(Struct, frozen=True):
    """Where a draft stands: until when its stock is reserved, and by row what is, what is lacking, what is sold ahead.

    `kept`: it is on the hub. `ran_out`: its stock was reserved and is not any more. `number`: it is this order already.
    `problem`: why it could not be kept.
    """

    kept: bool = False
    until: datetime | None = None
    reserved: Mapping[int, int] = {}
    short: Mapping[int, int] = {}
    late: Mapping[int, Backordered] = {}
    ran_out: bool = False
    number: int | None = None
    problem: str = ""


class DraftBrief(Struct, frozen=True):
    """One draft of a list; `name` and `title` are empty where nothing was typed, `unread` where no key opens it."""

    id: str
    name: str
    title: str
    actor: str
    saved_at: datetime
    reserved: int
    until: datetime | None
    unread: bool = False


async def save(
    ctx: HubContext,
    draft: Draft,
    found: Mapping[str, Suggestion],
    *,
    at: datetime,
    actor: str = ACTOR,
    minutes: int | None = None,
) -> Standing:
    """Keep the draft as it stands and reserve its stock; where all was taken out again, forget it."""
    if draft.is_blank:
        await drop_forms(ctx, [draft.command_id], at=at)
        return Standing()
    rows = stock_lines(draft, found)
    lines = [TypedLine(sku, quantity) for sku, quantity in rows.values()]
    keep_s = (minutes or keep_minutes(draft, ctx.config.draft_minutes)) * 60
    to = destination_of(person_of(draft).shipping)
    typed = Typed(draft.command_id, msgspec.json.encode(draft), lines, keep_s=keep_s, to=to)
    try:
        kept = await keep_form(ctx, draft["channel"], typed, actor=actor, at=at)
    except InputError as error:
        return Standing(problem=str(error))
    if draft.command_id in kept.accepted:
        return Standing(number=kept.accepted[draft.command_id])
    return _standing(kept, draft.command_id, rows)


def _standing(kept: KeptDrafts, draft_id: str, rows: Mapping[int, tuple[str, int]]) -> Standing:
    """From positions of the lines that take stock to rows of the form."""
    row_of = dict(enumerate(rows))
    short = {row_of[position]: units for (_, position), units in kept.short.items()}
    late = {row_of[position]: each for (_, position), each in kept.late.items()}
    lacking = {row: short.get(row, 0) + (late[row].units if row in late else 0) for row in rows}
    reserved = {
        row: quantity - lacking[row] for row, (_, quantity) in rows.items() if quantity > lacking[row]
    }
    until = kept.until[draft_id] if reserved else None
    return Standing(kept=True, until=until, reserved=reserved, short=short, late=late)


async def reopen(tx: Tx, vault: Vault, draft_id: str) -> tuple[Draft, KeptDraft] | None:
    """What was typed, wherever it was; None where there is no such draft, or no key of this hub opens it."""
    kept = await drafts.find_draft(tx, draft_id)
    draft = _read(vault, kept) if kept else None
    return (draft, kept) if draft and kept else None


async def standing_of(tx: Tx, draft: Draft, kept: KeptDraft, found: Mapping[str, Suggestion]) -> Standing:
    """Where a draft stands that nobody has changed meanwhile; a SKU on two lines counts for the first one first."""
    left: dict[str, int] = {}
    for each in await reservations.kept_for(tx, [kept.id]):
        left[each.sku] = left.get(each.sku, 0) + each.units
    reserved = {}
    rows = stock_lines(draft, found)
    for row, (sku, quantity) in rows.items():
        units = min(quantity, left.get(sku, 0))
        left[sku] = left.get(sku, 0) - units
        if units:
            reserved[row] = units
    return Standing(
        kept=True, until=kept.reserved_until, reserved=reserved, ran_out=bool(rows) and not kept.reserved
    )


async def list_briefs(tx: Tx, vault: Vault, *, but: str = "", limit: int = LISTED_MAX) -> list[DraftBrief]:
    """The last saved first, without the one that is open."""
    kept = await drafts.list_drafts(tx, limit=limit)
    return [brief_of(each, _read(vault, each)) for each in kept if each.id != but]


def brief_of(kept: KeptDraft, draft: Draft | None) -> DraftBrief:
    names: Sequence[str] = [draft[name] for name in ("name", "company", "phone", "email")] if draft else []
    return DraftBrief(
        id=kept.id,
        name=next((name for name in names if name), ""),
        title=draft.title if draft else "",
        actor=kept.actor,
        saved_at=kept.saved_at,
        reserved=kept.reserved,
        until=kept.reserved_until,
        unread=draft is None,
    )


@post("/orders/drafts/{draft_id:str}/drop", status_code=200, include_in_schema=False)
async def drop_draft(request: AnyRequest, draft_id: FromPath[str]) -> Redirect:
    """Nobody needs it: what was typed is forgotten, its stock is sold again."""
    await drop_forms(hub_of(request), [draft_id], at=now())
    return Redirect("/orders/new", status_code=303)


def _read(vault: Vault, kept: KeptDraft) -> Draft | None:
    try:
        return msgspec.json.decode(open_draft(vault, kept.id, kept.sealed), type=Draft)
    except (InputError, msgspec.DecodeError):
        return None
