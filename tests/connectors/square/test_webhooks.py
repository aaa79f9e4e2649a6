"""Only a delivery that Square signed for this address and this key is believed.

The two vectors are Square's own: square/square-python-sdk (MIT), tests/integration/test_webhooks_helper.py.
"""

import pytest

from connectors.square.simulator import SquareSimulator
from connectors.square.webhooks import EVENT_TYPES, SIGNATURE_HEADER
from hub.spec import Secret
from tests.connectors.square.conftest import MORNING
from tests.connectors.square.tiny_http import TinyHttp, opened

URL = "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9"
KEY = "Ibxx_5AKakO-3qeNVR61Dw"
SIGNATURE = "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="
BODY = (
    b'{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification",'
    b'"event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z",'
    b'"data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}'
)


def verified(key: str, signature: str | None, body: bytes = BODY, url: str = URL) -> bool:
    headers = {} if signature is None else {SIGNATURE_HEADER: signature}
    http = TinyHttp(SquareSimulator([]), MORNING)
    channel = opened(http, webhook_signature_key=Secret(key))
    return channel.verify_webhook(headers, body, url=url, now=MORNING)


@pytest.mark.parametrize(
    ("key", "url", "body", "signature"),
    [
        (KEY, URL, BODY, SIGNATURE),
        (
            "signature-key",
            "https://webhook.site/webhooks",
            b'{"data":{"type":"webhooks","id":">id<"}}',
            "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
        ),
    ],
)
def test_squares_own_vectors_are_right(key, url, body, signature):
    assert verified(key, signature, body, url)


def test_a_changed_byte_another_address_or_another_key_is_wrong():
    assert not verified(KEY, SIGNATURE, BODY.replace(b"MLEF", b"MLEG"))
    assert not verified(KEY, SIGNATURE, url=URL + "/")
    assert not verified("another", SIGNATURE)


@pytest.mark.parametrize("signature", [None, "", "x", "ä"])
def test_a_missing_or_strange_signature_is_wrong(signature):
    assert not verified(KEY, signature)


def test_without_a_key_nothing_is_right():
    assert not verified("", SIGNATURE)


@pytest.mark.anyio
async def test_the_subscription_is_made_once(channel, http):
    first = await channel.ensure_webhooks("https://hub.test/hook")
    again = await channel.ensure_webhooks("https://hub.test/hook")
    assert all(probe.ok for probe in first + again)
    assert [each.method for each in http.asked] == ["GET", "POST", "GET"]


@pytest.mark.anyio
async def test_a_disabled_subscription_is_revived_with_the_events_it_had(channel, simulator):
    await channel.ensure_webhooks("https://hub.test/hook")
    [kept] = simulator.hooks.subscriptions.values()
    kept |= {"enabled": False, "event_types": ["customer.created"]}
    await channel.ensure_webhooks("https://hub.test/hook")
    [revived] = simulator.hooks.subscriptions.values()
    assert (revived["enabled"], revived["event_types"]) == (True, ["customer.created", *EVENT_TYPES])


@pytest.mark.anyio
async def test_another_signature_key_than_the_one_in_the_settings_is_told(http):
    channel = opened(http, webhook_signature_key=Secret("old"))
    probes = await channel.ensure_webhooks("https://hub.test/hook")
    told = next(probe for probe in probes if probe.name == "signature key")
    assert (told.ok, "another key" in told.detail, "simulated-signature-key" in repr(probes)) == (
        False,
        True,
        False,
    )
