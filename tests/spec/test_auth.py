"""Requests prove who sends them by the examples of the RFCs; a token that is refused means: log in again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from hub.spec import MalformedError, RejectedError, Reply, RetryLaterError, Secret, UnauthorizedError
from hub.spec.auth import (
    OAuth1Hash,
    OAuth1Keys,
    ask_for_tokens,
    basic,
    bearer,
    login_url,
    oauth1_header,
    oauth1_query,
    pkce_challenge,
    pkce_of,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# RFC 5849, 1.2: the request of a photo with the token of its owner.
KEYS = OAuth1Keys(
    "dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00", OAuth1Hash.SHA1
)
PHOTO = ("GET", "http://photos.example.net/photos", {"file": "vacation.jpg", "size": "original"}, KEYS)
ASKED_AT = datetime.fromtimestamp(137131202, UTC)


class TokenEndpoint:
    """Answers every call alike."""

    base_url = "https://shop.example"

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.reply = Reply(status, {}, body)
        self.sent: dict[str, list[str]] = {}

    def now(self) -> datetime:
        return NOON

    def nonce(self) -> str:
        return "n1"

    async def request(
        self, method: str, path: str, *, query=None, body=b"", headers=None, idempotency_key=""
    ) -> Reply:
        assert (method, path, query, headers["content-type"], idempotency_key) == (
            "POST",
            "/token",
            None,
            "application/x-www-form-urlencoded",
            "",
        )
        self.sent = parse_qs(body.decode())
        return self.reply


async def ask(body: bytes, status: int = 200, form: Mapping[str, str] | None = None):
    return await ask_for_tokens(
        TokenEndpoint(body, status), "/token", form or {"grant_type": "refresh_token"}
    )


def test_oauth_1_signs_the_example_of_its_rfc():
    assert (
        oauth1_query(*PHOTO, now=ASKED_AT, nonce="chapoH")["oauth_signature"]
        == "MdpQcU8iPSUjWoN/UDMsK2sui9I="
    )


def test_oauth_1_in_a_header_leaves_the_query_alone():
    header = oauth1_header(*PHOTO, now=ASKED_AT, nonce="chapoH")["authorization"]
    assert header.startswith(
        'OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_nonce="chapoH", oauth_signature="MdpQ'
    )
    assert "vacation" not in header


def test_pkce_makes_the_challenge_of_its_rfc():
    # RFC 7636, appendix B.
    challenge = pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_pkce_needs_nothing_kept_between_the_two_ends_of_a_log_in():
    assert pkce_of(Secret("s"), "state") == pkce_of(Secret("s"), "state")
    assert pkce_of(Secret("s"), "state") != pkce_of(Secret("s"), "other")


def test_basic_and_bearer_are_headers():
    assert (basic("ck_1", "cs_1"), bearer("t")) == (
        {"authorization": "Basic Y2tfMTpjc18x"},
        {"authorization": "Bearer t"},
    )


def test_a_login_page_may_have_a_query_already():
    assert login_url("https://x.example/a?b=1", {"state": "a b"}) == "https://x.example/a?b=1&state=a+b"


async def test_tokens_end_a_minute_early_so_that_none_dies_on_its_way():
    tokens = await ask(b'{"access_token": "a", "refresh_token": "r", "expires_in": 3600}')
    assert (tokens.access.value, tokens.refresh.value) == ("a", "r")
    assert tokens.expires_at == NOON + timedelta(minutes=59)


async def test_without_a_new_refresh_token_the_old_one_stays():
    form = {"grant_type": "refresh_token", "refresh_token": "old"}
    tokens = await ask(b'{"access_token": "a", "expires_in": "7200"}', form=form)
    assert (tokens.refresh.value, tokens.expires_at) == ("old", NOON + timedelta(minutes=119))


async def test_a_token_without_an_end_has_none():
    assert (await ask(b'{"access_token": "a"}')).expires_at is None


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"error": "invalid_grant"}', UnauthorizedError),
        (200, b'{"error": "invalid_grant"}', UnauthorizedError),
        (401, b"", UnauthorizedError),
        (400, b'{"error": "invalid_request"}', RejectedError),
        (503, b"down", RetryLaterError),
        (200, b"<html>", MalformedError),
        (200, b'{"access_token": ""}', MalformedError),
    ],
)
async def test_a_refusal_is_named_by_what_happens_next(status: int, body: bytes, error: type[Exception]):
    with pytest.raises(error):
        await ask(body, status)
