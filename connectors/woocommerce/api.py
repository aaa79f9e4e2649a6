"""The calls themselves: signed, encoded, and their answers read into Structs.

WooCommerce takes Basic over https, and refuses it over plain http: there it wants OAuth 1.0a (one-legged, HMAC-SHA256),
whose parameters go into the query as in its own client libraries. Source: the REST API docs, "Authentication".
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from connectors.woocommerce.wire import WireError
from hub.spec import Http, MalformedError, Reply, Secret
from hub.spec.auth import OAuth1Keys, basic, oauth1_query
from hub.spec.transport import raise_for_status

ROOT = "/wp-json/wc/v3"
_REASON_MAX = 200
Answer = TypeVar("Answer")


class Api:
    """REST v3 of one shop."""

    def __init__(self, http: Http, key: Secret, secret: Secret) -> None:
        self._http = http
        self._keys = OAuth1Keys(key.value, secret.value)

    async def call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, payload: object = None
    ) -> Reply:
        """Return whatever the shop answers; `path` is below /wp-json/wc/v3."""
        proven, headers = self._prove(method, ROOT + path, query or {})
        body = None
        if payload is not None:
            body = msgspec.json.encode(payload)
            headers["content-type"] = "application/json"
        return await self._http.request(method, ROOT + path, query=proven, body=body, headers=headers)

    async def get(self, path: str, query: Mapping[str, str]) -> Reply:
        """Read something; anything but a 2xx answer raises."""
        return raise_for_status(await self.call("GET", path, query=query), f"GET {path}")

    def _prove(
        self, method: str, path: str, query: Mapping[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return query and headers with the proof of who asks in one of them."""
        base = self._http.base_url.rstrip("/")
        if base.lower().startswith("https://"):
            return dict(query), basic(self._keys.key, self._keys.secret)
        now, nonce = self._http.now(), self._http.nonce()
        return oauth1_query(method, base + path, query, self._keys, now=now, nonce=nonce), {}


def read(reply: Reply, kind: type[Answer], what: str) -> Answer:
    """Decode an answer; `what` is the call as a person would name it."""
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.DecodeError as error:
        msg = f"{what} answered something unreadable ({error}): look for a plugin or maintenance page in between"
        raise MalformedError(msg) from error


def pages_of(reply: Reply) -> int:
    pages = reply.headers.get("x-wp-totalpages", "")
    return int(pages) if pages.isdigit() else 1


def refusal(reply: Reply) -> str:
    """Say why in WooCommerce's words: its errors speak of ids and fields, never of people."""
    try:
        error = msgspec.json.decode(reply.body, type=WireError)
    except msgspec.DecodeError:
        error = WireError()
    return reason(error) or f"WooCommerce answered {reply.status}"


def reason(error: WireError) -> str:
    return f"{error.message} ({error.code})"[:_REASON_MAX] if error.code else ""
