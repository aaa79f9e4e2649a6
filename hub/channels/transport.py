"""The transport a connector gets, the one place that speaks HTTP to channels.

Within the budgets of the account, bounded in time, repeated only where that is safe, recorded without secrets.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from functools import cache
from secrets import token_hex

import httpx
from msgspec import Struct
from redis.asyncio import Redis

from hub.channels.budgets import Budgets, BudgetSpentError
from hub.channels.calls import CallLog, Outgoing, Redactor, call_of
from hub.channels.lanes import RULES, Lane
from hub.channels.tokens import GivesTokens
from hub.kit.clock import now
from hub.spec import Budget, RejectedError, Reply, RetryLaterError
from hub.spec.transport import AGAIN, retry_after_s

CONNECT_S = 3.0
ANSWER_S = 10.0  # for each part of an answer
TOTAL_S = 30.0  # for all of it
BODY_BYTES_MAX = 50_000_000
NONCE = "oauth_nonce"
SAFE = frozenset({"GET", "HEAD"})
PASSING = frozenset({502, 503, 504})  # of a proxy or a shop that restarts: a moment later it may be well
PAUSES_S = (0.25, 1.0)
PAUSE_S_MAX = 2.0
NOBODY = Redactor([], None)


class Outside(Struct, frozen=True):
    """What every channel of a process shares on its way out; without Redis nothing is counted or remembered."""

    client: httpx.AsyncClient
    budgets: Budgets | None = None
    calls: CallLog | None = None


def new_client() -> httpx.AsyncClient:
    """One pool for all channels; redirects are not followed, so that credentials stay with the host they are for."""
    timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=50)
    return httpx.AsyncClient(timeout=timeout, limits=limits, verify=_trusted(), trust_env=False)


@cache
def _trusted() -> ssl.SSLContext:
    """Read once in a process: the certificates of the world take longer to read than most commands to run."""
    return httpx.create_ssl_context(trust_env=False)


@asynccontextmanager
async def open_outside(redis: "Redis") -> AsyncIterator[Outside]:
    async with new_client() as client, aclosing(CallLog(redis)) as calls:
        yield Outside(client, Budgets(redis), calls)


class Line(Struct, frozen=True):
    """Whose calls they are. Without an `account` they are not recorded. They count with all others of the same
    `limits`, or else of their account, or else in no budget; `channel` takes turns with those.

    `patient` False: every call is sent once, also those that are safe to repeat, so that each failure is seen.
    """

    account: str = ""
    limits: str = ""
    channel: str = ""
    patient: bool = True
    budgets: tuple[Budget, ...] = ()
    redactor: Redactor = NOBODY
    idempotency_header: str = ""
    tokens: GivesTokens | None = None
    token_header: str = ""
    token_prefix: str = ""


def is_safe(ask: Outgoing) -> bool:
    """Whether sending it twice does no more than sending it once; one signed with a nonce is good for one time."""
    is_single = NONCE in ask.query or NONCE in ask.headers.get("authorization", "")
    return not is_single and (ask.method in SAFE or bool(ask.key))


class Transport:
    """Fulfills hub.spec.Http for one channel."""

    def __init__(self, outside: Outside, base_url: str, line: Line, lane: Lane = Lane.PROMPT) -> None:
        self._outside = outside
        self._base_url = base_url.rstrip("/")
        self._line = line
        self._lane = lane

    @property
    def base_url(self) -> str:
        return self._base_url

    def now(self) -> datetime:
        return now()

    def nonce(self) -> str:
        return token_hex(16)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str = "",
    ) -> Reply:
        """Return whatever the channel answered; raise RetryLaterError where it did not, or may not be asked now."""
        sent = dict(headers or {})
        if idempotency_key and self._line.idempotency_header:
            sent[self._line.idempotency_header] = idempotency_key
        ask = Outgoing(method, path, dict(query or {}), body or b"", sent, idempotency_key)
        if self._line.tokens is None:
            return await self._with_patience(ask)
        return await self._with_token(ask, self._line.tokens)

    async def _with_token(self, ask: Outgoing, tokens: GivesTokens) -> Reply:
        """A token may die before its time: a call refused for it was not carried out, and is sent once more."""
        token = await tokens.access()
        reply = await self._with_patience(self._bearing(ask, token.value))
        if reply.status != 401:
            return reply
        token = await tokens.renewed(token)
        return await self._with_patience(self._bearing(ask, token.value))

    def _bearing(self, ask: Outgoing, token: str) -> Outgoing:
        proof = {self._line.token_header: f"{self._line.token_prefix}{token}"}
        return Outgoing(ask.method, ask.path, ask.query, ask.body, {**ask.headers, **proof}, ask.key)

    async def _with_patience(self, ask: Outgoing) -> Reply:
        """Try again where that is safe and likely to help; anything else is the connector's to judge."""
        tries = RULES[self._lane].tries if self._line.patient and is_safe(ask) else 1
        sent = False
        for pause_s in PAUSES_S[: tries - 1]:
            try:
                reply = await self._tried(ask, sent=sent)
            except BudgetSpentError:
                raise
            except RetryLaterError as error:
                sent = error.sent
                await asyncio.sleep(pause_s)
                continue
            sent = True
            wanted = retry_after_s(reply)
            if reply.status not in PASSING or (wanted or 0.0) > PAUSE_S_MAX:
                return reply
            await asyncio.sleep(max(pause_s, wanted or 0.0))
        return await self._tried(ask, sent=sent)

    async def _tried(self, ask: Outgoing, *, sent: bool) -> Reply:
        """Once more; what an earlier try sent may have been carried out, however this one ends."""
        try:
            return await self._once(ask)
        except RetryLaterError as error:
            error.sent = error.sent or sent
            raise

    async def _once(self, ask: Outgoing) -> Reply:
        line = self._line
        whose = line.limits or line.account
        budgets = self._outside.budgets if whose else None
        if budgets:
            await budgets.spend(
                whose, line.budgets, ask.method, ask.path, lane=self._lane, channel=line.channel
            )
        began = now()
        try:
            reply = await self._send(ask)
        except (RetryLaterError, RejectedError) as error:
            self._record(ask, began, str(error))
            raise
        if budgets:
            await budgets.heed(whose, line.budgets, ask.method, ask.path, reply)
        self._record(ask, began, reply)
        return reply

    async def _send(self, ask: Outgoing) -> Reply:
        where = f"{ask.method} {ask.path}"
        try:
            async with asyncio.timeout(TOTAL_S):
                return await self._read(self._request_of(ask))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            msg = f"{where} did not reach {self._base_url} ({type(error).__name__}): check its address"
            raise RetryLaterError(msg, sent=False) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            msg = f"{where} had no answer from {self._base_url} in time: {AGAIN}"
            raise RetryLaterError(msg) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            msg = f"{where} cannot be sent to {self._base_url} ({type(error).__name__}): correct its address"
            raise RetryLaterError(msg, sent=False) from error
        except httpx.HTTPError as error:
            msg = f"{where} lost {self._base_url} ({type(error).__name__}): {AGAIN}"
            raise RetryLaterError(msg) from error

    def _request_of(self, ask: Outgoing) -> httpx.Request:
        return self._outside.client.build_request(
            ask.method,
            f"{self._base_url}{ask.path}",
            params=ask.query or None,
            content=ask.body or None,
            headers=ask.headers,
        )

    async def _read(self, request: httpx.Request) -> Reply:
        """Read at most BODY_BYTES_MAX: what is larger is no answer a connector could use."""
        answer = await self._outside.client.send(request, stream=True)
        try:
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > BODY_BYTES_MAX:
                    msg = (
                        f"{request.method} {request.url.path} answered more than {BODY_BYTES_MAX // 10**6} MB"
                    )
                    raise RejectedError(msg)
                parts.append(part)
        finally:
            await answer.aclose()
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, named, b"".join(parts))

    def _record(self, ask: Outgoing, began: datetime, outcome: Reply | str) -> None:
        account, calls = self._line.account, self._outside.calls
        if not account or calls is None:
            return
        took_ms = round((now() - began).total_seconds() * 1000)
        bodies = calls.is_to_look(account, outcome, at=began)
        calls.keep(account, call_of(self._line.redactor, ask, began, took_ms, outcome, bodies=bodies))
