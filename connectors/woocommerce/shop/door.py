"""The doorkeeper of the simulated shop: Basic over https, OAuth 1.0a over http, both checked for real."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

from connectors.woocommerce.shop.answers import error
from hub.spec.auth import SIGNATURE, OAuth1Hash, OAuth1Keys, oauth1_signature
from hub.spec.signing import same
from hub.spec.testing import SimReply, SimRequest

WINDOW_S = 15 * 60  # a nonce is remembered, and a timestamp accepted, this long
_CODE = "woocommerce_rest_authentication_error"


class Door:
    """Knows one key with read and write permission."""

    def __init__(self, key: str, secret: str) -> None:
        self._key = key
        self._secret = secret
        self._nonces: dict[str, int] = {}

    def refuse(self, request: SimRequest, url: str, at: datetime) -> SimReply | None:
        """Return the refusal, or None where the caller may come in; `url` is without its query."""
        if url.startswith("https://"):
            return self._refuse_basic(request)
        query = request.query
        if SIGNATURE not in query:
            return error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if query.get("oauth_consumer_key") != self._key:
            return error(401, _CODE, "Consumer key is invalid.")
        return self._refuse_signature(request.method, url, query) or self._refuse_repeat(query, at)

    def _refuse_basic(self, request: SimRequest) -> SimReply | None:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if not same(f"{self._key}:{self._secret}", _decoded(credentials)):
            return error(401, _CODE, "Consumer secret is invalid.")
        return None

    def _refuse_signature(self, method: str, url: str, query: Mapping[str, str]) -> SimReply | None:
        if query.get("oauth_signature_method") != OAuth1Hash.SHA256.value:
            return error(401, _CODE, "Invalid signature - signature method is invalid.")
        unsigned = {name: value for name, value in query.items() if name != SIGNATURE}
        keys = OAuth1Keys(self._key, self._secret)
        if not same(oauth1_signature(method, url, unsigned, keys), query[SIGNATURE]):
            return error(401, _CODE, "Invalid signature - provided signature does not match.")
        return None

    def _refuse_repeat(self, query: Mapping[str, str], at: datetime) -> SimReply | None:
        now = int(at.timestamp())
        stamp, nonce = query.get("oauth_timestamp", ""), query.get("oauth_nonce", "")
        if not stamp.isdigit() or abs(int(stamp) - now) > WINDOW_S:
            return error(401, _CODE, "Invalid timestamp.")
        if not nonce or nonce in self._nonces:
            return error(401, _CODE, "Invalid nonce - nonce has already been used.")
        self._remember(nonce, now)
        return None

    def _remember(self, nonce: str, now: int) -> None:
        """Nonces are kept in the order of their arrival, so the old ones stand in front."""
        self._nonces[nonce] = now
        for old in [name for name, seen in _first(self._nonces, 2) if seen < now - WINDOW_S]:
            del self._nonces[old]


def _first(nonces: Mapping[str, int], count: int) -> list[tuple[str, int]]:
    """Look at a few only: two go for one that comes, so the memory stays small at no cost."""
    pairs = iter(nonces.items())
    return [pair for pair, _ in zip(pairs, range(count), strict=False)]


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
