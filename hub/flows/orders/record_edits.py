"""Record edits: orders as a person wants them are written, and stock follows in one plan for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.keep_people import keep_people
from hub.flows.orders.order_rows import Draft, change_facts, holds_with, order_row, own_holds
from hub.flows.orders.own_fields import personal_keys
from hub.flows.orders.record_lines import record_lines
from hub.flows.orders.versions import seal_remark, with_payment
from hub.flows.stock.allocate import plan_wants, record_plan, sourcing_of
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.editing import OWN_LINE, Edited
from hub.model.edits.owners import fields_of, owned_after
from hub.model.errors import OutOfStockError
from hub.model.incoming import IncomingLine
from hub.model.orders.drafts import draft_lines
from hub.model.orders.paying import FOR_GOOD
from hub.model.orders.payments import Word
from hub.model.orders.taking import HeldLine, Match
from hub.model.stock.allocation import Plan
from hub.model.stock.nearness import destination_of
from hub.model.stock.sourcing import Sourcing
from hub.model.telling.kinds import Kind
from hub.store import edits, orders, picking
from hub.store.db import Tx
from hub.store.edits import OwnFields
from hub.store.events import Event, add_events
from hub.store.holds import set_holds
from hub.store.orders import HeldOrder
from hub.store.stock import listings
from hub.store.stock.listings import Matches

CAUSE = "edit"


class Done(Struct, frozen=True):
    """Which of the edits were new, the channels to be told what is left, and the SKUs of which units came free.

    `numbers` are the orders that were split off; `to_tell` the channels to be told of what was done to their orders.
    """

    ids: list[UUID]
    touched: set[UUID]
    freed: set[str]
    numbers: list[int] = []
    to_tell: set[UUID] = set()


class Work(Struct, frozen=True):
    """One order before and after. `cause` makes it happen once; `facts`: the channel's own word, so never refused.

    `matches` are the SKUs of lines that come from another order, `notes` go to the timeline.
    """

    held: HeldOrder
    before: Edited
    after: Edited
    cause: str
    facts: bool = False
    matches: Mapping[str, Match] = {}
    notes: Mapping[str, object] = {}


async def record_works(
    tx: Tx, vault: Vault, works: Sequence[Work], *, kind: Kind, actor: str, at: datetime
) -> Done:
    """Write the orders, plan what stock their lines ask for, and write what became of it."""
    if not works:
        return Done([], set(), set())
    matches = await listings.own_skus(tx, _added(works))
    in_hand = await picking.being_picked(tx, [work.held.id for work in works])
    drafts = [_draft(work, matches, in_hand) for work in works]
    pairs = list(zip(works, drafts, strict=True))
    own = {draft.id: own_holds(draft) for draft in drafts}
    people = await keep_people(tx, vault, [each.order.person for each in drafts], at=at)
    personal = await personal_keys(tx, [draft.order for draft in drafts])
    rows = [order_row(each, own[each.id], vault, people, personal=personal) for each in drafts]
    await orders.update_orders(tx, rows, at=at)
    await edits.put_own(tx, [_own_fields(vault, work) for work in works], at=at)
    wants = [line.want for draft in drafts for line in draft.lines if line.want]
    plan = await plan_wants(tx, wants, {draft.id: _sourcing(work, draft) for work, draft in pairs})
    _refuse_short([(work, draft) for work, draft in pairs if not work.facts], plan)
    holds = {draft.id: holds_with(plan, draft, own[draft.id]) for draft in drafts}
    await set_holds(tx, holds, at=at)
    ahead = await record_lines(tx, drafts, plan)
    causes = {line.id: f"{line.id}/{work.cause}" for work, draft in pairs for line in draft.lines}
    touched = await record_plan(
        tx, plan, cause=CAUSE, cause_of=causes.__getitem__, actor=actor, at=at, also=ahead
    )
    await add_events(tx, [_event(work, draft, kind, actor) for work, draft in pairs], at=at)
    return Done([], touched, plan.freed)


def _added(works: Iterable[Work]) -> list[str]:
    return [line.channel_sku for work in works for line in work.after.order.lines if _is_own(line)]


def _is_own(line: IncomingLine) -> bool:
    return line.channel_line_id.startswith(OWN_LINE)


def _draft(work: Work, matches: Matches, in_hand: Mapping[UUID, int]) -> Draft:
    held, after = work.held, work.after
    word = Word(after.channel_payment, after.collected)
    paid = _is_paid(after)
    order = with_payment(after.order, after, word, canceled=after.canceled)

    def find(line: IncomingLine) -> Match | None:
        known = work.matches.get(line.channel_line_id)
        return known or (matches.find("", line.channel_sku) if _is_own(line) else None)

    lines = draft_lines(
        held.id,
        order,
        held.lines,
        find,
        uuid7,
        canceled=after.canceled,
        place=held.place,
        history=False,
        promised=not held.released if paid else held.keeps_stock,
    )
    return Draft(
        held.id,
        order,
        held.snapshot_key,
        held,
        lines,
        canceled=after.canceled,
        pay_by=FOR_GOOD if paid and held.pay_by else held.pay_by,
        lapsed=held.lapsed and not paid,
        before=work.before.order,
        owners=owned_after(after.owners, fields_of(work.before.order), fields_of(after.order)),
        channel_canceled=held.channel_canceled,
        word=word,
        picked=in_hand,
    )


def _own_values(version: Edited) -> list[tuple[str, Mapping[str, str]]]:
    lines = [(line.channel_line_id, line.custom) for line in version.order.lines if line.custom]
    return [("", version.order.custom), *sorted(lines)]


def _is_paid(after: Edited) -> bool:
    """Whether all of it is there by what the order costs now: so it may have been paid while it was canceled."""
    return not after.canceled and after.account.held > 0 and not after.account.due


def _own_fields(vault: Vault, work: Work) -> OwnFields:
    after = work.after
    remark = seal_remark(vault, work.held.id, after.remark)
    return OwnFields(work.held.id, after.canceled, after.refunded, after.priority, after.tags, remark)


def _sourcing(work: Work, draft: Draft) -> Sourcing:
    return replace(sourcing_of(work.held), to=destination_of(draft.order.person.shipping))


def _refuse_short(works: Sequence[tuple[Work, Draft]], plan: Plan) -> None:
    """What lines lacked before they may lack still; an edit never makes it more."""
    for work, draft in works:
        lacked = {line.id: _lacking(line) for line in work.held.lines} if not work.before.canceled else {}
        short = {
            position: plan.short[line.id]
            for position, line in enumerate(draft.lines)
            if plan.short.get(line.id, 0) > lacked.get(line.id, 0)
        }
        if short:
            named = ", ".join(
                f"{draft.lines[position].sku} lacks {units}" for position, units in short.items()
            )
            msg = f"not enough stock for order {work.held.number}: {named}; take fewer, or add stock first"
            raise OutOfStockError(msg, short)


def _lacking(line: HeldLine) -> int:
    return max(0, line.quantity - line.canceled - line.shipped - line.allocated - line.backordered)


def _event(work: Work, draft: Draft, kind: Kind, actor: str) -> Event:
    """What changed, without anybody's name or address (L17): those stand in the edit, sealed."""
    was, now = work.before, work.after
    ours: dict[str, object] = {"edit": work.cause.partition("/")[0]}
    ours |= {
        name: getattr(now, name) for name in ("tags", "priority") if getattr(now, name) != getattr(was, name)
    }
    if now.refunded != was.refunded:
        ours["refunded"] = f"{now.refunded} {now.order.currency}"
    fields = {
        "contact": fields_of(was.order)["contact"] != fields_of(now.order)["contact"],
        "note": was.remark != now.remark,
        "own fields": _own_values(was) != _own_values(now),
    }
    if any(fields.values()):
        ours["also"] = [name for name, changed in fields.items() if changed]
    if was.canceled != now.canceled:
        kind, ours["by"] = ("canceled" if now.canceled else "reopened"), "a person"
        if kind == "reopened" and work.held.channel_canceled:
            ours["there"] = "canceled"
    return Event(kind, actor, order_id=work.held.id, facts={**change_facts(draft), **ours, **work.notes})
