"""The webhooks a shop keeps for the hub: created when missing, revived when WooCommerce disabled them, and removed.

WooCommerce never shows a secret again, so a webhook's name ends with a digest of the one it was given.
"""

from msgspec import Struct

from connectors.woocommerce.api import Api, pages_of, read
from connectors.woocommerce.webhooks import TOPICS
from connectors.woocommerce.wire import WireWebhook
from hub.spec import Probe
from hub.spec.signing import digest
from hub.spec.transport import raise_for_status

PATH = "/webhooks"
GONE = 404
_PAGE_MAX = 100
_SETTINGS = "WooCommerce > Settings > Advanced > Webhooks"


class NewWebhook(Struct, frozen=True):
    name: str
    topic: str
    delivery_url: str
    secret: str
    status: str = "active"


class Revival(Struct, frozen=True):
    """The secret goes along: the old one may have been another."""

    name: str
    secret: str
    status: str = "active"


async def ensure(api: Api, url: str, secret: str) -> list[Probe]:
    """Let every order topic be delivered to `url`. One that a person paused is reported, not touched."""
    ours = {hook.topic: hook for hook in await all_webhooks(api) if hook.delivery_url == url}
    ours |= {hook.topic: hook for hook in ours.values() if hook.status == "active"}
    return [await _ensure_one(api, topic, ours.get(topic), url, secret) for topic in TOPICS]


async def remove(api: Api, url: str) -> None:
    """Delete every webhook to `url`; WooCommerce keeps no trash of them, so it wants to be forced."""
    for hook in await all_webhooks(api):
        if hook.delivery_url == url:
            path = f"{PATH}/{hook.id}"
            reply = await api.call("DELETE", path, query={"force": "true"})
            if reply.status != GONE:
                raise_for_status(reply, f"DELETE {path}")


async def all_webhooks(api: Api) -> list[WireWebhook]:
    """Every webhook of the shop, whoever made it."""
    hooks: list[WireWebhook] = []
    page, pages = 1, 1
    while page <= pages:
        query = {"status": "all", "orderby": "id", "per_page": str(_PAGE_MAX), "page": str(page)}
        reply = await api.get(PATH, query)
        hooks += read(reply, list[WireWebhook], f"GET {PATH}")
        page, pages = page + 1, pages_of(reply)
    return hooks


async def _ensure_one(api: Api, topic: str, hook: WireWebhook | None, url: str, secret: str) -> Probe:
    name = f"hub {topic} {digest(secret.encode())[:8]}"
    if hook is None:
        wish = NewWebhook(name, topic, url, secret)
        raise_for_status(await api.call("POST", PATH, payload=wish), f"POST {PATH}")
        return Probe(topic, ok=True, detail="created")
    if hook.status == "paused":
        return Probe(topic, ok=False, detail="paused by a person", remedy=f"set it to Active: {_SETTINGS}")
    if hook.status == "disabled":
        await _revive(api, hook, Revival(name, secret))
        detail = "revived: WooCommerce had disabled it after failed deliveries"
        return Probe(topic, ok=True, detail=detail, mended=True)
    if hook.name != name:
        await _revive(api, hook, Revival(name, secret))
        return Probe(topic, ok=True, detail="has the new secret")
    return Probe(topic, ok=True, detail="active")


async def _revive(api: Api, hook: WireWebhook, wish: Revival) -> None:
    path = f"{PATH}/{hook.id}"
    raise_for_status(await api.call("PUT", path, payload=wish), f"PUT {path}")
