"""What a kind says and does apart from any open channel: logging in, redacting, its limits. The Connector has these."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from hub.spec.config import Secret
from hub.spec.transport import Http

NO_SECRET = Secret("")


class Tokens(Struct, frozen=True, kw_only=True):
    """What a log-in gave. `expires_at` None: until it is revoked. `extra`: what the channel wants back; no secrets.

    The hub keeps them sealed, puts `access` into the manifest's `token_header` of each call, and has them refreshed.
    """

    access: Secret
    refresh: Secret = NO_SECRET
    expires_at: datetime | None = None
    extra: Mapping[str, str] = {}


@runtime_checkable
class LogsIn(Protocol):
    """OAuth 2 and its like: a person is sent to the channel and comes back with a code."""

    def auth_begin(self, config: Any, *, redirect_url: str, state: str) -> str:
        """Pure: the address of the channel's log-in page. `state` must come back as it is."""

    async def auth_complete(
        self, http: Http, config: Any, answer: Mapping[str, str], *, redirect_url: str
    ) -> Tokens:
        """Turn the query the person came back with into tokens. Raises UnauthorizedError where it was refused."""

    async def auth_refresh(self, http: Http, config: Any, tokens: Tokens) -> Tokens:
        """New tokens for old; called by one worker at a time. Raises UnauthorizedError where they were revoked."""


@runtime_checkable
class Redacts(Protocol):
    def redact(self, payload: bytes) -> bytes:
        """Pure: the body of a call, an answer or a webhook in the same shape without personal data, for records."""


@runtime_checkable
class KnowsLimits(Protocol):
    def known_limits(self) -> list[str]:
        """What this connector cannot do, a sentence each, as a retailer should know it before joining."""


class Account(Struct, frozen=True):
    """Whose settings these are at the other side, in texts that nobody sees: the hub keeps no more than a keyed hash.

    Channels of one kind with the same `limits` are counted together there, and so spend of one budget. Where `login` is
    the same as well, what refuses one of them refuses all. Empty: it is known to be like no other.
    """

    limits: str
    login: str = ""


@runtime_checkable
class NamesAccount(Protocol):
    def account_of(self, config: Any) -> Account:
        """Pure: the account that the channel counts calls by, as far as its settings tell."""
