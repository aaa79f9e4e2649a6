"""Tokens are kept sealed and renewed once, however many ask at once; one that cannot be renewed means: log in again."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from hub.channels.lanes import Lane
from hub.channels.tokens import TokenKeeper
from hub.channels.transport import Line, Transport
from hub.kit.clock import now
from hub.sim.listen import Linger, bind, listen
from hub.spec import Http, Reply, Secret, Tokens, UnauthorizedError
from hub.spec.testing import SimReply, SimRequest
from tests.fake_channel import FakeHub


class Vendor:
    """Gives t1, t2, … for a refresh token that is good."""

    def __init__(self) -> None:
        self.refreshed = 0
        self.revoked = False

    def auth_begin(self, config: Any, *, redirect_url: str, state: str) -> str:
        raise NotImplementedError

    async def auth_complete(
        self, http: Http, config: Any, answer: Mapping[str, str], *, redirect_url: str
    ) -> Tokens:
        raise NotImplementedError

    async def auth_refresh(self, http: Http, config: Any, tokens: Tokens) -> Tokens:
        del http, config, tokens
        self.refreshed += 1
        await asyncio.sleep(0.05)
        if self.revoked:
            msg = "the channel gives no token (invalid_grant): log in again"
            raise UnauthorizedError(msg)
        return tokens_of(f"t{self.refreshed}", 60)

    async def handle(self, request: SimRequest, linger: Linger) -> SimReply:
        """As a shop that knows only the newest token."""
        del linger
        good = request.headers.get("x-token") == f"Token t{self.refreshed}"
        return SimReply(200 if good else 401)


def tokens_of(access: str, minutes: int) -> Tokens:
    return Tokens(access=Secret(access), refresh=Secret("r"), expires_at=now() + timedelta(minutes=minutes))


class Account:
    """One account of the fake shop; each keeper is another process."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub, self.vendor = hub, Vendor()

    def keeper(self) -> TokenKeeper:
        ctx, account_id = self.hub.ctx, self.hub.rows["shop"].account_id
        http = Transport(ctx.outside, "http://127.0.0.1:1", Line())
        return TokenKeeper(ctx.db, ctx.vault, account_id, self.vendor, None, http)


@pytest.fixture
def account(hub: FakeHub) -> Account:
    return Account(hub)


async def test_without_a_log_in_there_is_no_token(account: Account):
    with pytest.raises(UnauthorizedError, match="nobody has logged in"):
        await account.keeper().access()


async def test_a_token_that_is_good_is_used_as_it_is(account: Account):
    await account.keeper().save(tokens_of("t0", 60))
    assert ((await account.keeper().access()).value, account.vendor.refreshed) == ("t0", 0)


async def test_refreshes_at_once_are_one_call(account: Account):
    await account.keeper().save(tokens_of("t0", -1))
    found = await asyncio.gather(*(account.keeper().access() for _ in range(5)))
    assert ([each.value for each in found], account.vendor.refreshed) == (["t1"] * 5, 1)


async def test_a_token_that_was_refused_before_its_time_is_renewed_once_for_all(account: Account):
    await account.keeper().save(tokens_of("t0", 60))
    found = await asyncio.gather(*(account.keeper().renewed(Secret("t0")) for _ in range(5)))
    assert ({each.value for each in found}, account.vendor.refreshed) == ({"t1"}, 1)


async def test_a_revoked_log_in_must_be_made_again_and_keeps_its_tokens(account: Account):
    await account.keeper().save(tokens_of("t0", -1))
    account.vendor.revoked = True
    with pytest.raises(UnauthorizedError, match="log in again"):
        await account.keeper().access()
    account.vendor.revoked = False
    assert (await account.keeper().access()).value == "t2"


async def test_a_log_in_that_cannot_be_renewed_says_so(account: Account):
    await account.keeper().save(Tokens(access=Secret("t0"), expires_at=now()))
    with pytest.raises(UnauthorizedError, match="nothing to renew it with"):
        await account.keeper().access()


async def test_tokens_lie_sealed(account: Account):
    await account.keeper().save(tokens_of("t0", 60))
    [(sealed,)] = await account.hub.query("SELECT tokens FROM accounts WHERE tokens IS NOT NULL")
    assert b"t0" not in bytes(sealed)  # type: ignore[call-overload]
    assert "t0" not in repr(tokens_of("t0", 60))


async def test_a_call_carries_the_token_and_a_dead_one_costs_one_more_call(account: Account):
    await account.keeper().save(tokens_of("t0", 60))
    account.vendor.refreshed = 1  # the channel has forgotten t0
    bound = bind(0)
    async with listen(bound, account.vendor.handle):
        line = Line(tokens=account.keeper(), token_header="x-token", token_prefix="Token ")
        http = Transport(account.hub.ctx.outside, bound.url, line, Lane.INTAKE)
        replies: list[Reply] = [await http.request("POST", "/orders", body=b"{}") for _ in range(2)]
    assert ([each.status for each in replies], account.vendor.refreshed) == ([200, 200], 2)
