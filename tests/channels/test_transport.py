"""The transport repeats only what is safe to repeat, says whether a request ever left, and keeps within the budgets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from hub.channels import transport
from hub.channels.budgets import BudgetSpentError
from hub.channels.lanes import Lane
from hub.channels.transport import Line, Outside, Transport, open_outside
from hub.kit.queue import connect
from hub.sim.listen import Linger, bind, listen
from hub.spec import Budget, RejectedError, RetryLaterError
from hub.spec.testing import SimReply, SimRequest

Answer = SimReply | None
WELL, DOWN, LOST = SimReply(200, b"{}"), SimReply(503), None


class Shop:
    """Answers what is planned, the last of it for ever; None cuts the connection."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[SimRequest] = []

    async def handle(self, request: SimRequest, linger: Linger) -> Answer:
        del linger
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
async def outside(valkey: Redis, valkey_url: str) -> AsyncIterator[Outside]:
    del valkey  # emptied before each test
    redis = connect(valkey_url)
    async with open_outside(redis) as opened:
        yield opened
    await redis.aclose(close_connection_pool=True)


@asynccontextmanager
async def open_shop(
    outside: Outside, *answers: Answer, line: Line | None = None
) -> AsyncIterator[tuple[Shop, Transport]]:
    shop, bound = Shop(*answers), bind(0)
    async with listen(bound, shop.handle):
        yield shop, Transport(outside, bound.url, line or Line(), Lane.INTAKE)


@pytest.mark.parametrize("first", [DOWN, LOST, SimReply(502), SimReply(504)])
async def test_a_read_is_sent_again_after_a_passing_failure(outside: Outside, first: Answer):
    async with open_shop(outside, first, WELL) as (shop, http):
        assert (await http.request("GET", "/orders")).status == 200
    assert len(shop.asked) == 2


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
async def test_any_other_answer_is_the_connector_s_to_judge(outside: Outside, status: int):
    async with open_shop(outside, SimReply(status)) as (shop, http):
        assert (await http.request("GET", "/orders")).status == status
    assert len(shop.asked) == 1


async def test_a_write_is_never_sent_twice(outside: Outside):
    async with open_shop(outside, LOST, WELL) as (shop, http):
        with pytest.raises(RetryLaterError) as lost:
            await http.request("POST", "/orders", body=b"{}")
    assert (len(shop.asked), lost.value.sent) == (1, True)


async def test_a_write_with_a_key_is_sent_again_with_the_same_key(outside: Outside):
    line = Line(idempotency_header="idempotency-key")
    async with open_shop(outside, LOST, WELL, line=line) as (shop, http):
        await http.request("POST", "/orders", body=b"{}", idempotency_key="k1")
    assert [each.headers["idempotency-key"] for each in shop.asked] == ["k1", "k1"]


async def test_what_one_try_sent_is_sent_although_the_last_one_never_left(limit: Callable[[str, Any], None]):
    limit("PAUSES_S", (0, 0))
    ends = iter([httpx.ReadTimeout("lost"), httpx.ConnectError("no"), httpx.ConnectError("no")])

    def answer(_: httpx.Request) -> httpx.Response:
        raise next(ends)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(RetryLaterError, match="did not reach") as lost:
            await Transport(Outside(client), "http://shop", Line(), Lane.INTAKE).request(
                "POST", "/refunds", idempotency_key="k1"
            )
    assert (lost.value.sent, list(ends)) == (True, [])


async def test_a_request_signed_with_a_nonce_is_sent_once(outside: Outside):
    """The second would be refused for its nonce, and good keys would look dead."""
    async with open_shop(outside, LOST, WELL) as (shop, http):
        with pytest.raises(RetryLaterError):
            await http.request("GET", "/orders", query={"oauth_nonce": "n1"})
        assert (
            await http.request("GET", "/", headers={"authorization": 'OAuth oauth_nonce="n1"'})
        ).status == 200
    assert len(shop.asked) == 2


async def test_even_a_read_is_given_up_in_the_end(outside: Outside):
    async with open_shop(outside, DOWN) as (shop, http):
        assert (await http.request("GET", "/orders")).status == 503
    assert len(shop.asked) == 3


async def test_a_channel_that_asks_for_a_long_pause_gets_it(outside: Outside):
    async with open_shop(outside, SimReply(503, headers={"retry-after": "60"})) as (shop, http):
        assert (await http.request("GET", "/orders")).headers["retry-after"] == "60"
    assert len(shop.asked) == 1


async def test_an_address_where_nobody_is_was_never_reached(outside: Outside):
    http = Transport(outside, "http://127.0.0.1:1", Line())
    with pytest.raises(RetryLaterError, match="did not reach") as refused:
        await http.request("POST", "/orders", body=b"{}")
    assert refused.value.sent is False


@pytest.mark.parametrize("address", ["", "shop.example", "http://", "http://[::1", "ftp://127.0.0.1/x"])
async def test_an_address_that_is_none_is_told_as_such(outside: Outside, address: str):
    with pytest.raises(RetryLaterError, match="address") as refused:
        await Transport(outside, address, Line()).request("GET", "/orders")
    assert refused.value.sent is False


async def test_redirects_are_not_followed_so_that_credentials_stay_with_their_host(outside: Outside):
    away = SimReply(302, headers={"location": "http://127.0.0.1:1/"})
    async with open_shop(outside, away) as (_, http):
        assert (await http.request("GET", "/orders")).status == 302


async def test_an_answer_larger_than_any_connector_could_use_is_refused(
    outside: Outside, limit: Callable[[str, Any], None]
):
    limit("BODY_BYTES_MAX", 1000)
    async with open_shop(outside, SimReply(200, b"x" * 1001)) as (_, http):
        with pytest.raises(RejectedError, match="answered more than"):
            await http.request("GET", "/orders")


async def test_a_channel_is_never_called_more_often_than_it_allows(outside: Outside):
    line = Line(account="a", budgets=(Budget(name="api", limit=8, window_s=2, burst=2),))
    async with open_shop(outside, WELL, line=line) as (shop, http):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(http.request("GET", "/orders") for _ in range(8)))
        took = loop.time() - began
    assert len(shop.asked) == 8
    assert took >= 6 / (7 / 2) * 0.95


async def test_a_call_beyond_its_budget_is_put_off_without_being_sent(outside: Outside):
    line = Line(account="a", budgets=(Budget(name="orders", limit=1, window_s=180),))
    async with open_shop(outside, WELL, line=line) as (shop, http):
        await http.request("GET", "/orders")
        with pytest.raises(BudgetSpentError) as put_off:
            await http.request("GET", "/orders")
    assert (len(shop.asked), put_off.value.sent) == (1, False)


async def test_a_429_closes_the_budget_for_as_long_as_it_says(outside: Outside):
    line = Line(account="a", budgets=(Budget(name="api", limit=100, window_s=1),))
    async with open_shop(outside, SimReply(429, headers={"retry-after": "120"}), line=line) as (shop, http):
        assert (await http.request("GET", "/orders")).status == 429
        with pytest.raises(BudgetSpentError):
            await http.request("GET", "/orders")
    assert len(shop.asked) == 1


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    return lambda name, value: monkeypatch.setattr(transport, name, value)
