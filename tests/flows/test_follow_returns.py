"""What a channel says of its returns becomes RMAs: each once, in any order, and never against what a person decided."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.ask_return import decide_returns
from hub.flows.orders.follow_returns import follow_returns
from hub.flows.orders.followed import Followed
from hub.model.orders.rmas import Step
from hub.spec import IncomingReturn, ReturnLine, ReturnState
from hub.store.db import Tx
from tests.builders import NOON, line, open_shop, order, take
from tests.flows.test_batches import statements

REQUESTED, ACCEPTED, REFUSED, ON_ITS_WAY, RECEIVED, CLOSED, CANCELED = ReturnState
RMAS = """
SELECT r.state, m.quantity, m.received FROM rmas r JOIN rma_lines m ON m.rma_id = r.id ORDER BY r.number"""


def told(state: ReturnState, minute: int, *, received: int = 0, order_id: str = "1") -> IncomingReturn:
    return IncomingReturn(
        channel_return_id=f"R-{order_id}",
        channel_order_id=order_id,
        updated_at=NOON + timedelta(minutes=minute),
        state=state,
        lines=[ReturnLine("MUG", 2, "too small", received)],
    )


async def sold(tx: Tx, count: int = 1) -> UUID:
    """Orders of three mugs that have left; the id of their channel."""
    seller = await open_shop(tx, {"MUG": 3 * count})
    await take(tx, seller, *(order(str(row), line("MUG", 3, fulfilled=3)) for row in range(1, count + 1)))
    return seller.id


async def follow(tx: Tx, channel_id: UUID, *news: IncomingReturn) -> Followed:
    return await follow_returns(tx, channel_id, news, actor="web", at=NOON)


async def rmas(tx: Tx) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(RMAS))]


STORY = (told(REQUESTED, 1), told(ACCEPTED, 2), told(RECEIVED, 3, received=1), told(CLOSED, 4, received=2))


@pytest.mark.parametrize("places", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 3, 2), (0, 0, 3, 3)])
async def test_whatever_order_the_news_come_in_the_goods_are_put_aside_once(tx: Tx, places: Sequence[int]):
    channel_id = await sold(tx)
    for place in places:
        await follow(tx, channel_id, STORY[place])
    aside = await tx.scalar(text("SELECT sum(quantity) FROM returns WHERE disposition = 'inspect'"))
    assert (await rmas(tx), aside) == ([("received", 2, 2)], 2)


@pytest.mark.parametrize(
    ("state", "then"),
    [(REQUESTED, "requested"), (ACCEPTED, "approved"), (REFUSED, "declined"), (CANCELED, "canceled")],
)
async def test_the_channels_word_takes_the_steps_of_the_table(tx: Tx, state: ReturnState, then: str):
    channel_id = await sold(tx)
    await follow(tx, channel_id, told(REQUESTED, 1), told(state, 2))
    assert await rmas(tx) == [(then, 2, 0)]


async def test_what_a_person_declined_stays_declined(tx: Tx):
    channel_id = await sold(tx)
    await follow(tx, channel_id, told(REQUESTED, 1))
    number = await tx.scalar(text("SELECT number FROM rmas"))
    await decide_returns(tx, [number], Step.DECLINE, actor="ada", at=NOON)
    await follow(tx, channel_id, told(RECEIVED, 2, received=2))
    assert await rmas(tx) == [("declined", 2, 0)]


async def test_no_more_comes_back_than_is_out_and_an_order_nobody_knows_is_named(tx: Tx):
    channel_id = await sold(tx)
    await tx.execute(text("UPDATE order_lines SET shipped = 1, quantity = 1"))
    followed = await follow(tx, channel_id, told(RECEIVED, 1, received=2), told(REQUESTED, 1, order_id="9"))
    assert (await rmas(tx), [*followed.waits]) == ([("received", 2, 1)], ["R-9"])


async def test_two_returns_of_one_line_bring_no_more_than_is_out(tx: Tx):
    channel_id = await sold(tx)
    await tx.execute(text("UPDATE order_lines SET shipped = 1, quantity = 1"))
    both = [replace(told(RECEIVED, 1, received=1), channel_return_id=name) for name in ("R1", "R2")]
    await follow(tx, channel_id, *both)
    assert await rmas(tx) == [("received", 2, 1), ("approved", 2, 0)]


async def test_a_hundred_returns_ask_as_often_as_one(tx: Tx):
    channel_id = await sold(tx, 101)
    news = [told(RECEIVED, 1, received=1, order_id=str(row)) for row in range(1, 102)]
    counts = []
    for batch in (news[:1], news[1:]):
        with statements(tx) as seen:
            await follow(tx, channel_id, *batch)
        counts.append(len(seen))
    assert counts[0] == counts[1]
