"""How a request proves who sends it: Basic over https, OAuth 1.0a (one-legged, HMAC-SHA256) over http.

WooCommerce refuses Basic over plain http. The OAuth parameters go into the query, as in WooCommerce's own
client libraries, because many hosts drop the Authorization header. Pure: time and nonce are handed in.
Source: RFC 5849, section 3.4, and the REST API docs, "Authentication".
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from hub.spec.signing import hmac_sha256_base64

SIGNATURE = "oauth_signature"
METHOD = "HMAC-SHA256"


def basic(key: str, secret: str) -> str:
    """Return the value of the Authorization header."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def sign(
    method: str, url: str, query: Mapping[str, str], *, key: str, secret: str, now: datetime, nonce: str
) -> dict[str, str]:
    """Return the query with the OAuth parameters added; `url` is the full address without its query."""
    unsigned = {
        **query,
        "oauth_consumer_key": key,
        "oauth_nonce": nonce,
        "oauth_signature_method": METHOD,
        "oauth_timestamp": str(int(now.timestamp())),
    }
    return {**unsigned, SIGNATURE: signature(method, url, unsigned, secret)}


def signature(method: str, url: str, unsigned: Mapping[str, str], secret: str) -> str:
    """Sign with the consumer secret and an empty token secret, hence the `&`."""
    return hmac_sha256_base64(f"{secret}&", base_string(method, url, unsigned).encode())


def base_string(method: str, url: str, unsigned: Mapping[str, str]) -> str:
    """Join method, address and sorted parameters, each percent-encoded (RFC 5849, 3.4.1)."""
    pairs = sorted((_encode(name), _encode(value)) for name, value in unsigned.items())
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join([method.upper(), _encode(url), _encode(parameters)])


def _encode(text: str) -> str:
    return quote(text, safe="~")  # RFC 5849, 3.6: only letters, digits and - . _ ~ stay
