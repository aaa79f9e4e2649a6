"""On its own machine the hub needs no key; where others can reach it, it does not start without one."""

import base64

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.config import Config
from hub.model.errors import InputError
from hub.spec import Secret
from hub.web.address import read_api_key, refuse_open_address
from tests.web.conftest import Shop, client_of

pytestmark = pytest.mark.anyio

KEY = "a key of many letters"
OPEN = ("/health", "/ready", "/static-docs/swagger-ui.css")
GUARDED = ("/api/v1/orders", "/metrics", "/api/v1/openapi.json", "/orders", "/live")


@pytest.mark.parametrize(
    "config",
    [
        Config(host="0.0.0.0"),
        Config(host="::"),
        Config(host="192.168.1.5"),
        Config(host="shop.example"),
        Config(url="https://hub.example"),
    ],
)
async def test_an_open_address_needs_a_key(config: Config):
    with pytest.raises(InputError, match="set HUB_API_KEY"):
        refuse_open_address(config, None)
    refuse_open_address(config, Secret(KEY))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
async def test_this_machine_needs_none(host: str):
    refuse_open_address(Config(host=host), None)


async def test_a_short_key_is_no_key():
    with pytest.raises(InputError, match="16 or more"):
        read_api_key({"HUB_API_KEY": "short"})
    assert (read_api_key({}), read_api_key({"HUB_API_KEY": f" {KEY} "})) == (None, Secret(KEY))


@pytest.mark.parametrize("path", GUARDED)
async def test_what_is_guarded_asks_for_the_key(hub: HubContext, path: str):
    async with client_of(hub, api_key=KEY, url="https://hub.example") as client:
        replies = [
            await client.get(path),
            await client.get(path, headers={"authorization": "Bearer wrong"}),
            await client.get(path, headers={"authorization": "Basic %%%"}),
            await client.get(path, auth=("root", KEY)),
        ]
    assert [reply.status_code for reply in replies] == [401] * 4
    assert all(reply.headers["www-authenticate"] for reply in replies)


async def test_the_key_opens_as_bearer_and_as_basic(hub: HubContext):
    async with client_of(hub, api_key=KEY, url="https://hub.example") as client:
        bearer = await client.get("/api/v1/orders", headers={"authorization": f"Bearer {KEY}"})
        basic = base64.b64encode(f"hub:{KEY}".encode()).decode()
        desk = await client.get("/orders", headers={"authorization": f"Basic {basic}", "accept": "text/html"})
    assert (bearer.status_code, desk.status_code) == (200, 200)


async def test_a_browser_is_asked_for_a_password(hub: HubContext):
    async with client_of(hub, api_key=KEY) as client:
        reply = await client.get("/orders", headers={"accept": "text/html"})
    assert (reply.headers["www-authenticate"], reply.headers["content-type"]) == (
        'Basic realm="hub"',
        "text/html; charset=utf-8",
    )


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_no_secret_stays_open(hub: HubContext, path: str):
    async with client_of(hub, api_key=KEY, url="https://hub.example") as client:
        assert (await client.get(path)).status_code == 200


async def test_without_a_key_only_known_names_are_answered(web: httpx.AsyncClient):
    asked = {
        name: await web.get("/api/v1/orders", headers={"host": name})
        for name in ("evil.example", "localhost:1")
    }
    assert {name: reply.status_code for name, reply in asked.items()} == {
        "evil.example": 403,
        "localhost:1": 200,
    }


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
async def test_a_page_of_another_site_cannot_write(web: httpx.AsyncClient, headers: dict[str, str]):
    reply = await web.post("/api/v1/skus", json={"skus": [{"sku": "X", "name": "X"}]}, headers=headers)
    assert reply.status_code == 403
    assert (await web.get("/api/v1/stock")).json()["items"] == []


async def test_the_hub_itself_and_programs_can_write(web: httpx.AsyncClient):
    own = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8700"}
    body = {"skus": [{"sku": "X", "name": "X"}]}
    replies = [await web.post("/api/v1/skus", json=body, headers=headers) for headers in ({}, own)]
    assert [reply.status_code for reply in replies] == [200, 200]


@pytest.mark.parametrize(
    "path", ["/health", "/api/v1/orders", "/no-such-page", "/static/nothing.js", "/api/v1/docs"]
)
async def test_every_answer_carries_the_strict_policy(web: httpx.AsyncClient, path: str):
    headers = (await web.get(path)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert ("unsafe" in policy, headers["x-content-type-options"]) == (path == "/api/v1/docs", "nosniff")


async def test_the_token_of_a_webhook_is_in_no_answer(web: httpx.AsyncClient, shop: Shop):
    reply = await web.post(shop.address, content=b"{}")
    assert shop.row.webhook_token not in reply.text
