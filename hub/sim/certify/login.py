"""Somebody logs in to a simulated channel: the tokens that each call then carries, as the hub keeps them."""

from collections.abc import Mapping
from typing import Any

from hub.spec import Http, LogsIn, Secret, Tokens
from hub.spec.testing import LetsIn

REDIRECT = "https://hub.example/login/back"
STATE = "state-5d1f0c"


class Login:
    """Fulfills hub.channels.tokens.GivesTokens. The person logs in when the first call asks for it."""

    def __init__(self, connector: LogsIn, simulator: LetsIn, config: Any, http: Http) -> None:
        self.tokens: Tokens | None = None
        self._given: list[Tokens] = []
        self._connector = connector
        self._simulator = simulator
        self._config = config
        self._http = http

    def begin(self) -> str:
        return self._connector.auth_begin(self._config, redirect_url=REDIRECT, state=STATE)

    def agree(self) -> Mapping[str, str]:
        """The person goes there and agrees."""
        return self._simulator.log_in(self.begin(), at=self._http.now())

    async def complete(self, answer: Mapping[str, str]) -> Tokens:
        return self._keep(
            await self._connector.auth_complete(self._http, self._config, answer, redirect_url=REDIRECT)
        )

    async def refresh(self, tokens: Tokens) -> Tokens:
        return self._keep(await self._connector.auth_refresh(self._http, self._config, tokens))

    async def access(self) -> Secret:
        tokens = self.tokens or await self.complete(self.agree())
        return tokens.access

    async def renewed(self, refused: Secret) -> Secret:
        assert self.tokens is not None
        held = self.tokens
        return held.access if held.access != refused else (await self.refresh(held)).access

    def secrets(self) -> list[str]:
        return [
            each.value for tokens in self._given for each in (tokens.access, tokens.refresh) if each.value
        ]

    def _keep(self, tokens: Tokens) -> Tokens:
        self.tokens = tokens
        self._given.append(tokens)
        return tokens
