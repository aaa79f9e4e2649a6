"""Signature helpers: HMAC over raw bytes, compared in constant time."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.model.errors import InputError

TOLERANCE_S = 300  # Standard Webhooks: older and newer deliveries are refused
KEY_BYTES_MIN, KEY_BYTES_MAX = 24, 64


def hmac_sha256_base64(secret: str, message: bytes) -> str:
    """base64(HMAC-SHA256(secret, message)), the form WooCommerce, Shopify and Square use."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def hmac_sha256_hex(secret: str, message: bytes) -> str:
    """hex(HMAC-SHA256(secret, message)), the form TikTok Shop and Shopify's log-in use."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def md5_hex(message: bytes) -> str:
    """hex(MD5(message)): what Taobao and others still sign with; good for nothing else."""
    return hashlib.md5(message, usedforsecurity=False).hexdigest()


def joined(parameters: Mapping[str, str], *, inside: str = "", between: str = "") -> str:
    """Name and value of each parameter, sorted by name: `a1b2`, or `a=1&b=2` with `inside="="` and `between="&"`."""
    return between.join(f"{name}{inside}{value}" for name, value in sorted(parameters.items()))


def same(expected: str, given: str) -> bool:
    """Compare in constant time; an empty signature is never right."""
    return bool(given) and hmac.compare_digest(expected.encode(), given.encode())


def digest(*parts: bytes) -> str:
    """A short stable fingerprint for delivery keys: 32 hex digits of SHA-256."""
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()[:32]


def standard_webhook_headers(secret: str, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """Sign by Standard Webhooks 1.0.0: id, time and body joined by full stops. Raises InputError for a poor secret."""
    moment = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": _standard_signature(secret, message_id, moment, body),
    }


def is_standard_webhook(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: datetime
) -> bool:
    """Judge a delivery signed by Standard Webhooks, with any of the secrets while one replaces another.

    Older or newer than five minutes is refused. Header names are lower case.
    """
    message_id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not moment.isdigit() or abs(now.timestamp() - int(moment)) > TOLERANCE_S:
        return False
    wanted = [_standard_signature(each, message_id, moment, body) for each in secrets]
    given = headers.get("webhook-signature", "").split()
    return any(same(ours, theirs) for ours in wanted for theirs in given)


def _standard_signature(secret: str, message_id: str, moment: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        msg = f"the secret is not the base64 of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes: make a new one"
        raise InputError(msg, field="secret")
    signed = f"{message_id}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
