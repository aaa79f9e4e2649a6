"""The one transport a connector gets: base URL, credentials' time-outs, budget and redaction are set by the hub."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from hub.spec.errors import RejectedError, RetryLaterError, UnauthorizedError

AGAIN = "the hub tries again in the background; a command must be run again"
_LATER = {408, 425, 429}
_UNKNOWN, _FORBIDDEN, _TOO_MANY = 401, 403, 429


class Reply(Struct, frozen=True):
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """Paths are relative to the channel's base URL.

    `request` returns any answer the channel gave; network trouble, time-outs and a spent budget raise RetryLaterError.
    """

    @property
    def base_url(self) -> str: ...

    def now(self) -> datetime:
        """The hub's clock, aware: for requests that must be signed with a timestamp, and for nothing else."""

    def nonce(self) -> str:
        """Letters and digits never given before: for signed requests, and for nothing else."""

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
        """One call. A GET, a HEAD, or a call with an `idempotency_key` may be sent again where no answer came.

        The key is the same for the same wish, and the channel acts on it once; the manifest's `idempotency_header`
        carries it, or the connector writes it where the channel wants it.
        """


def raise_for_status(reply: Reply, what: str) -> Reply:
    """Return a 2xx reply; raise the class of error that says what happens next for any other.

    `what` is the call as a person would name it, such as "GET /orders"; the body is never put in the message.
    """
    if 200 <= reply.status < 300:
        return reply
    if reply.status in _LATER or reply.status >= 500:
        msg = f"{what} answered {reply.status}: {AGAIN}"
        raise RetryLaterError(msg, after_s=retry_after_s(reply), too_many=reply.status == _TOO_MANY)
    if reply.status == _UNKNOWN:
        msg = f"{what} answered {reply.status}: the credentials are refused, reconnect the account"
        raise UnauthorizedError(msg)
    if reply.status == _FORBIDDEN:
        msg = f"{what} answered {reply.status}: the credentials may not do this, give them the permission and reconnect"
        raise UnauthorizedError(msg, forbidden=True)
    msg = f"{what} answered {reply.status}: the channel refuses this request for good"
    raise RejectedError(msg)


def retry_after_s(reply: Reply) -> float | None:
    """Read Retry-After in seconds; the date form is not used by the channels we know, and reads as None."""
    value = reply.headers.get("retry-after", "")
    return float(value) if value.replace(".", "", 1).isdigit() else None
