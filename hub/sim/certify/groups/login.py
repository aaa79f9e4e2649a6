"""Logging in: a person comes back with what becomes tokens, which are renewed until they are revoked."""

from collections.abc import Awaitable
from urllib.parse import parse_qsl, urlsplit

from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must, untried
from hub.sim.certify.login import REDIRECT, STATE, Login
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage
from hub.spec import Capability, RejectedError, RetryLaterError, Tokens, UnauthorizedError
from hub.spec.testing import LetsIn, SimReply


def scenarios() -> list[Scenario]:
    return [
        _made("begin", "the log-in page is told where to come back to, and the state comes along", begin),
        _made("complete", "what a person comes back with becomes tokens that are good", complete),
        _made("denied", "a person who says no is not logged in", denied),
        _made("forged", "a code that was never given is refused", forged),
        _made("refresh", "old tokens become new ones that are good", refresh),
        _made("revoked", "tokens that were taken back need a person", revoked),
        _made("trouble", "trouble at the log-in is for later, and no end of the log-in", trouble),
    ]


def _made(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"login/{what}", Tier.SILVER, says, run, (Capability.LOG_IN,))


async def _begun(stage: Stage) -> tuple[Shop, Login]:
    shop = await stage.open()
    if shop.login is None:
        untried("its simulator lets nobody in: give it log_in and revoke")
    return shop, shop.login


async def begin(stage: Stage) -> None:
    shop, login = await _begun(stage)
    first, second = (shop.pure("auth_begin", login.begin) for _ in range(2))
    must(first == second and not shop.http.asked, flaws.IMPURE, "auth_begin gives another address, or calls")
    sent = [value for _, value in parse_qsl(urlsplit(first).query)]
    must(STATE in sent, flaws.LOG_IN, f"the state is not in the address {urlsplit(first).path}")
    must(REDIRECT in sent, flaws.LOG_IN, "the address to come back to is not in it")


async def complete(stage: Stage) -> None:
    shop, login = await _begun(stage)
    tokens = await shop.ask("auth_complete", login.complete(login.agree()))
    must(tokens.access.value not in repr(tokens), flaws.LEAKS_SECRET, "repr shows the access token")
    probes = await shop.ask("check", shop.channel.check())
    must(all(each.ok for each in probes), flaws.LOG_IN, f"with new tokens: {[each.name for each in probes]}")


async def denied(stage: Stage) -> None:
    shop, login = await _begun(stage)
    await _refused(shop, login.complete({"error": "access_denied", "state": STATE}), "a person who said no")


async def forged(stage: Stage) -> None:
    shop, login = await _begun(stage)
    answer = {name: value if name == "state" else f"{value}x" for name, value in login.agree().items()}
    await _refused(shop, login.complete(answer), "a code that was never given")


async def refresh(stage: Stage) -> None:
    shop, login = await _begun(stage)
    old = await login.complete(login.agree())
    shop.pass_time(30)
    new = await shop.ask("auth_refresh", login.refresh(old))
    must(new.access != old.access, flaws.LOG_IN, "the refreshed access token is the old one")
    probes = await shop.ask("check", shop.channel.check())
    must(all(each.ok for each in probes), flaws.LOG_IN, "the refreshed token is not taken")


async def revoked(stage: Stage) -> None:
    shop, login = await _begun(stage)
    tokens = await login.complete(login.agree())
    assert isinstance(shop.simulator, LetsIn)
    shop.simulator.revoke()
    await _refused(shop, login.refresh(tokens), "a log-in that was taken back")


async def trouble(stage: Stage) -> None:
    shop, login = await _begun(stage)
    tokens = await login.complete(login.agree())
    shop.road.troubles.append(Trouble(SimReply(503)))
    try:
        await shop.ask("auth_refresh", login.refresh(tokens))
    except RetryLaterError:
        return
    except UnauthorizedError as error:
        seen = "a 503 became UnauthorizedError: a person would have to log in again"
        raise BrokenRuleError(flaws.WRONG_ERROR, seen) from error
    raise BrokenRuleError(flaws.WRONG_ERROR, "a 503 was taken for new tokens")


async def _refused(shop: Shop, call: Awaitable[Tokens], whose: str) -> None:
    try:
        await shop.ask("logging in", call)
    except (UnauthorizedError, RejectedError):
        return
    raise BrokenRuleError(flaws.LOG_IN, f"{whose} was given tokens")
