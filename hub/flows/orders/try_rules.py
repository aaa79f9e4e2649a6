"""Try rules: what a changed rule would have decided on the orders of the last days, before anybody saves it.

Each order is looked at as it stands; list prices and stock are those of now. Nothing is written.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.versions import readable_versions
from hub.flows.review.review_orders import Looked, look_at
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder
from hub.model.review.facts import ChannelFacts, Line
from hub.model.review.rules import Ready
from hub.model.review.verdicts import Review, judge
from hub.store.db import Tx
from hub.store.review.past import Matched, PastOrder, Place, past_orders

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
    tx: Tx,
    vault: Vault,
    now: Review,
    then: Review,
    *,
    ours: AbstractSet[str],
    since: datetime,
    after: Place | None = None,
) -> Tried:
    """Three statements for each page, however many orders. One whose key this hub has no more is left out.

    `ours` are the kinds of channel whose orders are typed here.
    """
    found = await past_orders(tx, since=since, after=after, limit=PAGE)
    numbers = {each.id: each.number for each in found}
    versions = await readable_versions(tx, vault, list(numbers))
    known = [_looked(each, versions[each.id].order, ours) for each in found if each.id in versions]
    looked = await look_at(tx, known, now)
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


def _looked(each: PastOrder, order: IncomingOrder, ours: AbstractSet[str]) -> Looked:
    unmatched = Matched("", {})
    matched = [(line, each.matched.get(line.channel_line_id, unmatched)) for line in order.lines]
    lines = [Line(line, match.sku, match.parts) for line, match in matched]
    channel = ChannelFacts(each.channel, each.kind in ours)
    return Looked(each.id, order, lines, each.customer_id, channel)
