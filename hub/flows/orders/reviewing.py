"""The review of orders as they are taken: which are looked at, and what becomes of one by what was decided."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from hub.flows.orders.keep_people import identity_text
from hub.flows.orders.order_rows import Actor, Draft
from hub.flows.review.review_orders import Looked
from hub.model.edits.owners import fields_of, owned_after
from hub.model.incoming import LineKind
from hub.model.review.facts import ChannelFacts, Line
from hub.model.review.verdicts import Verdict
from hub.store.events import Event


def reviewed_events(verdicts: Mapping[UUID, Verdict], seller: Actor) -> list[Event]:
    """What the review said, one sentence for each order that anything was said of."""
    return [
        Event("reviewed", "hub", order_id=order_id, channel_id=seller.id, facts=verdict.says)
        for order_id, verdict in verdicts.items()
    ]


def to_review(
    drafts: Sequence[Draft], people: Mapping[str, UUID], seller: Actor, *, promises: bool
) -> list[Looked]:
    """The new orders of which something still has to leave, or that have no goods at all."""
    channel = ChannelFacts(seller.actor, promises)
    return [
        Looked(
            draft.id,
            draft.order,
            _matched(draft),
            people.get(identity_text(draft.order.person)),
            channel,
        )
        for draft in drafts
        if draft.held is None and not draft.canceled and not _has_left(draft)
    ]


def _has_left(draft: Draft) -> bool:
    goods = [line for line in draft.lines if line.line and line.line.kind is LineKind.ITEM]
    return bool(goods) and not any(line.open_units for line in goods)


def _matched(draft: Draft) -> list[Line]:
    return [
        Line(each.line, each.sku or "", each.match.parts if each.match else {})
        for each in draft.lines
        if each.line
    ]


def as_decided(draft: Draft, verdict: Verdict | None) -> Draft:
    """What rules say of where its goods come from, and of how it is sent, before anything is promised."""
    if verdict is None:
        return draft
    return _shipped_by(_sent_from(draft, verdict.location), verdict.shipping_method)


def _sent_from(draft: Draft, location: str | None) -> Draft:
    """What that location cannot give is short, and waits."""
    if location is None:
        return draft
    lines = [
        replace(each, want=replace(each.want, place=location)) if each.want else each for each in draft.lines
    ]
    return replace(draft, lines=lines, sent_by_rule=True)


def _shipped_by(draft: Draft, method: str | None) -> Draft:
    """The field is ours from now on: what the channel says of it later is a conflict, shown, and overwrites nothing."""
    if method is None:
        return draft
    order = replace(draft.order, shipping_method=method)
    owners = owned_after(draft.owners, fields_of(draft.order), fields_of(order))
    return replace(draft, order=order, owners=owners)
