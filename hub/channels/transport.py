"""The transport a connector gets: one shared client, bounded in time, silent about bodies."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

import httpx

from hub.kit.clock import now
from hub.spec import Reply, RetryLaterError

CONNECT_S = 3.0
ANSWER_S = 10.0
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
            answer = await self._client.request(
                method, url, params=dict(query) if query else None, content=body, headers=headers
            )
        except httpx.TimeoutException as error:
            msg = (
                f"{method} {path} had no answer from {self._base_url} in time: the hub tries again by itself"
            )
            raise RetryLaterError(msg) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            msg = (
                f"{method} {path} did not reach {self._base_url} ({type(error).__name__}): check its address"
            )
            raise RetryLaterError(msg) from error
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, named, answer.content)
