"""One call to Square: headers, JSON in and out, and its error answers read by code."""

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from connectors.square import wire
from connectors.square import wire_shop as shop
from connectors.square.settings import API_VERSION
from hub.spec import Http, MalformedError, Reply, Secret
from hub.spec.auth import bearer
from hub.spec.transport import raise_for_status

T = TypeVar("T")


class Answer(Struct, frozen=True):
    what: str
    reply: Reply

    @property
    def status(self) -> int:
        return self.reply.status

    def read(self, shape: type[T]) -> T:
        """Decode a 2xx answer; any other raises the error that says what happens next."""
        return wire.read(raise_for_status(self.reply, self.what).body, shape, f"an answer to {self.what}")

    def errors(self) -> list[shop.Error]:
        """Square's own words on a refusal; none where the answer is not Square's, as from a proxy."""
        try:
            return wire.read(self.reply.body, shop.ErrorReply, "an error").errors or []
        except MalformedError:
            return []

    def has(self, code: str) -> bool:
        return any(error.code == code for error in self.errors())


class Api:
    def __init__(self, http: Http, token: Secret) -> None:
        self._http = http
        self._headers = {
            **bearer(token.value),
            "square-version": API_VERSION,
            "accept": "application/json",
        }

    async def send(
        self,
        method: str,
        path: str,
        body: Struct | None = None,
        *,
        query: Mapping[str, str] | None = None,
        key: str = "",
    ) -> Answer:
        """Return any answer Square gives; only a missing one raises. `key` is the idempotency key in the body."""
        headers = self._headers | ({"content-type": "application/json"} if body is not None else {})
        raw = wire.write(body) if body is not None else None
        reply = await self._http.request(
            method, path, query=query, body=raw, headers=headers, idempotency_key=key
        )
        return Answer(f"{method} {path}", reply)
