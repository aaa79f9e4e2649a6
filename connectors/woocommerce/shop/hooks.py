"""The webhooks of the simulated shop: subscriptions, the ping, and signed deliveries."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from connectors.woocommerce.shop.answers import Json, error, hook_json, no_such
from connectors.woocommerce.shop.queries import Call, included, paged
from connectors.woocommerce.shop.things import Hook, Ids, second
from hub.spec.signing import hmac_sha256_base64
from hub.spec.testing import Delivery, SimReply, sim_json

Payload = Callable[[str, int], Json]


class News(Struct, frozen=True):
    """A webhook that waits: its body is built when it goes."""

    hook: Hook
    resource_id: int
    at: datetime


class HookFields(Struct, frozen=True):
    """What a client may write of a webhook; None leaves it as it is."""

    name: str | None = None
    topic: str | None = None
    delivery_url: str | None = None
    secret: str | None = None
    status: str | None = None


class Hooks:
    """Who wants to be told what, and what is still to be told."""

    def __init__(self, ids: Ids, secret: str) -> None:
        self._ids = ids
        self._secret = secret
        self._by_id: dict[int, Hook] = {}
        self._waiting: list[News | Delivery] = []

    def tell(self, topic: str, resource_id: int, at: datetime) -> None:
        for hook in self._by_id.values():
            if hook.topic == topic and hook.status == "active":
                self._waiting.append(News(hook, resource_id, at))

    def take(self, source: str, payload: Payload) -> list[Delivery]:
        """Return what waits, oldest first, with bodies as of now."""
        waiting, self._waiting = self._waiting, []
        return [
            one
            if isinstance(one, Delivery)
            else _delivery(one, source, payload(one.hook.topic, one.resource_id))
            for one in waiting
        ]

    def switch_off(self) -> None:
        """Disable all, as WooCommerce does after five failed deliveries."""
        for hook in self._by_id.values():
            hook.status = "disabled"

    def list(self, call: Call) -> SimReply:
        hooks = [self._by_id[number] for number in included(self._by_id, call.query)]
        return paged(hooks, call.query, hook_json)

    def create(self, call: Call) -> SimReply:
        """A new webhook is pinged at once: form-encoded, and not signed."""
        wish = msgspec.json.decode(call.body, type=HookFields)
        if not wish.topic or not wish.delivery_url:
            return error(400, "rest_missing_callback_param", "Missing parameter(s): topic, delivery_url")
        name, secret = wish.name or wish.topic, wish.secret or self._secret
        hook = Hook(self._ids.take(), name, wish.topic, wish.delivery_url, secret, second(call.at))
        self._by_id[hook.id] = hook
        self._waiting.append(_ping(hook))
        return sim_json(hook_json(hook), 201)

    def put(self, call: Call, number: int) -> SimReply:
        hook = self._by_id.get(number)
        if hook is None:
            return no_such("shop_webhook")
        wish = msgspec.json.decode(call.body, type=HookFields)
        for field, value in msgspec.structs.asdict(wish).items():
            if value is not None:
                setattr(hook, field, value)
        return sim_json(hook_json(hook))

    def delete(self, _call: Call, number: int) -> SimReply:
        hook = self._by_id.pop(number, None)
        return sim_json(hook_json(hook)) if hook else no_such("shop_webhook")


def _delivery(news: News, source: str, payload: Json) -> Delivery:
    hook, body = news.hook, msgspec.json.encode(payload)
    resource, _, event = hook.topic.partition(".")
    headers = {
        "content-type": "application/json",
        "user-agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.0.4)",
        "x-wc-webhook-source": f"{source}/",
        "x-wc-webhook-topic": hook.topic,
        "x-wc-webhook-resource": resource,
        "x-wc-webhook-event": event,
        "x-wc-webhook-signature": hmac_sha256_base64(hook.secret, body),
        "x-wc-webhook-id": str(hook.id),
        "x-wc-webhook-delivery-id": _delivery_id(news),
    }
    return Delivery(hook.delivery_url, headers, body)


def _delivery_id(news: News) -> str:
    """Name the webhook and the second, no more: two orders of one second share it, as at a running shop."""
    seed = f"{news.hook.id}/{int(news.at.timestamp())}"
    return hashlib.sha256(seed.encode()).hexdigest()[:32]


def _ping(hook: Hook) -> Delivery:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Delivery(hook.delivery_url, headers, f"webhook_id={hook.id}".encode())
