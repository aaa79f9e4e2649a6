"""Returns and refunds are read with the orders of a channel that declares them; a bad one stops no other."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from hub.flows.orders.give_back import GiveBack, give_back
from hub.flows.sync.write_backs import set_told
from hub.jobs.pull_orders import pull_orders
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import HubError
from hub.model.sync.write_backs import Kind
from hub.spec import (
    Capability,
    IncomingRefund,
    IncomingReturn,
    MalformedError,
    Message,
    Page,
    RetryLaterError,
    ReturnLine,
    ReturnState,
    UnauthorizedError,
)
from tests.builders import line, order
from tests.fake_channel import FakeChannel, FakeHub, message_of

MONEY = "SELECT amount, channel_refund_id FROM payments"
CURSOR = "SELECT returns_cursor FROM channels WHERE slug = 'shop'"
PARKED = "SELECT reason FROM inbox WHERE state = 'parked'"
DOUBTED = """SELECT c.slug, l.sku FROM publications p JOIN listings l ON l.id = p.listing_id
JOIN channels c ON c.id = p.channel_id WHERE p.must_tell"""


def back(order_id: str, at: datetime, reason: str = "chipped") -> bytes:
    """One mug of this order is back."""
    line = ReturnLine("MUG", 1, reason, 1)
    told = {"channel_return_id": f"R-{order_id}", "channel_order_id": order_id, "updated_at": at}
    return msgspec.json.encode(IncomingReturn(**told, state=ReturnState.RECEIVED, lines=[line]))  # type: ignore[arg-type]


def refunded(order_id: str) -> IncomingRefund:
    return IncomingRefund(
        channel_refund_id=f"F-{order_id}",
        channel_order_id=order_id,
        refunded_at=now(),
        total=Decimal("9.99"),
    )


class Returning(FakeChannel):
    """`returns` are on its first page, `refunds` on every one; all is read at "end"."""

    def __init__(self, *returns: bytes) -> None:
        super().__init__()
        self.returns = returns
        self.refunds: list[IncomingRefund] | HubError = []
        self.asked_for_returns: list[str | None] = []
        self.pages[None] = Page([message_of(order("1", line("MUG", 1, fulfilled=1)))], None, "end")

    async def fetch_returns(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        del until
        self.asked_for_returns.append(cursor)
        items = self.returns if cursor is None else ()
        return Page([Message(f"r-{row}", "return", "1", body) for row, body in enumerate(items)], None, "end")

    async def fetch_refunds(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        del cursor, until
        if isinstance(self.refunds, HubError):
            raise self.refunds
        return Page(
            [Message("f", "refund", "1", msgspec.json.encode(each)) for each in self.refunds], None, "end"
        )

    def to_refund(self, message: Message) -> IncomingRefund:
        return msgspec.json.decode(message.body, type=IncomingRefund)

    def to_return(self, message: Message) -> IncomingReturn:
        try:
            return msgspec.json.decode(message.body, type=IncomingReturn)
        except msgspec.ValidationError as error:
            raise MalformedError(str(error)) from error


def offer(hub: FakeHub, *returns: bytes, more: Capability | None = Capability.FETCH_RETURNS) -> Returning:
    connector: Any = hub.ctx.registry.kinds["shop"]
    declared = connector.manifest.capabilities | ({more} - {None})
    connector.manifest = replace(connector.manifest, capabilities=declared)
    connector.channel = found = Returning(*returns)
    return found


async def pull(hub: FakeHub) -> None:
    await pull_orders(hub.ctx, hub.rows["shop"].id)


async def test_a_return_that_comes_before_its_order_waits_for_it(hub: FakeHub):
    offer(hub, back("1", now()))
    await pull(hub)
    early = await hub.query("SELECT state FROM rmas"), await hub.query(CURSOR)
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    await pull(hub)
    assert early == ([], [(None,)])
    assert (await hub.query("SELECT state FROM rmas"), await hub.query(CURSOR)) == (
        [("received",)],
        [("end",)],
    )


async def test_what_nobody_can_read_and_what_has_no_order_for_a_day_is_parked_once(hub: FakeHub):
    channel = offer(hub, b"{}", back("7", now() - timedelta(days=2)))
    await pull(hub)
    await pull(hub)
    reasons = sorted(str(reason)[:23] for (reason,) in await hub.query(PARKED))
    assert reasons == ["Object missing required", "the hub holds no order "]
    assert channel.asked_for_returns == [None, "end"]


async def test_a_return_that_is_refused_is_parked_and_its_neighbour_followed(hub: FakeHub):
    channel = offer(hub, back("1", now(), "\0"), back("2", now()))
    channel.pages[None] = Page(
        [message_of(order(each, line("MUG", 1, fulfilled=1))) for each in "12"], None, "end"
    )
    for _ in range(2):
        await pull(hub)
        await take_inbox(hub.ctx, hub.rows["shop"].id)
    assert (await hub.query("SELECT state FROM rmas"), await hub.query(CURSOR)) == (
        [("received",)],
        [("end",)],
    )
    assert [str(reason)[:26] for (reason,) in await hub.query(PARKED)] == ["the database refuses it: u"]


async def test_a_return_on_which_the_connector_fails_is_parked_and_the_channel_goes_on(hub: FakeHub):
    channel: Any = offer(hub, back("1", now()))
    channel.to_return = [].pop
    await pull(hub)
    ((reason,),) = await hub.query(PARKED)
    assert reason == "the connector failed with TypeError: report it to its author"
    assert await hub.query("SELECT slug FROM channels WHERE failures > 0 OR paused_until IS NOT NULL") == []


async def test_what_a_connector_does_not_declare_is_never_asked_for(hub: FakeHub):
    channel = offer(hub, back("1", now()), more=None)
    await pull(hub)
    assert channel.asked_for_returns == []


async def test_a_refund_waits_for_its_order_and_one_that_nobody_may_read_stops_no_order(hub: FakeHub):
    channel = offer(hub, more=Capability.FETCH_REFUNDS)
    channel.refunds = [refunded("1")]
    await pull(hub)
    early = await hub.query(MONEY), await hub.query("SELECT refunds_cursor FROM channels WHERE slug = 'shop'")
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    await pull(hub)
    await pull(hub)
    assert (early, await hub.query(MONEY)) == (([], [(None,)]), [(Decimal("9.99"), "F-1")])
    for trouble in (
        UnauthorizedError("no permission for refunds"),
        RetryLaterError("GET /refunds answered 500"),
    ):
        channel.refunds = trouble
        await pull(hub)
    assert await hub.query("SELECT state FROM accounts WHERE state <> 'ok'") == []
    assert await hub.query("SELECT slug FROM channels WHERE failures > 0 OR paused_until IS NOT NULL") == []


async def test_what_a_shop_may_have_put_back_with_a_refund_is_told_again_there_alone(hub: FakeHub):
    offer(hub, more=Capability.FETCH_REFUNDS).refunds = [refunded("1")]
    await pull(hub)
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    await hub.run("UPDATE publications SET must_tell = false")
    await pull(hub)
    assert await hub.query(DOUBTED) == [("shop", "MUG")]


async def test_what_went_back_long_before_joining_waits_for_its_order(hub: FakeHub):
    channel = offer(hub, more=Capability.FETCH_REFUNDS)
    channel.refunds = [replace(refunded("1"), refunded_at=now() - timedelta(days=90))]
    await pull(hub)
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    await pull(hub)
    assert (await hub.query(MONEY), await hub.query(PARKED)) == ([(Decimal("9.99"), "F-1")], [])


async def test_an_old_refund_waits_while_the_hub_does_not_know_what_became_of_its_own(hub: FakeHub):
    channel = offer(hub, more=Capability.FETCH_REFUNDS)
    await pull(hub)
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    channel.refunds = [replace(refunded("1"), refunded_at=now() - timedelta(days=2))]
    await ask_for_one(hub)
    await pull(hub)
    early = await hub.query(MONEY)
    await hub.run("UPDATE write_backs SET state = 'dismissed'")
    await pull(hub)
    assert (early, await hub.query(MONEY)) == ([], [(Decimal("9.99"), "F-1")])
    assert await hub.query(PARKED) == []


async def ask_for_one(hub: FakeHub) -> None:
    """The answer to it was lost."""
    ((number,),) = await hub.query("SELECT number FROM orders")
    wanted = GiveBack(uuid7(), int(str(number)), amount=Decimal(1))
    async with hub.ctx.db.transaction() as tx:
        await set_told(tx, hub.rows["shop"].id, [*Kind], actor="ada", at=now())
        await give_back(tx, hub.ctx.vault, [wanted], actor="ada", at=now())
    await hub.run("UPDATE write_backs SET state = 'unknown'")
