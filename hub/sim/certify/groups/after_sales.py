"""After the sale: returns, refunds and settlements, each change once, with the channel's own figures."""

from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any

from hub.model.incoming import IncomingOrder
from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must, untried
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import PAGES_MAX, Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import Capability, MalformedError, Message, ReturnDecision
from hub.spec.testing import PaysBack, Settles, TakesReturns

MANY = 12
RETURNS = Capability.FETCH_RETURNS
REFUNDS = Capability.FETCH_REFUNDS
SETTLEMENTS = Capability.FETCH_SETTLEMENTS


def scenarios() -> list[Scenario]:
    return [
        _made("returns/each-once", "twelve returns come, each once", each_return, RETURNS),
        _made("returns/units", "a return has its order, its lines and its units", return_units, RETURNS),
        _made(
            "returns/decided",
            "a return that was decided comes again, with its new state",
            decided,
            RETURNS,
            Capability.PUSH_RETURN_DECISION,
        ),
        _made("returns/resume", "the next scan begins after the last one", returns_resume, RETURNS),
        _made("refunds/each-once", "money sent back there comes once, exact", each_refund, REFUNDS),
        _made("refunds/resume", "the next scan begins after the last one", refunds_resume, REFUNDS),
        _made("settlements/sum", "a payout is the sum of its entries", payout, SETTLEMENTS),
        _made("settlements/each-once", "each settlement comes once", each_settlement, SETTLEMENTS),
        *(
            _made(f"{group}/unreadable", "what cannot be read is said in words", unreadable(method), needs)
            for group, method, needs in (
                ("returns", "to_return", RETURNS),
                ("refunds", "to_refund", REFUNDS),
                ("settlements", "to_settlement", SETTLEMENTS),
            )
        ),
    ]


def _made(name: str, says: str, run: Run, *needs: Capability) -> Scenario:
    return Scenario(name, Tier.GOLD, says, run, needs)


async def _sold(shop: Shop, count: int = 1) -> list[IncomingOrder]:
    ids = shop.sell(*[{sku_of(1): 2, sku_of(2): 1}] * count)
    shop.pass_time(5)
    messages = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch(ids))
    return [shop.translate(each) for each in messages]


async def _scan(shop: Shop, method: str, cursor: str | None = None) -> tuple[list[Message], str | None]:
    """All there is since the cursor, and where the next scan begins."""
    found: list[Message] = []
    fetch: Callable[..., Awaitable[Any]] = getattr(shop.channel, method)
    for _ in range(PAGES_MAX):
        page = await shop.ask(method, fetch(cursor, until=shop.at))
        found += page.items
        if page.next_cursor is None:
            return found, page.resume_cursor
        cursor = page.next_cursor
    raise BrokenRuleError(
        flaws.NEVER_ENDS, f"{method}: after {PAGES_MAX} pages there was still a next_cursor"
    )


def _read(shop: Shop, method: str, message: Message) -> Any:
    return shop.pure(method, partial(getattr(shop.channel, method), message))


def _each_once(messages: list[Message], ids: list[str], wanted: list[str], what: str) -> None:
    must(
        sorted(set(ids)) == sorted(wanted),
        flaws.AFTER_SALES,
        f"of {len(wanted)} {what}, {len(set(ids))} came",
    )
    twice = [key for key, times in Counter(each.delivery_key for each in messages).items() if times > 1]
    must(not twice, flaws.AFTER_SALES, f"{what} came twice in one scan under one key")


def _buyers(shop: Shop) -> TakesReturns:
    if not isinstance(shop.simulator, TakesReturns):
        untried("its simulator takes no returns: give it ask_return and return_state")
    return shop.simulator


async def _returned(shop: Shop, count: int) -> tuple[list[IncomingOrder], list[str]]:
    buyers, orders = _buyers(shop), await _sold(shop, count)
    asked = []
    for order in orders:
        units = {order.lines[0].channel_line_id: 1}
        asked.append(buyers.ask_return(order.channel_order_id, units, at=shop.channel_clock()))
        shop.pass_time(2)
    return orders, asked


async def each_return(stage: Stage) -> None:
    shop = await stage.paged()
    _, asked = await _returned(shop, MANY)
    messages, _ = await _scan(shop, "fetch_returns")
    ids = [_read(shop, "to_return", each).channel_return_id for each in messages]
    _each_once(messages, ids, asked, "returns")


async def return_units(stage: Stage) -> None:
    shop = await stage.open()
    [order], [asked] = await _returned(shop, 1)
    [message], _ = await _scan(shop, "fetch_returns")
    found = _read(shop, "to_return", message)
    got = (
        found.channel_return_id,
        found.channel_order_id,
        [(e.channel_line_id, e.quantity) for e in found.lines],
    )
    wanted = (asked, order.channel_order_id, [(order.lines[0].channel_line_id, 1)])
    must(got == wanted, flaws.AFTER_SALES, f"asked was for {wanted}, read is {got}")
    must(message.channel_order_id == order.channel_order_id, flaws.AFTER_SALES, "the message names no order")


async def decided(stage: Stage) -> None:
    shop = await stage.open()
    [order], [asked] = await _returned(shop, 1)
    [before], _ = await _scan(shop, "fetch_returns")
    yes = ReturnDecision(
        key="k1", channel_return_id=asked, channel_order_id=order.channel_order_id, accepted=True
    )
    await shop.ask("push_return_decision", shop.channel.push_return_decision([yes]))
    shop.pass_time(5)
    messages, _ = await _scan(shop, "fetch_returns")
    newest = _read(shop, "to_return", messages[-1])
    must(
        newest.state.value == "accepted",
        flaws.AFTER_SALES,
        f"it was accepted, and reads as {newest.state.value}",
    )
    must(
        messages[-1].delivery_key != before.delivery_key,
        flaws.UNSTABLE_KEY,
        "the decided return has the old key",
    )


async def returns_resume(stage: Stage) -> None:
    shop = await stage.paged()
    await _returned(shop, 3)
    _, resume = await _scan(shop, "fetch_returns")
    shop.pass_time(60)
    _, asked = await _returned(shop, 1)
    messages, _ = await _scan(shop, "fetch_returns", resume)
    ids = [shop.channel.to_return(each).channel_return_id for each in messages]
    must(set(asked) <= set(ids), flaws.AFTER_SALES, "a return after the last scan did not come in the next")


async def _paid_back(shop: Shop, count: int) -> dict[str, Decimal]:
    if not isinstance(shop.simulator, PaysBack):
        untried("its simulator sends no money back: give it refund")
    paid = {}
    for number, order in enumerate(await _sold(shop, count), 1):
        amount = order.lines[0].unit_price + order.shipping_total * (number % 2)
        made = shop.simulator.refund(order.channel_order_id, amount, at=shop.channel_clock())
        paid[made] = amount
        shop.pass_time(2)
    return paid


async def each_refund(stage: Stage) -> None:
    shop = await stage.paged()
    paid = await _paid_back(shop, MANY)
    messages, _ = await _scan(shop, "fetch_refunds")
    found = [_read(shop, "to_refund", each) for each in messages]
    _each_once(messages, [each.channel_refund_id for each in found], list(paid), "refunds")
    wrong = [each.channel_refund_id for each in found if each.total != paid[each.channel_refund_id]]
    must(not wrong, flaws.WRONG_MONEY, f"refunds {wrong[:3]} have another amount than was sent back")


async def refunds_resume(stage: Stage) -> None:
    shop = await stage.paged()
    await _paid_back(shop, 3)
    _, resume = await _scan(shop, "fetch_refunds")
    shop.pass_time(60)
    paid = await _paid_back(shop, 1)
    messages, _ = await _scan(shop, "fetch_refunds", resume)
    ids = {shop.channel.to_refund(each).channel_refund_id for each in messages}
    must(set(paid) <= ids, flaws.AFTER_SALES, "a refund after the last scan did not come in the next")


async def _settled(shop: Shop, count: int) -> dict[str, Decimal]:
    if not isinstance(shop.simulator, Settles):
        untried("its simulator pays nobody: give it settle")
    paid = {}
    for _ in range(count):
        await _sold(shop, 2)
        made, amount = shop.simulator.settle(at=shop.channel_clock())
        paid[made] = amount
        shop.pass_time(86_400)
    return paid


async def payout(stage: Stage) -> None:
    shop = await stage.open()
    paid = await _settled(shop, 1)
    [message], _ = await _scan(shop, "fetch_settlements")
    found = _read(shop, "to_settlement", message)
    must(
        found.total == paid[found.channel_settlement_id],
        flaws.WRONG_MONEY,
        f"paid was another sum: {found.total}",
    )
    summed = sum((each.amount for each in found.entries), Decimal(0))
    must(summed == found.total, flaws.WRONG_MONEY, f"its entries are {summed}, paid was {found.total}")


async def each_settlement(stage: Stage) -> None:
    shop = await stage.paged()
    paid = await _settled(shop, 7)
    messages, _ = await _scan(shop, "fetch_settlements")
    ids = [shop.channel.to_settlement(each).channel_settlement_id for each in messages]
    _each_once(messages, ids, list(paid), "settlements")


def unreadable(method: str) -> Run:
    async def run(stage: Stage) -> None:
        shop = await stage.open()
        for body in (b"", b"{}", b"[]", b'{"id": null}', b"\xff"):
            try:
                _read(shop, method, Message("k", "t", "1", body))
            except MalformedError:
                continue
            raise BrokenRuleError(flaws.WRONG_ERROR, f"{method} read something from {body!r}")

    return run
