"""Signature helpers: HMAC over raw bytes, compared in constant time."""

import base64
import hashlib
import hmac


def hmac_sha256_base64(secret: str, message: bytes) -> str:
    """base64(HMAC-SHA256(secret, message)), the form WooCommerce, Shopify and Square use."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def same(expected: str, given: str) -> bool:
    """Compare in constant time; an empty signature is never right."""
    return bool(given) and hmac.compare_digest(expected.encode(), given.encode())


def digest(*parts: bytes) -> str:
    """A short stable fingerprint for delivery keys: 32 hex digits of SHA-256."""
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()[:32]
