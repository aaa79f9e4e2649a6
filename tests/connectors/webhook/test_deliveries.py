"""A notice or an event is one POST that any library for Standard Webhooks can judge; tried again, only its id stays."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from connectors.webhook.notifier import OpenWebhook, WebhookConfig, WebhookNotifier
from connectors.webhook.observer import WebhookObserver
from hub.spec import Event, Notice, RejectedError, Reply, RetryLaterError, Secret, Severity
from hub.spec.signing import is_standard_webhook

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOTICE = Notice(
    "0197",
    "stock.late",
    Severity.WARNING,
    "A number is late",
    "Look there",
    "https://hub.example/stock",
    NOON,
)


class FakeHttp:
    base_url = "https://chat.example/hook"

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.at = NOON
        self.asked: list[tuple[str, str, bytes, dict[str, str]]] = []

    def now(self) -> datetime:
        return self.at

    def nonce(self) -> str:
        return "n1"

    async def request(
        self, method: str, path: str, *, query=None, body=b"", headers=None, idempotency_key=""
    ) -> Reply:
        del query, idempotency_key
        self.asked.append((method, path, body, dict(headers or {})))
        return Reply(self.status, {}, b"")


def opened(
    http: FakeHttp, *, secret: str = SECRET, base_url: str = "https://chat.example/hook"
) -> OpenWebhook:
    config = WebhookConfig(base_url=base_url, secret=Secret(secret))
    return WebhookNotifier().open(http, None, config)  # type: ignore[arg-type]


async def test_the_receiver_can_judge_it_and_read_it():
    http = FakeHttp()
    await opened(http).notify(NOTICE)
    [(method, path, body, headers)] = http.asked
    assert (method, path, headers["content-type"]) == ("POST", "", "application/json")
    assert is_standard_webhook(headers, body, [SECRET], now=NOON)
    assert msgspec.json.decode(body) == {
        "type": "stock.late",
        "timestamp": "2026-03-01T12:00:00+00:00",
        "data": {
            "id": "0197",
            "severity": "warning",
            "title": "A number is late",
            "text": "Look there",
            "link": "https://hub.example/stock",
        },
    }


async def test_a_second_try_has_the_same_id_and_a_new_signature():
    http = FakeHttp()
    await opened(http).notify(NOTICE)
    http.at += timedelta(minutes=5)
    await opened(http).notify(NOTICE)
    first, second = (headers for _, _, _, headers in http.asked)
    assert first["webhook-id"] == second["webhook-id"] == "0197"
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize(("status", "error"), [(503, RetryLaterError), (410, RejectedError)])
async def test_a_refusal_is_named_by_what_happens_next(status: int, error: type[Exception]):
    with pytest.raises(error):
        await opened(FakeHttp(status)).notify(NOTICE)


async def test_an_address_with_a_slash_at_its_end_keeps_it():
    http = FakeHttp()
    await opened(http, base_url="https://chat.example/hook/").notify(NOTICE)
    assert http.asked[0][1] == "/"


async def test_a_poor_secret_is_told_before_anybody_is():
    [probe] = await opened(FakeHttp(), secret="sesame").check()
    assert (probe.name, probe.ok) == ("secret", False)


async def test_an_event_is_signed_alike_and_what_it_is_not_about_is_left_out():
    http = FakeHttp()
    config = WebhookConfig(base_url="https://erp.example/hook", secret=Secret(SECRET))
    event = Event(7, "stock_received", NOON, "cli", facts={"units": 3})
    await WebhookObserver().open(http, config).observe(event)
    [(_, _, body, headers)] = http.asked
    assert is_standard_webhook(headers, body, [SECRET], now=NOON)
    assert headers["webhook-id"] == "event-7"
    assert msgspec.json.decode(body) == {
        "type": "stock_received",
        "timestamp": "2026-03-01T12:00:00+00:00",
        "data": {"id": 7, "actor": "cli", "facts": {"units": 3}},
    }
