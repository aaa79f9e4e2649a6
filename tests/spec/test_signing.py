"""Signatures are those of others: known answers written by the vendors or by independent implementations."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from hub.model.errors import InputError
from hub.spec.signing import (
    hmac_sha256_base64,
    hmac_sha256_hex,
    is_standard_webhook,
    joined,
    md5_hex,
    standard_webhook_headers,
)

# Standard Webhooks, the vector of its reference implementations (also Svix's documentation, "Verifying webhooks").
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
SIGNED = standard_webhook_headers(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", BODY, at=AT)
OTHER = "whsec_" + "A" * 32


def test_a_standard_webhook_is_signed_as_its_reference_implementations_sign_it():
    assert SIGNED["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_standard_webhook_is_known_again_and_also_by_an_older_secret():
    assert is_standard_webhook(SIGNED, BODY, [SECRET], now=AT)
    assert is_standard_webhook(SIGNED, BODY, [OTHER, SECRET], now=AT)
    several = SIGNED | {"webhook-signature": f"v1,AAAA {SIGNED['webhook-signature']}"}
    assert is_standard_webhook(several, BODY, [SECRET], now=AT)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "another"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="},
    ],
)
def test_a_standard_webhook_that_was_changed_is_refused(change: dict[str, str]):
    assert not is_standard_webhook(SIGNED | change, BODY, [SECRET], now=AT)


def test_a_standard_webhook_of_another_body_secret_or_time_is_refused():
    assert not is_standard_webhook(SIGNED, BODY + b" ", [SECRET], now=AT)
    assert not is_standard_webhook(SIGNED, BODY, [OTHER], now=AT)
    assert not is_standard_webhook(SIGNED, BODY, [SECRET], now=AT + timedelta(seconds=301))
    assert not is_standard_webhook(SIGNED, BODY, [SECRET], now=AT - timedelta(seconds=301))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64!", "A" * 100])
def test_a_secret_too_short_too_long_or_no_base64_is_refused(secret: str):
    with pytest.raises(InputError, match="base64 of 24 to 64 bytes"):
        standard_webhook_headers(secret, "id", b"", at=AT)


VECTORS = Path(__file__).parents[3] / "shared" / "channels" / "signature_vectors.json"
SQUARE = (  # square/square-python-sdk of 2026-08-18, MIT, tests/integration/test_webhooks_helper.py
    "signature-key",
    "https://webhook.site/webhooks",
    '{"data":{"type":"webhooks","id":">id<"}}',
    "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
)
SHOPIFY = {
    "code": "a94a110d86d2452eb3e2af4cfb8a3828",
    "shop": "some-shop.myshopify.com",
    "timestamp": "1337178173",
}


def test_square_signs_its_address_and_the_body():
    key, url, body, signature = SQUARE
    assert hmac_sha256_base64(key, (url + body).encode()) == signature


def test_tiktok_shop_signs_path_and_sorted_query_between_two_secrets():
    # EcomPHP/tiktokshop-php dbbec21, Apache-2.0, tests/ClientTest.php
    signed = f"app_secret/test-api{joined({'foo': 'bar'})}app_secret"
    sign = "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f"
    assert hmac_sha256_hex("app_secret", signed.encode()) == sign


def test_shopify_signs_the_sorted_query_of_a_log_in():
    # Shopify/shopify_python_api 307fa92, MIT, test/session_test.py
    signed = joined(SHOPIFY, inside="=", between="&")
    assert hmac_sha256_hex("hush", signed.encode()) == (
        "2cb1a277650a659f1b11e92a4a64275b128e037f2c3390e3c8fd2d8721dac9e2"
    )


@pytest.mark.skipif(not VECTORS.exists(), reason=f"the known answers are not at {VECTORS}")
def test_every_known_answer_comes_out():
    known = msgspec.json.decode(VECTORS.read_bytes())
    for each in known["square_webhook"]:
        assert (
            hmac_sha256_base64(each["key"], (each["notification_url"] + each["body"]).encode())
            == each["signature"]
        )
    for each in known["tiktok_shop_request"]:
        signed = each["app_secret"] + each["path"] + joined(each["query"]) + each["app_secret"]
        assert hmac_sha256_hex(each["app_secret"], signed.encode()) == each["sign"]
    for each in known["taobao_top_request"]:
        signed = each["secret"] + joined(each["params"]) + each["secret"]
        assert md5_hex(signed.encode()).upper() == each["sign"]
    for each in known["shopify_oauth_query"]:
        assert (
            hmac_sha256_hex(each["secret"], joined(each["params"], inside="=", between="&").encode())
            == each["hmac"]
        )
