"""The rows an order becomes: a draft in the words of the tables."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.keep_people import identity_text
from hub.flows.orders.versions import seal_owners, seal_values, with_payment
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited
from hub.model.edits.owners import Owned, merged, overtaken, read_line
from hub.model.fulfillment.ship_by import NO_HANDLING, Handling
from hub.model.incoming import IncomingLine, IncomingOrder, Payment
from hub.model.orders.changes import OrderChange, Progress, changes_between, work_of
from hub.model.orders.drafts import DraftLine, LineOutcome, NewId, draft_lines, fact_lines
from hub.model.orders.paying import FOR_EVER, Patience, has_lapsed
from hub.model.orders.payments import Word, word_of
from hub.model.orders.taking import Match, difference
from hub.model.review.verdicts import Verdict
from hub.model.stock.allocation import Plan
from hub.model.stock.nearness import destination_of
from hub.model.telling.kinds import Kind
from hub.store.events import Event
from hub.store.order_lines import LineRow, LineStock
from hub.store.orders import USUAL_PRIORITY, FactsRow, HeldOrder, OrderRow
from hub.store.stock.listings import Matches


class Draft(Struct, frozen=True):
    """One order about to be written. `older`: an older snapshot, of which only a cancel and what has left count.

    `lapsed`: it is unpaid and its time is over, so it keeps no stock. `before` is the order as it stood, `owners` whose
    fields are a person's, `channel_canceled` and `word` the channel's own.
    """

    id: UUID
    order: IncomingOrder
    key: str
    held: HeldOrder | None
    lines: list[DraftLine]
    canceled: bool
    older: bool = False
    pay_by: datetime | None = None
    lapsed: bool = False
    sent_by_rule: bool = False
    before: IncomingOrder | None = None
    owners: Mapping[str, Owned] = {}
    channel_canceled: bool = False
    word: Word = Word(Payment.PENDING)
    picked: Mapping[UUID, int] = {}
    ship_by: datetime | None = None

    @property
    def changes(self) -> list[OrderChange]:
        """How the order differs from what it was; an older snapshot changes nothing but what it cancels."""
        if self.before is None or self.held is None:
            return []
        after = self.before if self.older else self.order
        return changes_between(self.before, after, was_canceled=self.held.canceled, is_canceled=self.canceled)

    @property
    def progress(self) -> dict[str, Progress]:
        """What of each line is in hand, by the channel's id."""
        lines = self.held.lines if self.held else []
        return {line.channel_line_id: Progress(self.picked.get(line.id, 0), line.shipped) for line in lines}

    @property
    def replaces(self) -> bool:
        return self.held is not None and not self.older

    @property
    def paid_late(self) -> bool:
        """Whether the payment came after all, for an order that has lost its stock: a fact, whatever is left (L6)."""
        return self.held is not None and self.held.lapsed and self.replaces and self.pay_by is None

    @property
    def removed(self) -> list[UUID]:
        """Lines that the channel's newer snapshot has no more."""
        return [line.id for line in self.lines if line.line is None] if self.replaces else []

    @property
    def change(self) -> int:
        """The how-manieth version of the order this is: 0 for a new one."""
        return self.held.changes + 1 if self.held else 0


NONE_PICKED: Mapping[UUID, int] = {}


class Actor(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def actor(self) -> str: ...


def draft_of(
    order: IncomingOrder,
    key: str,
    held: HeldOrder | None,
    matches: Matches,
    *,
    canceled: bool,
    place: str | None,
    joined_at: datetime | None = None,
    patience: Patience = FOR_EVER,
    handling: Handling = NO_HANDLING,
    new_id: NewId = uuid7,
    at: datetime,
    reread: bool = False,
    version: Edited | None = None,
    picked: Mapping[UUID, int] = NONE_PICKED,
    ships_here: bool = False,
) -> Draft:
    """`reread`: the same messages read anew, so that what they say counts whatever their key was.

    `version` is the order as it stands: what people own of it stays as they said.
    """
    canceled, channel_canceled = _canceled_after(order, held, said=canceled)
    before = version.order if version else None
    owners = version.owners if version else {}
    if held is not None and key <= held.snapshot_key and not reread:
        asks = {} if ships_here else overtaken(order, owners)
        grown = _grown(asks, before)
        facts = fact_lines(held.id, order, held.lines, grown, canceled=canceled, place=place)
        older = Draft(held.id, order, key, held, facts, canceled=canceled, older=True)
        return replace(older, before=before, owners={**owners, **asks}, picked=picked)
    word = word_of(order)
    order, owners = merged(order, owners, ships_here=ships_here)
    order = with_payment(order, version, word, canceled=canceled)

    def find(line: IncomingLine) -> Match | None:
        return matches.find(line.channel_listing_id, line.channel_sku)

    history = joined_at is not None and order.placed_at < joined_at
    order_id = held.id if held else new_id()
    pay_by = _pay_by(patience, order, word, held)
    ended = has_lapsed(pay_by, at) or (pay_by is not None and held is not None and held.lapsed)
    lapsed = ended and not canceled
    released = held is not None and held.released
    lines = draft_lines(
        order_id,
        order,
        held.lines if held else [],
        find,
        new_id,
        canceled=canceled,
        place=place,
        history=history,
        promised=not (lapsed or released),
    )
    return Draft(
        order_id,
        order,
        key,
        held,
        lines,
        canceled=canceled,
        pay_by=pay_by,
        lapsed=lapsed,
        before=before,
        owners=owners,
        channel_canceled=channel_canceled,
        word=word,
        picked=picked,
        ship_by=order.ship_by or (None if held else handling.ship_by(order.placed_at)),
    )


def _grown(asks: Mapping[str, Owned], before: IncomingOrder | None) -> dict[str, IncomingLine]:
    """The lines of which more has left than people kept, with what else is known of them."""
    own = {line.channel_line_id: line.custom for line in before.lines} if before else {}
    lines = [line for owned in asks.values() if (line := read_line(owned.ours))]
    return {line.channel_line_id: replace(line, custom=own.get(line.channel_line_id, {})) for line in lines}


def _pay_by(patience: Patience, order: IncomingOrder, word: Word, held: HeldOrder | None) -> datetime | None:
    return patience.pay_by(
        word.payment,
        order.payment_method,
        order.placed_at,
        held.pay_by if held else None,
        at_the_door=order.cash_on_delivery,
    )


def _canceled_after(order: IncomingOrder, held: HeldOrder | None, *, said: bool) -> tuple[bool, bool]:
    """Whether the order is canceled, and whether the channel says so; a cancel is never unsaid, but by a person.

    What the channel said of an order before it had our cancel does not say that it has it no more.
    """
    if held is None:
        return said, said
    if held.reopened:
        before = held.cancel_told_at is not None and order.updated_at <= held.cancel_told_at
        return False, said or before
    return said or held.canceled, said or held.channel_canceled


def own_holds(draft: Draft, verdict: Verdict | None = None) -> list[str]:
    """Why the order waits for a person, whatever is planned for it; a canceled one waits for nothing.

    A person's own holds stay.
    """
    if draft.canceled:
        return []
    was = draft.held.known_holds if draft.held else set()
    holds = was - {"unmatched", "oversold", "unsourced", "conflict"}
    if any(owned.asks for owned in draft.owners.values()):
        holds.add("conflict")
    if verdict:
        holds |= verdict.holds
    if not draft.lapsed:
        holds.discard("payment")
    elif any(line.open_units for line in draft.lines):
        holds.add("payment")
    if "oversold" in was and any(line.held is not None and line.held.shipped for line in draft.lines):
        holds.add("oversold")  # units that left may be what exceeded the books: the next sweep looks
    if any(line.unmatched for line in draft.lines):
        holds.add("unmatched")
    return sorted(holds)


def holds_with(plan: Plan, draft: Draft, own: list[str]) -> list[str]:
    """Why it waits with what stock said to it."""
    if draft.canceled or plan.fits:
        return own
    return sorted({*own, *plan.holds(line.id for line in draft.lines)})


def order_row(
    draft: Draft,
    holds: list[str],
    vault: Vault,
    people: Mapping[str, UUID],
    verdict: Verdict | None = None,
    *,
    personal: AbstractSet[str],
) -> OrderRow:
    """`personal` are the keys of fields whose values are sealed."""
    order, said = draft.order, verdict or Verdict()
    return OrderRow(
        id=draft.id,
        channel_order_id=order.channel_order_id,
        channel_order_number=order.channel_order_number,
        channel_state=order.channel_state,
        snapshot_key=draft.key,
        placed_at=order.placed_at,
        channel_updated_at=order.updated_at,
        currency=order.currency,
        total=order.total,
        tax_total=order.tax_total,
        shipping_total=order.shipping_total,
        shipping_tax=order.shipping_tax,
        discount_total=order.discount_total,
        difference=difference(order),
        tax_included=order.tax_included,
        payment=order.payment,
        payment_method=order.payment_method,
        shipping_method=order.shipping_method,
        canceled=draft.canceled,
        holds=holds,
        notes=order.notes,
        customer_id=people.get(identity_text(order.person)),
        personal=vault.seal(msgspec.json.encode(order.person), draft.id.bytes),
        ship_to=destination_of(order.person.shipping),
        pay_by=draft.pay_by,
        pickup=order.pickup,
        cash_on_delivery=order.cash_on_delivery,
        hold_notes=said.notes,
        tags=said.tags,
        priority=USUAL_PRIORITY if said.priority is None else said.priority,
        channel_canceled=draft.channel_canceled,
        channel_payment=draft.word.payment,
        collected=draft.word.collected,
        owners=seal_owners(vault, draft.id, draft.owners),
        ship_by=draft.ship_by,
        custom={key: value for key, value in order.custom.items() if key not in personal},
        custom_personal=seal_values(
            vault, draft.id, {key: value for key, value in order.custom.items() if key in personal}
        ),
    )


def facts_row(draft: Draft, vault: Vault) -> FactsRow:
    """What an older snapshot still changes of its order."""
    asks = any(owned.asks for owned in draft.owners.values())
    return FactsRow(draft.id, draft.canceled, seal_owners(vault, draft.id, draft.owners), asks)


def line_rows(draft: Draft, after: Mapping[UUID, LineOutcome]) -> list[LineRow]:
    return [
        _line_row(draft.id, position, line, line.line, after[line.id])
        for position, line in enumerate(draft.lines)
        if line.line is not None
    ]


def _line_row(
    order_id: UUID, position: int, draft: DraftLine, line: IncomingLine, after: LineOutcome
) -> LineRow:
    return LineRow(
        id=draft.id,
        order_id=order_id,
        position=position,
        channel_line_id=line.channel_line_id,
        channel_sku=line.channel_sku,
        channel_listing_id=line.channel_listing_id,
        title=line.title,
        kind=line.kind,
        sku=draft.sku,
        units=draft.units,
        quantity=line.quantity,
        canceled=after.canceled,
        canceled_with_order=after.canceled_with_order,
        allocated=after.allocated,
        backordered=after.backordered,
        shipped=after.shipped,
        fulfilled=line.fulfilled,
        left_before=draft.left_before,
        unit_price=line.unit_price,
        discount=line.discount,
        tax=line.tax,
        total=line.total,
        custom=line.custom,
    )


def line_stock_rows(draft: Draft, after: Mapping[UUID, LineOutcome]) -> list[LineStock]:
    """Lines the channel removed, or all of an order it canceled: their words stay, their quantities change."""
    return [
        LineStock(
            line.id,
            line.sku,
            line.units,
            after[line.id].canceled,
            after[line.id].allocated,
            after[line.id].shipped,
            after[line.id].backordered,
            after[line.id].canceled_with_order,
        )
        for line in draft.lines
        if line.line is None
    ]


def change_facts(draft: Draft) -> dict[str, object]:
    """What changed, and what that asks of those who have the order in their hands."""
    changes = draft.changes
    todos = work_of(changes, draft.progress)
    facts = {"changes": changes, "todo": todos}
    return {name: msgspec.to_builtins(each) for name, each in facts.items() if each}


def event_of(draft: Draft, plan: Plan, holds: Sequence[str], seller: Actor, *, reread: str = "") -> Event:
    """One sentence of the timeline: taken, changed or canceled, with what stock said to it."""
    facts: dict[str, object] = {
        "state": draft.order.channel_state,
        "as_of": draft.order.updated_at.isoformat(),
    }
    if draft.order.revision:
        facts["revision"] = draft.order.revision
    if reread:
        facts["reread"] = reread
    if draft.held is None:
        facts |= {"lines": len(draft.lines), "total": f"{draft.order.total} {draft.order.currency}"}
    facts |= change_facts(draft)
    short = {line.sku: plan.short[line.id] for line in draft.lines if line.id in plan.short}
    late = {line.sku: plan.backordered[line.id].units for line in draft.lines if line.id in plan.backordered}
    facts |= {name: lacks for name, lacks in (("short", short), ("backordered", late)) if lacks}
    if holds:
        facts["holds"] = list(holds)
    newly_canceled = draft.canceled and not (draft.held is not None and draft.held.canceled)
    kind: Kind = "canceled" if newly_canceled else "taken" if draft.held is None else "changed"
    return Event(kind, seller.actor, order_id=draft.id, channel_id=seller.id, facts=facts)
