"""Tokens of accounts one logs in to: kept sealed, refreshed by one caller at a time, and shared by those who waited."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.spec import Http, LogsIn, Secret, Tokens, UnauthorizedError
from hub.store import channels
from hub.store.db import Database
from hub.store.locks import in_turn

NOBODY_LOGGED_IN = "nobody has logged in to this channel yet: log in on its page"
WAIT_S_MAX = 40.0  # for another caller that refreshes


class GivesTokens(Protocol):
    """What a transport asks for a token."""

    async def access(self) -> Secret: ...

    async def renewed(self, refused: Secret) -> Secret: ...


class TokenKeeper:
    """The tokens of one account. `http` speaks to the channel without any token."""

    def __init__(
        self, db: Database, vault: Vault, account_id: UUID, connector: LogsIn, config: Any, http: Http
    ) -> None:
        self._db = db
        self._vault = vault
        self._account_id = account_id
        self._connector = connector
        self._config = config
        self._http = http
        self._held: Tokens | None = None

    async def access(self) -> Secret:
        """A token that is good now. Raises UnauthorizedError where a person must log in."""
        held = self._held or await self._load()
        if _is_over(held, now()):
            return (await self._refresh(held)).access
        self._held = held
        return held.access

    async def renewed(self, refused: Secret) -> Secret:
        """Another token than the one the channel just refused."""
        held = await self._load()
        return held.access if held.access != refused else (await self._refresh(held)).access

    async def save(self, tokens: Tokens) -> None:
        self._held = tokens
        sealed = self._vault.seal(msgspec.json.encode(tokens), _aad(self._account_id))
        async with self._db.transaction() as tx:
            await channels.save_tokens(tx, self._account_id, sealed)

    async def _refresh(self, old: Tokens) -> Tokens:
        """Whoever comes second finds the tokens of the first: two refreshes at once are one call."""
        async with in_turn(self._db, "refresh", self._account_id, wait_s=WAIT_S_MAX):
            held = await self._load()
            if held.access != old.access:
                self._held = held
                return held
            if not held.refresh.value:
                msg = "the log-in has ended, and the channel gave nothing to renew it with: log in again"
                raise UnauthorizedError(msg)
            fresh = await self._connector.auth_refresh(self._http, self._config, held)
            await self.save(fresh)
            return fresh

    async def _load(self) -> Tokens:
        async with self._db.transaction() as tx:
            sealed = await channels.tokens_of(tx, self._account_id)
        if sealed is None:
            raise UnauthorizedError(NOBODY_LOGGED_IN)
        return msgspec.json.decode(self._vault.open(sealed, _aad(self._account_id)), type=Tokens)


def _is_over(tokens: Tokens, at: datetime) -> bool:
    return tokens.expires_at is not None and tokens.expires_at <= at


def _aad(account_id: UUID) -> bytes:
    return b"tokens" + account_id.bytes
