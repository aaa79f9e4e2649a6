"""An event as one signed POST, as the notices are; `webhook-id` is the same however often it is tried."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from connectors.webhook.notifier import OpenWebhook, WebhookConfig
from hub.spec import Event, Http, Probe, Settings


class Happened(Struct, frozen=True, omit_defaults=True):
    """The `data` of the payload; what it is not about is left out."""

    id: int
    actor: str
    order_number: int = 0
    channel: str = ""
    facts: Mapping[str, Any] = {}


class Payload(Struct, frozen=True):
    """`type` is the topic; `timestamp` is when it happened, not when it was sent."""

    type: str
    timestamp: str
    data: Happened


class OpenEventWebhook:
    def __init__(self, http: Http, config: WebhookConfig) -> None:
        self._webhook = OpenWebhook(http, config)

    async def check(self) -> list[Probe]:
        return await self._webhook.check()

    async def observe(self, event: Event) -> None:
        await self._webhook.post(f"event-{event.id}", payload_of(event))


class WebhookObserver:
    kind = "webhook"
    title = "Signed webhook"
    config_type: type[Settings] = WebhookConfig

    def open(self, http: Http, config: WebhookConfig) -> OpenEventWebhook:
        return OpenEventWebhook(http, config)


def payload_of(event: Event) -> Payload:
    happened = Happened(event.id, event.actor, event.order_number, event.channel, event.facts)
    return Payload(event.topic, event.at.isoformat(), happened)
