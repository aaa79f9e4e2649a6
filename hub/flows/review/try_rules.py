"""Try rules: what a changed rule would have decided on the orders of the last days, before anybody saves it.

Each order is looked at as it stands; list prices and stock are those of now. Nothing is written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.review.review_orders import Looked, look_at
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.incoming import IncomingLine, IncomingOrder, LineKind, Payment, Person, Pickup
from hub.model.review.facts import Line
from hub.model.review.rules import Ready
from hub.model.review.verdicts import Review, judge
from hub.store.db import Tx
from hub.store.review.past import PastOrder, Place, past_orders

DAYS = 30
DAYS_MAX = 366
PAGE = 500


class Difference(Struct, frozen=True):
    """An order that would have been treated otherwise: what is done with it by the rules there are, and what then."""

    order: int
    now: list[str]
    then: list[str]


class Tried(Struct, frozen=True):
    """One page of orders. `failed` says why, where the rule failed; `next` is where the next page begins."""

    orders: int
    differs: list[Difference]
    failed: dict[str, int]
    next: Place | None


def changed(review: Review, rule: Ready, *, name: str) -> Review:
    """The rules with this one in the place of the one of its name, or last."""
    known = [each.rule.name for each in review.rules]
    if name not in known:
        return replace(review, rules=(*review.rules, rule))
    return replace(review, rules=tuple(rule if each.rule.name == name else each for each in review.rules))


def since(days: int, *, at: datetime) -> datetime:
    """Raises InputError."""
    if not 1 <= days <= DAYS_MAX:
        msg = f"the orders of {days} days: it must be from 1 to {DAYS_MAX}, {DAYS} are usual"
        raise InputError(msg, field="days")
    return at - timedelta(days=days)


async def try_page(
    tx: Tx, vault: Vault, now: Review, then: Review, *, since: datetime, after: Place | None = None
) -> Tried:
    """Two statements for each page, however many orders. One whose key this hub has no more is left out."""
    found = await past_orders(tx, since=since, after=after, limit=PAGE)
    numbers = {each.id: each.number for each in found}
    looked = await look_at(tx, _opened(vault, found), now)
    differs: list[Difference] = []
    failed: dict[str, int] = {}
    for order_id, facts in looked.items():
        was, would = judge(facts, now), judge(facts, then)
        if was.outcome != would.outcome:
            differs.append(Difference(numbers[order_id], was.outcome, would.outcome))
        for each in would.failures:
            failed[each.why] = failed.get(each.why, 0) + 1
    last = Place(found[-1].placed_at, found[-1].number) if len(found) == PAGE else None
    return Tried(len(looked), differs, failed, last)


def _opened(vault: Vault, found: Sequence[PastOrder]) -> list[Looked]:
    return [
        Looked(each.id, _incoming(each, person), _lines(each), each.customer_id, each.channel)
        for each, person in _with_person(vault, found)
    ]


def _with_person(vault: Vault, found: Sequence[PastOrder]) -> Iterable[tuple[PastOrder, Person]]:
    for each in found:
        try:
            yield each, msgspec.json.decode(vault.open(each.personal, each.id.bytes), type=Person)
        except (InputError, msgspec.DecodeError):
            continue


def _lines(past: PastOrder) -> list[Line]:
    return [
        Line(
            IncomingLine(
                channel_line_id=each.channel_line_id,
                title=each.title,
                quantity=each.quantity,
                unit_price=each.unit_price,
                total=each.total,
                tax=each.tax,
                discount=each.discount,
                kind=LineKind(each.kind),
                channel_sku=each.channel_sku,
                canceled=each.canceled,
            ),
            each.sku or "",
            each.parts,
        )
        for each in past.lines
    ]


def _incoming(past: PastOrder, person: Person) -> IncomingOrder:
    return IncomingOrder(
        channel_order_id=past.channel_order_id,
        channel_order_number=past.channel_order_number,
        placed_at=past.placed_at,
        updated_at=past.channel_updated_at,
        currency=past.currency,
        lines=[each.line for each in _lines(past)],
        total=past.total,
        tax_total=past.tax_total,
        shipping_total=past.shipping_total,
        shipping_tax=past.shipping_tax,
        discount_total=past.discount_total,
        payment=Payment(past.payment),
        payment_method=past.payment_method,
        shipping_method=past.shipping_method,
        channel_state=past.channel_state,
        person=person,
        pickup=msgspec.convert(past.pickup, Pickup | None),
        cash_on_delivery=past.cash_on_delivery,
    )
