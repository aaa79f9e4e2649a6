"""Edit: a person changes orders, of whatever channel; stock and money follow, once, and each edit can be undone.

What an edit asks for is a promise: more than there is, is refused. A field that was changed is the person's from then
on; see hub.model.edits.owners.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.keep_people import keep_people
from hub.flows.orders.order_rows import Draft, change_facts, holds_with, order_row, own_holds
from hub.flows.orders.record_lines import record_lines
from hub.flows.orders.versions import read_versions, seal_remark
from hub.flows.stock.allocate import plan_wants, record_plan, sourcing_of
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.deeds import Cancel, Deed, Reopen, Settle
from hub.model.edits.editing import (
    OWN_LINE,
    Edited,
    all_fields,
    apply,
    canceled_text,
    refuse_unshipped,
    reopened,
    with_all_fields,
)
from hub.model.edits.owners import LINE, NOTHING, fields_of, owned_after, same
from hub.model.errors import InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.incoming import IncomingLine
from hub.model.orders.drafts import draft_lines
from hub.model.orders.taking import HeldLine, Match
from hub.model.stock.allocation import Plan
from hub.model.stock.nearness import destination_of
from hub.model.stock.sourcing import Sourcing
from hub.store import edits, orders, picking
from hub.store.db import Tx
from hub.store.edits import KeptEdit, NewEdit, OwnFields
from hub.store.events import Event, add_events
from hub.store.holds import set_holds
from hub.store.orders import HeldOrder
from hub.store.stock import listings
from hub.store.stock.listings import Matches

CAUSE = "edit"
REASON_MAX = 500


class Edit(Struct, frozen=True):
    """What a person does to one order at once. `id` is the caller's: the same one again is the same edit (L1)."""

    id: UUID
    order: int
    deeds: Sequence[Deed]
    reason: str = ""


class Done(Struct, frozen=True):
    """Which of the edits were new, the channels to be told, and the SKUs of which units came free."""

    ids: list[UUID]
    touched: set[UUID]
    freed: set[str]


class Field(Struct, frozen=True):
    """What a field was and became. `owned`: it was a person's before."""

    before: str
    after: str
    owned: bool = False


class Kept(Struct, frozen=True):
    """An edit as it is sealed: its fields, and the units of each line that were canceled before the whole order was."""

    fields: dict[str, Field]
    canceled: dict[str, int] = {}


class _Work(Struct, frozen=True):
    """One order before and after. `cause` makes it happen once; `facts`: the channel's own word, so never refused."""

    held: HeldOrder
    before: Edited
    after: Edited
    cause: str
    facts: bool = False

    @property
    def base(self) -> Edited:
        """What the lines were, where it was canceled as a whole and is so no more."""
        again = self.before.canceled and not self.after.canceled
        return reopened(self.before) if again else self.before


async def edit_orders(tx: Tx, vault: Vault, wanted: Sequence[Edit], *, actor: str, at: datetime) -> Done:
    """Change orders; an edit that was made before changes nothing.

    Raises InputError, NotFoundError, WrongStateError or OutOfStockError with nothing written.
    """
    by_order = {each.order: each for each in wanted}
    _refuse_bad(wanted, by_order)
    held = await _lock(tx, list(by_order))
    known = await edits.known(tx, [each.id for each in wanted])
    fresh = {order.id: by_order[order.number] for order in held if by_order[order.number].id not in known}
    before = await _before(tx, vault, fresh)
    works = [
        _Work(
            order,
            before[order.id],
            apply(before[order.id], fresh[order.id].deeds, edit_id=fresh[order.id].id),
            str(fresh[order.id].id),
            all(isinstance(deed, Settle) and deed.follow for deed in fresh[order.id].deeds),
        )
        for order in held
        if order.id in fresh
    ]
    rows = [_kept(vault, work, fresh[work.held.id]) for work in works]
    await edits.add_edits(tx, rows, actor=actor, at=at)
    done = await _record(tx, vault, works, kind="edited", actor=actor, at=at)
    return replace(done, ids=[row.id for row in rows])


async def undo_edits(tx: Tx, vault: Vault, ids: Sequence[UUID], *, actor: str, at: datetime) -> Done:
    """Take edits back; a field the channel owned before is as the channel has it now. Once: again changes nothing.

    Raises NotFoundError, OutOfStockError, or WrongStateError where a field was changed again since.
    """
    found = await edits.edits_by_id(tx, ids)
    strange = [each for each in ids if each not in found]
    if strange:
        msg = f"there is no edit {strange[0]}: see the edits of its order"
        raise NotFoundError(msg)
    by_order = {each.order_id: each for each in found.values()}
    if len(by_order) < len(found):
        msg = "two edits of one order at once: undo the newer one first"
        raise InputError(msg, field="edits")
    held = await orders.lock_all(tx, list(by_order))
    still = await edits.edits_by_id(tx, ids)  # once the orders are locked
    todo = [order for order in held if still[by_order[order.id].id].undone_at is None]
    before = await read_versions(tx, vault, [order.id for order in todo])
    before = {
        order_id: replace(each, before_cancel=open_edit(vault, by_order[order_id]).canceled)
        for order_id, each in before.items()
    }
    works = [
        _Work(
            order,
            before[order.id],
            _undone(vault, before[order.id], by_order[order.id]),
            f"{by_order[order.id].id}/undone",
        )
        for order in todo
    ]
    await edits.note_undone(tx, [by_order[order.id].id for order in todo], actor=actor, at=at)
    done = await _record(tx, vault, works, kind="undone", actor=actor, at=at)
    return replace(done, ids=[by_order[order.id].id for order in todo])


def _refuse_bad(wanted: Sequence[Edit], by_order: Mapping[int, Edit]) -> None:
    if len(by_order) < len(wanted):
        msg = "two edits of one order at once: send them one after the other"
        raise InputError(msg, field="order")
    for each in wanted:
        if not each.deeds:
            msg = f"nothing is changed of order {each.order}: say what"
            raise InputError(msg, field="changes")
        if len(each.reason) > REASON_MAX:
            msg = f"the reason has {len(each.reason)} characters: {REASON_MAX} are enough"
            raise InputError(msg, field="reason")


async def _lock(tx: Tx, numbers: Sequence[int]) -> list[HeldOrder]:
    ids = await orders.ids_of(tx, numbers)
    strange = [number for number in numbers if number not in ids]
    if strange:
        msg = f"there is no order {strange[0]}: see hub order list; nothing was changed"
        raise NotFoundError(msg)
    return await orders.lock_all(tx, sorted(ids.values()))


async def _before(tx: Tx, vault: Vault, fresh: Mapping[UUID, Edit]) -> dict[UUID, Edited]:
    """The orders as they stand; who reopens one knows what of it was canceled before the whole of it was."""
    before = await read_versions(tx, vault, list(fresh))
    again = [
        order_id for order_id, each in fresh.items() if any(isinstance(deed, Reopen) for deed in each.deeds)
    ]
    cancels = await edits.last_cancels(tx, again) if again else {}
    kept = {order_id: open_edit(vault, each) for order_id, each in cancels.items()}
    return before | {
        order_id: replace(before[order_id], before_cancel=each.canceled) for order_id, each in kept.items()
    }


def open_edit(vault: Vault, edit: KeptEdit) -> Kept:
    """Raises InputError where no key of this hub opens it."""
    return msgspec.json.decode(vault.open(edit.sealed, edit.id.bytes), type=Kept)


def _kept(vault: Vault, work: _Work, edit: Edit) -> NewEdit:
    was, now = all_fields(work.base) | {"canceled": canceled_text(work.before)}, all_fields(work.after)
    fields = {
        name: Field(was.get(name, NOTHING), now.get(name, NOTHING), name in work.before.owners)
        for name in sorted({*was, *now})
        if was.get(name, NOTHING) != now.get(name, NOTHING)
    }
    canceled = {line.channel_line_id: line.canceled for line in work.before.order.lines}
    sealed = vault.seal(msgspec.json.encode(Kept(fields, canceled)), edit.id.bytes)
    whole = any(isinstance(deed, Cancel) and not deed.units for deed in edit.deeds)
    return NewEdit(edit.id, work.held.id, "cancel" if whole else "", edit.reason.strip(), sealed)


def _undone(vault: Vault, now: Edited, edit: KeptEdit) -> Edited:
    """Each field as it was before; of what the channel owned, what it says now."""
    kept = open_edit(vault, edit)
    fields, back = all_fields(now), {}
    for name, each in kept.fields.items():
        if not same(name, fields.get(name, NOTHING), each.after):
            msg = f"{name.removeprefix(LINE)} was changed again since: undo the newer edit first, or edit it"
            raise WrongStateError(msg)
        owned = now.owners.get(name)
        back[name] = owned.theirs if owned is not None and not each.owned else each.before
    again = now.canceled and "canceled" in kept.fields
    after = with_all_fields(reopened(now) if again else now, back)
    refuse_unshipped(after)
    return after


async def _record(
    tx: Tx, vault: Vault, works: Sequence[_Work], *, kind: str, actor: str, at: datetime
) -> Done:
    """Write the orders, plan what stock their lines ask for, and write what became of it."""
    if not works:
        return Done([], set(), set())
    matches = await listings.own_skus(tx, _added(works))
    in_hand = await picking.being_picked(tx, [work.held.id for work in works])
    drafts = [_draft(work, matches, in_hand) for work in works]
    own = {draft.id: own_holds(draft) for draft in drafts}
    people = await keep_people(tx, vault, [each.order.person for each in drafts], at=at)
    await orders.update_orders(tx, [order_row(each, own[each.id], vault, people) for each in drafts], at=at)
    await edits.put_own(tx, [_own_fields(vault, work) for work in works], at=at)
    wants = [line.want for draft in drafts for line in draft.lines if line.want]
    plan = await plan_wants(tx, wants, {draft.id: _sourcing(draft) for draft in drafts})
    _refuse_short([(work, draft) for work, draft in zip(works, drafts, strict=True) if not work.facts], plan)
    holds = {draft.id: holds_with(plan, draft, own[draft.id]) for draft in drafts}
    await set_holds(tx, holds, at=at)
    ahead = await record_lines(tx, drafts, plan)
    causes = {
        line.id: f"{line.id}/{work.cause}"
        for work, draft in zip(works, drafts, strict=True)
        for line in draft.lines
    }
    touched = await record_plan(
        tx, plan, cause=CAUSE, cause_of=causes.__getitem__, actor=actor, at=at, also=ahead
    )
    events = [_event(work, draft, kind, actor) for work, draft in zip(works, drafts, strict=True)]
    await add_events(tx, events, at=at)
    freed = {sku for move in plan.moves if move.kind == "release" for sku in move.parts}
    return Done([], touched, freed)


def _added(works: Iterable[_Work]) -> list[str]:
    return [line.channel_sku for work in works for line in work.after.order.lines if _is_own(line)]


def _is_own(line: IncomingLine) -> bool:
    return line.channel_line_id.startswith(OWN_LINE)


def _draft(work: _Work, matches: Matches, in_hand: Mapping[UUID, int]) -> Draft:
    held, after = work.held, work.after

    def find(line: IncomingLine) -> Match | None:
        return matches.find("", line.channel_sku) if _is_own(line) else None

    lines = draft_lines(
        held.id,
        after.order,
        held.lines,
        find,
        uuid7,
        canceled=after.canceled,
        place=held.place,
        history=False,
        promised=held.keeps_stock,
    )
    return Draft(
        held.id,
        after.order,
        held.snapshot_key,
        held,
        lines,
        canceled=after.canceled,
        pay_by=held.pay_by,
        lapsed=held.lapsed,
        before=work.before.order,
        owners=owned_after(after.owners, fields_of(work.base.order), fields_of(after.order)),
        channel_canceled=held.channel_canceled,
        picked=in_hand,
    )


def _own_fields(vault: Vault, work: _Work) -> OwnFields:
    after = work.after
    remark = seal_remark(vault, work.held.id, after.remark)
    return OwnFields(work.held.id, after.canceled, after.refunded, after.priority, after.tags, remark)


def _sourcing(draft: Draft) -> Sourcing:
    assert draft.held is not None
    return replace(sourcing_of(draft.held), to=destination_of(draft.order.person.shipping))


def _refuse_short(works: Sequence[tuple[_Work, Draft]], plan: Plan) -> None:
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


def _event(work: _Work, draft: Draft, kind: str, actor: str) -> Event:
    """What changed, without anybody's name or address (L17): those stand in the edit, sealed."""
    was, now = work.before, work.after
    ours: dict[str, object] = {
        name: getattr(now, name) for name in ("tags", "priority") if getattr(now, name) != getattr(was, name)
    }
    if now.refunded != was.refunded:
        ours["refunded"] = f"{now.refunded} {now.order.currency}"
    fields = {
        "contact": fields_of(was.order)["contact"] != fields_of(now.order)["contact"],
        "note": was.remark != now.remark,
    }
    if any(fields.values()):
        ours["also"] = [name for name, changed in fields.items() if changed]
    return Event(kind, actor, order_id=work.held.id, facts={**change_facts(draft), **ours})
