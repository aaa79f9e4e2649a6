"""The webhooks a shop keeps for the hub: created when missing, revived when WooCommerce disabled them."""

from msgspec import Struct

from connectors.woocommerce.api import Api, pages_of, read
from connectors.woocommerce.webhooks import TOPICS
from connectors.woocommerce.wire import WireWebhook
from hub.spec import Probe
from hub.spec.transport import raise_for_status

PATH = "/webhooks"
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

    secret: str
    status: str = "active"


async def ensure(api: Api, url: str, secret: str) -> list[Probe]:
    """Let every order topic be delivered to `url`. One that a person paused is reported, not touched."""
    ours = {hook.topic: hook for hook in await all_webhooks(api) if hook.delivery_url == url}
    ours |= {hook.topic: hook for hook in ours.values() if hook.status == "active"}
    return [await _ensure_one(api, topic, ours.get(topic), url, secret) for topic in TOPICS]


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
    if hook is None:
        wish = NewWebhook(f"hub {topic}", topic, url, secret)
        raise_for_status(await api.call("POST", PATH, payload=wish), f"POST {PATH}")
        return Probe(topic, ok=True, detail="created")
    if hook.status == "disabled":
        path = f"{PATH}/{hook.id}"
        raise_for_status(await api.call("PUT", path, payload=Revival(secret)), f"PUT {path}")
        return Probe(topic, ok=True, detail="revived: WooCommerce had disabled it after failed deliveries")
    if hook.status == "paused":
        return Probe(topic, ok=False, detail="paused by a person", remedy=f"set it to Active: {_SETTINGS}")
    return Probe(topic, ok=True, detail="active")
