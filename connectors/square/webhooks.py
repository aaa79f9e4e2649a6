"""Square's webhook signature, and the subscription the hub needs. Pure.

Source: developer.squareup.com/docs/webhooks/step3validate: base64(HMAC-SHA256(key, URL + raw body)).
"""

from collections.abc import Mapping

from connectors.square import wire_shop as shop
from hub.spec.signing import hmac_sha256_base64, same

SIGNATURE_HEADER = "x-square-hmacsha256-signature"
# order.created comes only for orders made through the API; a sale in the till's own app shows as payment.*.
EVENT_TYPES = (
    "order.created",
    "order.updated",
    "order.fulfillment.updated",
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
    "inventory.count.updated",
)


def sign(key: str, url: str, raw_body: bytes) -> str:
    return hmac_sha256_base64(key, url.encode() + raw_body)


def is_signed(headers: Mapping[str, str], raw_body: bytes, *, url: str, key: str) -> bool:
    """Constant time; without a key nothing is ever right."""
    return bool(key) and same(sign(key, url, raw_body), headers.get(SIGNATURE_HEADER, ""))


def subscription_for(url: str, api_version: str, existing: shop.Subscription | None) -> shop.Subscription:
    """What the subscription to `url` must look like; other event types it has are kept."""
    types = list(dict.fromkeys([*((existing and existing.event_types) or []), *EVENT_TYPES]))
    return shop.Subscription(
        name="Order hub", enabled=True, event_types=types, notification_url=url, api_version=api_version
    )


def is_current(existing: shop.Subscription, wanted: shop.Subscription) -> bool:
    """Whether Square would deliver all that is wanted; the API version and the name may differ."""
    return existing.enabled is True and set(wanted.event_types or []) <= set(existing.event_types or [])
