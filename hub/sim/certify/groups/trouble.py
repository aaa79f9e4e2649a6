"""The road is bad: every status and every broken answer becomes the error that says what happens next."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.sim.certify.targets import targets_for
from hub.spec import (
    Capability,
    MalformedError,
    Outcome,
    OutcomeState,
    RejectedError,
    RetryLaterError,
    UnauthorizedError,
)
from hub.spec.testing import SimReply, sim_json

LATER, DEAD, NEVER, UNREADABLE = RetryLaterError, UnauthorizedError, RejectedError, MalformedError
HTML = {"content-type": "text/html"}
RETRY_AFTER_S = 7.0


class Case(Struct, frozen=True):
    """One way for a call to go wrong, and the errors that are right for it."""

    says: str
    reply: SimReply | None
    right: tuple[type[Exception], ...]


CASES: Mapping[str, Case] = {
    "401": Case("a refused key is unauthorized", sim_json({"error": "no"}, 401), (DEAD,)),
    "403": Case(
        "a missing permission is unauthorized or rejected", sim_json({"error": "no"}, 403), (DEAD, NEVER)
    ),
    "408": Case("a time-out there is for later", SimReply(408), (LATER,)),
    "425": Case("too early is for later", SimReply(425), (LATER,)),
    "429": Case(
        "too many calls is for later, and says when",
        SimReply(429, b"{}", {"retry-after": f"{RETRY_AFTER_S:g}"}),
        (LATER,),
    ),
    "500": Case("an error there is for later", sim_json({"error": "oops"}, 500), (LATER,)),
    "502": Case("a broken gateway is for later", SimReply(502, b"<html>Bad Gateway</html>", HTML), (LATER,)),
    "503": Case("maintenance is for later", SimReply(503, b"<html>Back soon</html>", HTML), (LATER,)),
    "504": Case("a gateway's time-out is for later", SimReply(504), (LATER,)),
    "dropped": Case("a connection that breaks is for later", None, (LATER,)),
    "html": Case(
        "a page of HTML instead of JSON cannot be read",
        SimReply(200, b"<html>Hi</html>", HTML),
        (UNREADABLE, NEVER, LATER),
    ),
    "empty": Case("an empty answer cannot be read", SimReply(200), (UNREADABLE, NEVER, LATER)),
    "cut-off": Case(
        "half a JSON document cannot be read",
        SimReply(200, b'{"orders": [{"id":'),
        (UNREADABLE, NEVER, LATER),
    ),
    "wrong-shape": Case(
        "JSON of another shape cannot be read", SimReply(200, b'"maintenance"'), (UNREADABLE, NEVER, LATER)
    ),
    "redirect": Case(
        "a redirect is not followed and not taken for an answer",
        SimReply(302, b"", {"location": "https://login.example"}),
        (NEVER, UNREADABLE, LATER, DEAD),
    ),
    "400": Case(
        "a request refused for good is rejected", sim_json({"error": "bad"}, 400), (NEVER, UNREADABLE)
    ),
}


async def _fetch(shop: Shop) -> object:
    return await shop.fetch(None)


async def _batch(shop: Shop) -> object:
    ids = shop.simulator.order_ids()
    return await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch(ids))


async def _push(shop: Shop) -> object:
    return await shop.push(await targets_for(shop, {sku_of(1): 41, sku_of(2): 42}))


async def _read(shop: Shop) -> object:
    refs = [each.channel_listing_id for each in await targets_for(shop, {sku_of(1): 0, sku_of(2): 0})]
    return await shop.ask("read_stock", shop.channel.read_stock(refs))


async def _listings(shop: Shop) -> object:
    return await shop.ask("list_listings", shop.channel.list_listings(None))


async def _locations(shop: Shop) -> object:
    return await shop.ask("list_locations", shop.channel.list_locations(None))


async def _ensure(shop: Shop) -> object:
    return await shop.ask("ensure_webhooks", shop.channel.ensure_webhooks("https://hub.example/in/token"))


async def _remove(shop: Shop) -> object:
    return await shop.ask("remove_webhooks", shop.channel.remove_webhooks("https://hub.example/in/token"))


CALLS: Mapping[str, tuple[Capability, Tier, Callable[[Shop], Awaitable[object]]]] = {
    "fetch_orders": (Capability.FETCH_ORDERS, Tier.BRONZE, _fetch),
    "fetch_order_batch": (Capability.FETCH_ORDERS, Tier.BRONZE, _batch),
    "push_stock": (Capability.PUSH_STOCK, Tier.SILVER, _push),
    "ensure_webhooks": (Capability.RECEIVE_WEBHOOKS, Tier.SILVER, _ensure),
    "remove_webhooks": (Capability.RECEIVE_WEBHOOKS, Tier.SILVER, _remove),
    "list_listings": (Capability.LIST_LISTINGS, Tier.SILVER, _listings),
    "list_locations": (Capability.LIST_LOCATIONS, Tier.GOLD, _locations),
    "read_stock": (Capability.READ_STOCK, Tier.GOLD, _read),
}
SAYS_NOTHING = {"remove_webhooks"}  # a 2xx is enough of an answer, whatever is in it


def scenarios() -> list[Scenario]:
    return [
        Scenario(f"errors/{call}-{name}", tier, case.says, partial(go_wrong, call=call, case=case), (needs,))
        for call, (needs, tier, _) in CALLS.items()
        for name, case in CASES.items()
        if call not in SAYS_NOTHING or _is_lost(case)
    ]


async def go_wrong(stage: Stage, *, call: str, case: Case) -> None:
    """Call once while all is well, then while every call goes wrong in this way."""
    shop = await stage.open()
    shop.sell({sku_of(1): 1}, {sku_of(2): 1})
    shop.pass_time(5)
    act = CALLS[call][2]
    await targets_for(shop, {sku_of(1): 1})  # listings are known before the road breaks
    shop.road.troubles.append(Trouble(case.reply))
    before = len(shop.http.asked)
    try:
        answer = await act(shop)
    except case.right as error:
        _says_when(error, case)
    except (RetryLaterError, UnauthorizedError, RejectedError, MalformedError) as error:
        wanted = " or ".join(each.__name__ for each in case.right)
        seen = f"{call} raised {type(error).__name__}, where {wanted} says what happens next"
        raise BrokenRuleError(flaws.WRONG_ERROR, seen) from error
    else:
        _judge_answer(call, answer, case)
    once(call, shop.http.asked[before:])


def _says_when(error: Exception, case: Case) -> None:
    if case.reply is not None and "retry-after" in case.reply.headers and isinstance(error, RetryLaterError):
        seen = f"Retry-After said {RETRY_AFTER_S:g} s, the error says {error.after_s}"
        must(error.after_s == RETRY_AFTER_S, flaws.WRONG_ERROR, seen)


def _judge_answer(call: str, answer: object, case: Case) -> None:
    """Only a push may answer instead of raising: with `unknown`, or `rejected` where the channel refused for good."""
    outcomes = answer if isinstance(answer, list) else []
    states = {each.state for each in outcomes if isinstance(each, Outcome)}
    must(bool(states), flaws.WRONG_ERROR, f"{call} returned {_short(answer)} as if nothing had happened")
    must(OutcomeState.APPLIED not in states, flaws.UNKNOWN_AS_APPLIED, f"{call} says applied: {case.says}")
    refused = case.right[0] in {RejectedError, UnauthorizedError}
    must(
        OutcomeState.REJECTED not in states
        or refused
        or (RejectedError in case.right and not _is_lost(case)),
        flaws.UNKNOWN_AS_FAILED,
        f"{call} says rejected: {case.says}",
    )


def _is_lost(case: Case) -> bool:
    return case.reply is None or case.reply.status >= 300 or case.reply.status < 200


def once(call: str, asked: Sequence[tuple[str, str, bytes | None]]) -> None:
    """Nothing is asked twice in one call: whether to try again is the hub's to say."""
    twice = [each for each in dict.fromkeys(asked) if asked.count(each) > 1]
    for method, path, _ in twice:
        flaw = flaws.WAITS if method == "GET" else flaws.REPEATS_WRITE
        seen = f"{call} sent {method} {path} {asked.count((method, path, _))} times in one call"
        raise BrokenRuleError(flaw, seen)


def _short(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) <= 80 else f"{text[:77]}…"
