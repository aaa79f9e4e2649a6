"""How a request proves who sends it: Basic, bearer, OAuth 1.0a, and the two calls of OAuth 2. Pure but for those.

Sources: RFC 7617 (Basic), RFC 6750 (bearer), RFC 5849 (OAuth 1.0a), RFC 6749 and 7636 (OAuth 2 and PKCE).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta, Struct

from hub.spec.config import Secret
from hub.spec.errors import UnauthorizedError
from hub.spec.operations import NO_SECRET, Tokens
from hub.spec.reading import read_json
from hub.spec.transport import Http, Reply, raise_for_status

SIGNATURE = "oauth_signature"
_EXPIRES_EARLY_S = 60  # so that no token dies on its way
_REVOKED = {"invalid_grant", "invalid_client", "unauthorized_client", "access_denied"}


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """The header of a bearer token."""
    return {"authorization": f"Bearer {token}"}


class OAuth1Hash(StrEnum):
    """The methods of RFC 5849 that are in use; SHA-256 came after it, and shops take it."""

    SHA1 = "HMAC-SHA1"
    SHA256 = "HMAC-SHA256"


class OAuth1Keys(Struct, frozen=True):
    """The keys of the program, and of the person who lets it in; without the latter the request has one leg."""

    key: str
    secret: str
    token: str = ""
    token_secret: str = ""
    method: OAuth1Hash = OAuth1Hash.SHA256


def oauth1_query(
    method: str, url: str, query: Mapping[str, str], keys: OAuth1Keys, *, now: datetime, nonce: str
) -> dict[str, str]:
    """The query with the OAuth parameters added; `url` is the full address without its query.

    Many hosts drop the Authorization header on its way; the query always arrives.
    """
    unsigned = {
        **query,
        "oauth_consumer_key": keys.key,
        "oauth_nonce": nonce,
        "oauth_signature_method": keys.method.value,
        "oauth_timestamp": str(int(now.timestamp())),
    }
    if keys.token:
        unsigned["oauth_token"] = keys.token
    return {**unsigned, SIGNATURE: oauth1_signature(method, url, unsigned, keys)}


def oauth1_header(
    method: str, url: str, query: Mapping[str, str], keys: OAuth1Keys, *, now: datetime, nonce: str
) -> dict[str, str]:
    """The same proof as a header; the query goes along as it is."""
    signed = oauth1_query(method, url, query, keys, now=now, nonce=nonce)
    proof = {name: value for name, value in signed.items() if name not in query}
    parts = ", ".join(f'{_encode(name)}="{_encode(value)}"' for name, value in sorted(proof.items()))
    return {"authorization": f"OAuth {parts}"}


def oauth1_signature(method: str, url: str, unsigned: Mapping[str, str], keys: OAuth1Keys) -> str:
    key = f"{_encode(keys.secret)}&{_encode(keys.token_secret)}"
    kind = hashlib.sha1 if keys.method is OAuth1Hash.SHA1 else hashlib.sha256
    signed = hmac.new(key.encode(), oauth1_base_string(method, url, unsigned).encode(), kind)
    return base64.b64encode(signed.digest()).decode()


def oauth1_base_string(method: str, url: str, unsigned: Mapping[str, str]) -> str:
    """Join method, address and sorted parameters, each percent-encoded (RFC 5849, 3.4.1)."""
    pairs = sorted((_encode(name), _encode(value)) for name, value in unsigned.items())
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join([method.upper(), _encode(url), _encode(parameters)])


class Pkce(Struct, frozen=True):
    """`challenge` goes with the person, `verifier` with the code they bring back."""

    verifier: str
    challenge: str


def pkce_of(secret: Secret, state: str) -> Pkce:
    """Made of what the connector has at both ends of a log-in, so that nothing need be kept in between."""
    made = hmac.new(secret.value.encode(), state.encode(), hashlib.sha256).digest()
    verifier = _base64url(made)
    return Pkce(verifier, pkce_challenge(verifier))


def pkce_challenge(verifier: str) -> str:
    """The method S256 of RFC 7636."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def login_url(address: str, query: Mapping[str, str]) -> str:
    """The page a person is sent to, with its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


class TokenReply(Struct, frozen=True):
    """RFC 6749, 5.1; some channels write the seconds as text."""

    access_token: Annotated[str, Meta(min_length=1)]
    refresh_token: str | None = None
    expires_in: float | str | None = None


class TokenRefusal(Struct, frozen=True):
    """RFC 6749, 5.2."""

    error: str = ""


async def ask_for_tokens(
    http: Http, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Tokens:
    """One call to a token endpoint. Raises UnauthorizedError where the person must log in again.

    `form` says which: `grant_type` "authorization_code" with the code, or "refresh_token" with the token. A channel
    that gives no new refresh token means the old one stays.
    """
    sent = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
        **(headers or {}),
    }
    reply = await http.request("POST", path, body=urlencode(form).encode(), headers=sent)
    _refuse_revoked(reply)
    found = read_json(
        raise_for_status(reply, "asking for a token").body, TokenReply, "the answer with a token"
    )
    refresh = found.refresh_token or form.get("refresh_token", "")
    return Tokens(
        access=Secret(found.access_token),
        refresh=Secret(refresh) if refresh else NO_SECRET,
        expires_at=_expiry(found, http.now()),
    )


def _refuse_revoked(reply: Reply) -> None:
    try:
        error = msgspec.json.decode(reply.body, type=TokenRefusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if error in _REVOKED:
        msg = f"the channel gives no token ({error}): log in again"
        raise UnauthorizedError(msg)


def _expiry(found: TokenReply, now: datetime) -> datetime | None:
    text = str(found.expires_in or "")
    if not text.replace(".", "", 1).isdigit():
        return None
    return now + timedelta(seconds=max(0.0, float(text) - _EXPIRES_EARLY_S))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _encode(text: str) -> str:
    return quote(text, safe="~")  # RFC 5849, 3.6: only letters, digits and - . _ ~ stay
