"""Requests prove who sends them: Basic over https, OAuth 1.0a over http, with a base string as RFC 5849 says.

Known answers were computed once with openssl: `openssl dgst -sha256 -hmac "$KEY" -binary | base64`.
"""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from connectors.woocommerce.simulator import ROOT, WooCommerceSimulator
from hub.spec.auth import OAuth1Keys, basic, oauth1_base_string, oauth1_query
from hub.spec.testing import SimReply, SimRequest
from tests.connectors.woocommerce.shop_http import HTTP, HTTPS, MORNING, SIX, ShopHttp, opened, shop_of

ORDERS = "http://shop.example:8088/wp-json/wc/v3/orders"
QUERY = {"status": "any,trash", "modified_after": "2026-11-23T15:53:33"}
AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SIGNED = oauth1_query("get", ORDERS, QUERY, OAuth1Keys("ck_1", "cs_1"), now=AT, nonce="abc123")


class Caller:
    """Signs one request to a simulated shop, and sends it with changes."""

    def __init__(self) -> None:
        self.shop = WooCommerceSimulator(SIX)
        keys = self.shop.settings(HTTP)
        self.key, self.secret = keys["consumer_key"], keys["consumer_secret"]
        self.url = HTTP + ROOT + "/orders"
        program = OAuth1Keys(self.key, self.secret)
        self.signed = oauth1_query("GET", self.url, {}, program, now=MORNING, nonce="n1")

    def send(self, at: datetime = MORNING, **changes: str) -> SimReply:
        request = SimRequest("GET", f"{ROOT}/orders", self.signed | changes, {}, b"", self.url)
        return self.shop.answer(request, at=at)


def code_of(reply: SimReply) -> str:
    return str(msgspec.json.decode(reply.body)["code"])


def test_the_base_string_is_method_address_and_sorted_parameters_each_encoded():
    unsigned = {name: value for name, value in SIGNED.items() if name != "oauth_signature"}
    assert oauth1_base_string("get", ORDERS, unsigned) == (
        "GET&http%3A%2F%2Fshop.example%3A8088%2Fwp-json%2Fwc%2Fv3%2Forders&"
        "modified_after%3D2026-11-23T15%253A53%253A33%26oauth_consumer_key%3Dck_1%26oauth_nonce%3Dabc123%26"
        "oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1795449600%26status%3Dany%252Ctrash"
    )


def test_the_signature_is_the_one_openssl_gives():
    assert SIGNED["oauth_signature"] == "i4tSbUZaGKwTYC3i1Oq4VzB5xkaIiqBqkv5m8FaI0g8="


def test_the_query_itself_goes_along_unchanged():
    assert {name: SIGNED[name] for name in QUERY} == QUERY


def test_basic_is_key_and_secret_in_base64():
    assert basic("ck_1", "cs_1") == {"authorization": "Basic Y2tfMTpjc18x"}


async def test_over_http_no_call_carries_the_secret():
    shop, http, channel = shop_of()
    await channel.list_listings(None)
    assert "authorization" not in http.asked[0].headers
    assert shop.settings(HTTP)["consumer_secret"] not in str(http.asked[0])


async def test_over_https_the_shop_takes_basic():
    http = ShopHttp(WooCommerceSimulator(SIX), HTTPS)
    assert len((await opened(http).list_listings(None)).items) == 4
    assert "oauth_signature" not in http.asked[0].query


def test_the_simulated_shop_lets_a_right_signature_in():
    assert Caller().send().status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"oauth_signature": "AAAA"},
        {"per_page": "7"},
        {"oauth_consumer_key": "ck_other"},
        {"oauth_signature_method": "PLAINTEXT"},
    ],
)
def test_the_simulated_shop_refuses_what_was_changed_after_signing(change):
    reply = Caller().send(**change)
    assert (reply.status, code_of(reply)) == (401, "woocommerce_rest_authentication_error")


def test_the_simulated_shop_takes_a_nonce_once():
    caller = Caller()
    assert [caller.send().status, caller.send().status] == [200, 401]


def test_the_simulated_shop_refuses_a_clock_that_is_half_an_hour_wrong():
    assert Caller().send(at=MORNING + timedelta(minutes=30)).status == 401


def test_the_simulated_shop_refuses_basic_over_http():
    headers = basic(Caller().key, Caller().secret)
    request = SimRequest("GET", f"{ROOT}/orders", {}, headers, b"", HTTP + ROOT + "/orders")
    reply = Caller().shop.answer(request, at=MORNING)
    assert (reply.status, code_of(reply)) == (401, "woocommerce_rest_cannot_view")
