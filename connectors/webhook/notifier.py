"""A notice as one signed POST; `webhook-id` is the same however often it is tried, the time and signature are new."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hub.model.errors import InputError
from hub.spec import Http, Mail, Notice, Probe, Secret, Settings
from hub.spec.signing import standard_webhook_headers
from hub.spec.transport import raise_for_status


class WebhookConfig(Settings, frozen=True, kw_only=True):
    """Where the notices go, and the secret the receiver knows them by."""

    base_url: Annotated[
        str, Meta(description="Address that takes them, https://…", pattern="^https?://[^\\s/]+")
    ]
    secret: Annotated[
        Secret,
        Meta(description="whsec_ and the base64 of 24 to 64 bytes; make one: openssl rand -base64 32"),
    ]


class Told(Struct, frozen=True):
    """The `data` of the payload."""

    id: str
    severity: str
    title: str
    text: str
    link: str


class Payload(Struct, frozen=True):
    """`type` is the topic; `timestamp` is when it happened, not when it was sent."""

    type: str
    timestamp: str
    data: Told


class OpenWebhook:
    def __init__(self, http: Http, config: WebhookConfig) -> None:
        self._http = http
        self._path = "/" if config.base_url.endswith("/") else ""
        self._secret = config.secret.value

    async def check(self) -> list[Probe]:
        """Judge the secret; only a delivery can tell whether the address takes them."""
        try:
            standard_webhook_headers(self._secret, "id", b"", at=self._http.now())
        except InputError as error:
            return [Probe("secret", ok=False, detail=str(error), remedy="make one: openssl rand -base64 32")]
        return [Probe("secret", ok=True)]

    async def notify(self, notice: Notice) -> None:
        await self.post(notice.id, payload_of(notice))

    async def post(self, message_id: str, payload: object) -> None:
        """Sign it and send it; raises by what happens next."""
        body = msgspec.json.encode(payload)
        headers = standard_webhook_headers(self._secret, message_id, body, at=self._http.now())
        headers["content-type"] = "application/json"
        reply = await self._http.request("POST", self._path, body=body, headers=headers)
        raise_for_status(reply, "POST to the webhook's address")


class WebhookNotifier:
    kind = "webhook"
    title = "Signed webhook"
    config_type: type[Settings] = WebhookConfig

    def open(self, http: Http, mail: Mail, config: WebhookConfig) -> OpenWebhook:
        del mail
        return OpenWebhook(http, config)


def payload_of(notice: Notice) -> Payload:
    told = Told(notice.id, notice.severity, notice.title, notice.text, notice.link)
    return Payload(notice.topic, notice.at.isoformat(), told)
