"""What was said to a channel and what it answered: the last calls of each account, redacted before they are kept.

A ring in Redis: bounded, lost with it, never the truth of anything. Secrets are known by their value and by the names
they go by, personal data by the connector; where a connector cannot redact, no body is kept (L17).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote

import msgspec
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.channels.bugs import BUGS
from hub.model.errors import HubError
from hub.spec import Reply
from hub.spec.redaction import REDACTED, cut_json, redact_form, redact_json

CALLS_MAX = 100
KEPT_S = 7 * 86_400
BODY_BYTES_MAX = 500_000  # of a body that is looked at
TEXT_MAX = 4_000  # of it that is kept
ANSWER_S = 1.0
WRITTEN_AFTER_S = 0.1
BODIES_EVERY_S = 1.0  # of calls that go well one right after the other, the bodies of one tell enough
SECRET_LENGTH_MIN = 4
WRONG = 400
NEVER = frozenset(
    "access_token api_key apikey authorization client_secret code code_verifier consumer_key consumer_secret "
    "id_token key oauth_consumer_key oauth_nonce oauth_signature oauth_token password refresh_token secret sig sign "
    "signature token".split()
)


class Outgoing(Struct, frozen=True):
    """One request of a connector; with a `key` the channel acts on it once."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    key: str


class Call(Struct, frozen=True, omit_defaults=True):
    """`status` 0: there was no answer, and `problem` says why. Bodies are cut and redacted, sizes the real ones.

    Of many calls that go well in a moment, only some have their bodies.
    """

    at: datetime
    method: str
    path: str
    query: str = ""
    status: int = 0
    took_ms: int = 0
    sent_bytes: int = 0
    answer_bytes: int = 0
    sent: str = ""
    answer: str = ""
    problem: str = ""


class Redactor:
    """Knows the secrets of one account, and how its connector takes people out of a body."""

    def __init__(self, secrets: Sequence[str], redact: Callable[[bytes], bytes] | None) -> None:
        self._secrets = sorted(
            {
                form
                for each in secrets
                if len(each) >= SECRET_LENGTH_MIN
                for form in (each, quote(each, safe=""))
            },
            key=len,
            reverse=True,
        )
        self._redact = redact

    def text(self, value: str) -> str:
        for secret in self._secrets:
            value = value.replace(secret, REDACTED)
        return value

    def query(self, query: Mapping[str, str]) -> str:
        shown = (f"{name}={REDACTED if name.lower() in NEVER else value}" for name, value in query.items())
        return self.text("&".join(shown))[:TEXT_MAX]

    def body(self, raw: bytes) -> str:
        """Empty where it is too large to look at, or where nobody can say what in it is about a person."""
        if self._redact is None or not raw or len(raw) > BODY_BYTES_MAX:
            return ""
        plain = redact_json(_beginning(raw), NEVER) or redact_form(raw, NEVER)
        with suppress(*BUGS, HubError):  # a connector that fails here must not fail the call
            return self.text(self._redact(plain).decode(errors="replace"))[:TEXT_MAX]
        return ""


def _beginning(raw: bytes) -> bytes:
    """Nobody reads the hundred products that a batch answers with, and to redact them costs more than to send them."""
    return cut_json(raw, TEXT_MAX) if len(raw) > TEXT_MAX else raw


class CallLog:
    """The rings of all accounts."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._looked: dict[str, datetime] = {}
        self._new: dict[str, deque[bytes]] = {}
        self._one_writes = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None

    def is_to_look(self, account: str, outcome: Reply | str, *, at: datetime) -> bool:
        """Whether bodies are looked at, which costs more than to send them: always where something went wrong."""
        if not isinstance(outcome, Reply) or outcome.status >= WRONG:
            return True
        last = self._looked.get(account)
        if last is not None and (at - last).total_seconds() < BODIES_EVERY_S:
            return False
        self._looked[account] = at
        return True

    def keep(self, account: str, call: Call) -> None:
        """It is there a moment later, with others: nobody waits for it."""
        self._new.setdefault(account, deque(maxlen=CALLS_MAX)).append(msgspec.json.encode(call))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())

    async def written(self) -> None:
        """What was kept so far is there, unless Redis is away or whoever asks is stopped meanwhile."""
        async with self._one_writes:
            new, self._new = self._new, {}
            with suppress(RedisError, OSError, TimeoutError):
                await self._write(new)

    async def _write(self, new: Mapping[str, Sequence[bytes]]) -> None:
        if not new:
            return
        async with asyncio.timeout(ANSWER_S), self._redis.pipeline(transaction=False) as pipe:
            for account, calls in new.items():
                pipe.lpush(key_of(account), *calls)
                pipe.ltrim(key_of(account), 0, CALLS_MAX - 1)
                pipe.expire(key_of(account), KEPT_S)
            await pipe.execute()

    async def aclose(self) -> None:
        await self.written()
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write_soon(self) -> None:
        while self._new:
            await asyncio.sleep(WRITTEN_AFTER_S)
            await self.written()

    async def latest(self, account: str, *, limit: int = CALLS_MAX) -> list[Call]:
        """The newest first, all of this process up to now; none while Redis is away."""
        await self.written()
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                kept: list[bytes] = await self._redis.lrange(key_of(account), 0, limit - 1)  # type: ignore[misc]
            calls = [msgspec.json.decode(each, type=Call) for each in kept]
            return sorted(calls, key=lambda call: call.at, reverse=True)  # processes write some at a time
        return []


def key_of(account: str) -> str:
    return f"hub:calls:{account}"


def call_of(
    redactor: Redactor,
    sent: Outgoing,
    began: datetime,
    took_ms: int,
    outcome: Reply | str,
    *,
    bodies: bool = True,
) -> Call:
    """Redacted here, at the source: nothing else ever sees the bodies. `outcome` may be what went wrong."""
    reply = outcome if isinstance(outcome, Reply) else Reply(0, {}, b"")
    return Call(
        at=began,
        method=sent.method,
        path=redactor.text(sent.path),
        query=redactor.query(sent.query),
        status=reply.status,
        took_ms=took_ms,
        sent_bytes=len(sent.body),
        answer_bytes=len(reply.body),
        sent=redactor.body(sent.body) if bodies else "",
        answer=redactor.body(reply.body) if bodies else "",
        problem="" if isinstance(outcome, Reply) else redactor.text(outcome),
    )
