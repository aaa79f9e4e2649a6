"""Signatures are those of others: known answers written by the vendors or by independent implementations."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.model.errors import InputError
from hub.spec.signing import is_standard_webhook, standard_webhook_headers

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
