"""A channel is joined, mended and seen on the desk; what is wrong stands beside its field, no secret comes back."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from msgspec.structs import replace

from hub.channels.calls import Call
from hub.channels.catalog import ask_for_look
from hub.channels.context import HubContext
from hub.channels.opening import add_channel, find_channel, open_channel
from hub.channels.registry import Registry
from hub.kit.clock import now
from hub.model.errors import WrongStateError
from hub.spec import Http, Secret, Tokens, UnauthorizedError
from tests.fake_channel import FakeConnector
from tests.web.conftest import Shop, client_of, rows, typed_order

pytestmark = pytest.mark.anyio

TOKEN = "sq0-never-shown"
TILL = {"name": "Till", "slug": "till", "set-access_token": TOKEN, "set-base_url": "http://127.0.0.1:9"}


async def joined(web: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await web.post("/channels/new/square", data=TILL | form)


async def test_the_kinds_are_there_to_choose_from(web: httpx.AsyncClient):
    page = (await web.get("/channels/new")).text
    assert 'href="/channels/new/square"' in page
    assert 'href="/channels/new/woocommerce"' in page
    assert (await web.get("/channels/new/pigeon")).status_code == 404


async def test_the_form_has_a_field_for_each_setting_with_its_help(web: httpx.AsyncClient):
    page = (await web.get("/channels/new/square")).text
    assert 'name="set-access_token" type="password"' in page
    assert page.count('class="hint"') >= 2


async def test_a_channel_is_joined_once_it_has_what_it_needs(hub: HubContext, web: httpx.AsyncClient):
    reply = await joined(web)
    assert (reply.status_code, reply.headers["location"]) == (303, "/channels/till")
    assert await rows(hub, "SELECT slug, name FROM channels") == [("till", "Till")]
    page = (await web.get("/channels/till")).text
    assert TOKEN not in page
    assert "•••••••• kept" in page


@pytest.mark.parametrize(
    ("wrong", "about"),
    [({"slug": "Till 1"}, "slug"), ({"slug": ""}, "slug"), ({"set-access_token": ""}, "set-access_token")],
)
async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], about: str
):
    reply = await joined(web, **wrong)
    assert reply.status_code == 422
    assert f'id="{about}-problem"' in reply.text
    assert await rows(hub, "SELECT count(*) FROM accounts") == [(0,)]


async def test_a_connection_is_tried_before_anything_is_kept_and_its_key_is_not_typed_again(
    hub: HubContext, web: httpx.AsyncClient
):
    tried = await joined(web, do="try")
    assert (tried.status_code, TOKEN in tried.text) == (200, False)
    assert 'class="probes"' in tried.text
    assert await rows(hub, "SELECT count(*) FROM accounts") == [(0,)]
    [kept] = re.findall(r'name="kept" value="([^"]+)"', tried.text)
    await joined(web, kept=kept, **{"set-access_token": ""})
    opened = open_channel(hub, await find_channel(hub, "till"))
    assert opened.config.access_token.value == TOKEN  # type: ignore[attr-defined]


async def test_settings_change_and_a_secret_that_is_not_typed_stays(hub: HubContext, web: httpx.AsyncClient):
    await joined(web)
    sent = {"set-base_url": "http://127.0.0.1:7", "set-access_token": ""}
    reply = await web.post("/channels/till/settings", data=sent)
    assert (reply.status_code, reply.headers["location"]) == (303, "/channels/till")
    config: Any = open_channel(hub, await find_channel(hub, "till")).config
    assert (config.base_url, config.access_token.value) == ("http://127.0.0.1:7", TOKEN)


async def test_a_tested_connection_says_what_to_do_and_its_calls_are_on_the_page(
    hub: HubContext, web: httpx.AsyncClient
):
    await joined(web)
    tested = await web.post("/channels/till/test")
    assert (tested.status_code, 'class="bad"' in tested.text) == (200, True)
    row = await find_channel(hub, "till")
    assert hub.outside.calls is not None
    slow = Call(now(), "GET", "/v2/orders", status=503, took_ms=2500, answer="busy <b>now</b>")
    hub.outside.calls.keep(str(row.account_id), slow)
    page = (await web.get("/channels/till")).text
    assert re.search(r'badge bad">503</span>', page)
    assert "busy &lt;b&gt;now&lt;/b&gt;" in page


async def test_the_page_says_with_whom_a_till_shares_its_limits(hub: HubContext, web: httpx.AsyncClient):
    await joined(web)
    assert "Shares its limits" not in (await web.get("/channels/till")).text
    for slug, token in (("till-2", TOKEN), ("till-3", "another")):
        await add_channel(hub, kind="square", slug=slug, name=slug, settings={"access_token": token})
    page = (await web.get("/channels/till")).text
    assert re.search(
        r'Shares its limits with</p><p><a class="link" href="/channels/till-2">till-2</a><', page
    )
    assert "Shares its limits" not in (await web.get("/channels/till-3")).text


async def test_a_channel_that_is_not_there_has_no_page(web: httpx.AsyncClient):
    assert (await web.get("/channels/away")).status_code == 404
    assert (await web.post("/channels/away/settings", data={})).status_code == 404


class DoorKeeper(FakeConnector):
    """One logs in to it; the code is "yes"."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.manifest = replace(self.manifest, token_header="authorization")

    def auth_begin(self, config: Any, *, redirect_url: str, state: str) -> str:
        del config
        return f"https://there.example/login?back={redirect_url}&state={state}"

    async def auth_complete(
        self, http: Http, config: Any, answer: Mapping[str, str], *, redirect_url: str
    ) -> Tokens:
        del http, config, redirect_url
        if answer.get("code") != "yes":
            msg = "the log-in was refused: log in again"
            raise UnauthorizedError(msg)
        return Tokens(access=Secret("token-of-the-log-in"))

    async def auth_refresh(self, http: Http, config: Any, tokens: Tokens) -> Tokens:
        del http, config
        return tokens


async def begun(web: httpx.AsyncClient) -> str:
    """The state that the channel is given."""
    there = await web.get("/channels/shop/log-in")
    assert there.status_code == 303
    return dict(parse_qsl(urlsplit(there.headers["location"]).query))["state"]


@pytest.fixture
async def door(hub: HubContext) -> HubContext:
    ctx = replace(hub, registry=Registry({"fake": DoorKeeper("fake")}))
    await add_channel(ctx, kind="fake", slug="shop", name="Shop", settings={})
    return ctx


async def test_a_person_logs_in_there_and_comes_back_with_tokens(door: HubContext):
    async with client_of(door) as web:
        state = await begun(web)
        back = await web.get("/log-in/back", params={"code": "yes", "state": state})
    assert (back.status_code, back.headers["location"]) == (303, "/channels/shop")
    [(tokens,)] = await rows(door, "SELECT tokens FROM accounts")
    assert isinstance(tokens, bytes)
    assert b"token-of-the-log-in" not in tokens


async def test_nobody_ends_a_log_in_that_another_browser_began(door: HubContext):
    async with client_of(door) as web:
        state = await begun(web)
        web.cookies.clear()
        stranger = await web.get("/log-in/back", params={"code": "yes", "state": state})
        forged = await web.get("/log-in/back", params={"code": "yes", "state": "x" * 40})
    assert (stranger.status_code, forged.status_code) == (422, 422)
    assert await rows(door, "SELECT tokens FROM accounts") == [(None,)]


async def test_a_log_in_that_was_refused_keeps_nothing(door: HubContext):
    async with client_of(door) as web:
        state = await begun(web)
        back = await web.get("/log-in/back", params={"error": "access_denied", "state": state})
    assert back.status_code == 502
    assert await rows(door, "SELECT tokens FROM accounts") == [(None,)]


async def test_a_channel_with_keys_has_no_log_in(web: httpx.AsyncClient):
    await joined(web)
    assert (await web.get("/channels/till/log-in")).status_code == 409


@pytest.mark.usefixtures("shop")
async def test_a_channel_is_closed_and_opened_on_its_page(hub: HubContext, web: httpx.AsyncClient):
    closed = (await web.post("/channels/shop/close")).text
    told = [each in closed for each in ("Open it again", "Close this channel", "Its orders and all")]
    opened = (await web.post("/channels/shop/open")).text
    assert (told, "Close this channel" in opened) == ([True, False, True], True)
    assert await rows(hub, "SELECT kind, actor FROM events ORDER BY id") == [
        ("channel closed", "desk"),
        ("channel opened", "desk"),
    ]


@pytest.mark.usefixtures("shop")
async def test_where_orders_are_shipped_is_said_on_the_page_but_of_the_hubs_own(
    hub: HubContext, web: httpx.AsyncClient
):
    before = (await web.get("/channels/shop")).text
    said = await web.post("/channels/shop/ships", data={"here": "yes"})
    after = (await web.get("/channels/shop")).text
    await add_channel(hub, kind="manual", slug="phone", name="Phone", settings={})
    own = (await web.get("/channels/phone")).text
    told = ["Ship them here" in before, "They are shipped there" in after, "orders are shipped" in own]
    assert (said.status_code, told) == (303, [True, True, False])
    assert await rows(hub, "SELECT ships_here FROM channels ORDER BY slug") == [(False,), (True,)]


async def test_what_a_closed_channel_sends_or_somebody_types_for_it_is_not_taken(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await add_channel(hub, kind="manual", slug="phone", name="Phone", settings={})
    for slug in ("shop", "phone"):
        assert (await web.post(f"/api/v1/channels/{slug}/close")).json()["state"] == "closed"
    sent = await web.post(shop.address, content=shop.order, headers=shop.signed(shop.order))
    typed = await web.post("/api/v1/orders", json=typed_order())
    assert (sent.status_code, typed.status_code, "is closed" in typed.text) == (404, 409, True)
    assert (await web.get("/waiting")).text.count("channel-shop") == 0


@pytest.mark.usefixtures("shop")
async def test_a_closed_channel_is_not_tried_nor_looked_at(hub: HubContext, web: httpx.AsyncClient):
    await web.post("/channels/shop/close")
    sent = [await web.post(url) for url in ("/channels/shop/test", "/api/v1/channels/shop/test")]
    assert [each.status_code for each in sent] == [409, 409]
    with pytest.raises(WrongStateError, match="is closed"):
        await ask_for_look(hub, "shop")
