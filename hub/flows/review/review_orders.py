"""Review new orders, step 5 of the flow: one statement for all that is known around them, then plain values.

Only what still has to leave is looked at: a till sale, or an order that was shipped before the channel was joined, has
happened. An order is reviewed once, when it is new; what a person has approved since is not held again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from hub.kit.expressions import read_expression
from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder
from hub.model.review.checks import Check
from hub.model.review.facts import Basket, ChannelFacts, Facts, Line, Past, basket_of, facts_of
from hub.model.review.rules import Ready, Rule
from hub.model.review.verdicts import Review, Verdict, judge
from hub.store.db import Tx
from hub.store.review.around import Around, Asker, look_around
from hub.store.review.rules import read_current


async def current_review(tx: Tx) -> Review:
    """How orders are reviewed now. One statement."""
    settings, kept = await read_current(tx)
    ready: list[Ready] = []
    unread: list[Rule] = []
    for rule in kept:
        try:
            ready.append(Ready(rule, read_expression(rule.condition, Facts)))
        except InputError:
            unread.append(rule)
    return Review(tuple(settings), tuple(ready), tuple(unread))


NONE_ALIKE: Mapping[UUID, tuple[str, ...]] = {}


class Looked(Struct, frozen=True):
    """An order under review. `customer_id` is None for nobody in particular."""

    id: UUID
    order: IncomingOrder
    lines: list[Line]
    customer_id: UUID | None
    channel: ChannelFacts

    @property
    def basket(self) -> Basket:
        return basket_of(self.lines)


async def review_orders(tx: Tx, looked: Sequence[Looked], review: Review) -> dict[UUID, Verdict]:
    """Return the verdict on each order that something is to be said of."""
    if not looked or not review.looks:
        return {}
    facts = await look_at(tx, looked, review, same=_same_in_batch(looked, _window(review)))
    verdicts = {order_id: judge(each, review) for order_id, each in facts.items()}
    return {order_id: verdict for order_id, verdict in verdicts.items() if verdict.says}


async def look_at(
    tx: Tx, looked: Sequence[Looked], review: Review, *, same: Mapping[UUID, tuple[str, ...]] = NONE_ALIKE
) -> dict[UUID, Facts]:
    """All that checks and rules may know of each order, in one statement.

    `same` are the orders with the same basket that are not kept yet, by id.
    """
    around = await look_around(
        tx,
        [Asker(each.id, each.customer_id, each.order.placed_at) for each in looked if each.customer_id],
        [sku for each in looked for line in each.lines for sku in (line.sku, *line.parts) if sku],
        window=_window(review),
    )
    return {each.id: _facts(each, around, same.get(each.id, ())) for each in looked}


def _window(review: Review) -> timedelta:
    """How far back the same basket is looked for."""
    minutes = (each.figure for each in review.settings if each.check is Check.DUPLICATE)
    return timedelta(minutes=int(next(minutes, None) or 0))


def _same_in_batch(looked: Sequence[Looked], window: timedelta) -> dict[UUID, tuple[str, ...]]:
    """Orders of one batch that are alike know of each other only here: the later one has the earlier ones."""
    groups: dict[tuple[UUID, Basket], list[Looked]] = {}
    for each in looked:
        if each.customer_id and each.basket:
            groups.setdefault((each.customer_id, each.basket), []).append(each)
    return {
        order_id: same
        for group in groups.values()
        if len(group) > 1
        for order_id, same in _earlier(group, window)
    }


def _earlier(group: list[Looked], window: timedelta) -> Iterator[tuple[UUID, tuple[str, ...]]]:
    orders = sorted(group, key=lambda each: (each.order.placed_at, each.order.channel_order_id))
    for at, each in enumerate(orders):
        since = each.order.placed_at - window
        yield (
            each.id,
            tuple(was.order.channel_order_number for was in orders[:at] if was.order.placed_at >= since),
        )


def _facts(each: Looked, around: Around, same: tuple[str, ...]) -> Facts:
    before = around.before.get(each.id)
    if before is None:
        return facts_of(each.order, each.lines, each.channel, around.shelves, Past(same=same))
    alike = [str(was.number) for was in before.recent if each.basket and was.basket == each.basket]
    past = Past(before.orders, (*alike, *same), before.blocked, tuple(before.tags))
    return facts_of(each.order, each.lines, each.channel, around.shelves, past)
