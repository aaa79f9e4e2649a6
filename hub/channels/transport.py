"""The transport a connector gets: one shared client, bounded in time, silent about bodies."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

import httpx

from hub.kit.clock import now
from hub.spec import RejectedError, Reply, RetryLaterError

CONNECT_S = 3.0
ANSWER_S = 10.0  # for each part of an answer
TOTAL_S = 30.0  # for all of it
BODY_BYTES_MAX = 50_000_000


def new_client() -> httpx.AsyncClient:
    """One pool for all channels; redirects are not followed, so that credentials stay with the host they are for."""
    timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=50)
    return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)


class Transport:
    """Fulfills hub.spec.Http for one channel."""

    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")

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
    ) -> Reply:
        """Send one request and return whatever the channel answered; raise RetryLaterError where it did not."""
        url = f"{self._base_url}{path}"
        try:
            async with asyncio.timeout(TOTAL_S):
                return await self._ask(
                    self._client.build_request(
                        method, url, params=dict(query) if query else None, content=body, headers=headers
                    )
                )
        except (httpx.TimeoutException, TimeoutError) as error:
            msg = (
                f"{method} {path} had no answer from {self._base_url} in time: the hub tries again by itself"
            )
            raise RetryLaterError(msg) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            msg = (
                f"{method} {path} did not reach {self._base_url} ({type(error).__name__}): check its address"
            )
            raise RetryLaterError(msg) from error

    async def _ask(self, request: httpx.Request) -> Reply:
        """Read at most BODY_BYTES_MAX: what is larger is no answer a connector could use."""
        answer = await self._client.send(request, stream=True)
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
