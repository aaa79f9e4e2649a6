"""Programs join channels and notifiers as people do: the settings are known beforehand, and what is wrong is named."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows

pytestmark = pytest.mark.anyio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHAT = {
    "kind": "webhook",
    "slug": "chat",
    "settings": {"base_url": "http://127.0.0.1:9", "secret": SECRET},
}


async def post(web: httpx.AsyncClient, path: str, body: object = None, status: int = 201) -> Any:
    reply = await web.post(f"/api/v1/{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_a_program_reads_which_settings_a_kind_has_and_which_are_secret(web: httpx.AsyncClient):
    kinds = {each["kind"]: each for each in (await web.get("/api/v1/connectors")).json()["items"]}
    square = kinds["square"]
    assert "push_stock" in square["capabilities"]
    assert square["settings"]["properties"]["access_token"]["writeOnly"] is True
    assert square["limits"]
    assert kinds["manual"]["logs_in"] is False


async def test_a_channel_is_joined_with_its_probes_and_its_secrets_never_come_back(
    hub: HubContext, web: httpx.AsyncClient
):
    settings = {"base_url": "http://127.0.0.1:9", "access_token": "sq0-never-shown"}
    joined = await post(web, "channels", {"kind": "square", "slug": "till-1", "settings": settings})
    assert joined["webhook_url"].startswith("http://127.0.0.1:8700/in/")
    assert [each["ok"] for each in joined["probes"]].count(False) > 0
    seen = str(joined) + (await web.get("/api/v1/channels")).text
    assert "sq0-never-shown" not in seen
    assert await rows(hub, "SELECT slug FROM channels") == [("till-1",)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "Till 1"}, "slug"),
        ({"kind": "pigeon"}, "kind"),
        ({"settings": {"no_such_setting": "x"}}, "no_such_setting"),
        ({"settings": {}}, "access_token"),
    ],
)
async def test_what_is_wrong_with_a_channel_is_named_and_nothing_is_kept(
    hub: HubContext, web: httpx.AsyncClient, change: dict[str, object], field: str
):
    wanted = {"kind": "square", "slug": "till-1", "settings": {"access_token": "x"}} | change
    refused = await post(web, "channels", wanted, 422)
    assert refused["field"] == field
    assert await rows(hub, "SELECT count(*) FROM accounts") == [(0,)]


async def test_a_channel_is_tried_again_by_its_name(web: httpx.AsyncClient):
    await post(web, "channels", {"kind": "manual", "slug": "phone"})
    tried = await post(web, "channels/phone/test", status=200)
    assert (tried["goes_on"], [each["ok"] for each in tried["probes"]]) == (False, [True])
    assert (await web.post("/api/v1/channels/away/test")).status_code == 404


async def test_a_notifier_is_added_tried_paused_resumed_and_removed(web: httpx.AsyncClient):
    kinds = (await web.get("/api/v1/notifiers/kinds")).json()["items"]
    assert [each["kind"] for each in kinds] == ["mail", "webhook"]
    added = await post(web, "notifiers", CHAT)
    assert (added["state"], added["probes"][0]["ok"]) == ("active", True)
    assert (await post(web, "notifiers/chat/pause", status=200))["state"] == "paused"
    assert (await post(web, "notifiers/chat/resume", status=200))["state"] == "active"
    listed = await web.get("/api/v1/notifiers")
    assert [each["slug"] for each in listed.json()["items"]] == ["chat"]
    assert SECRET not in listed.text
    assert (await web.delete("/api/v1/notifiers/chat")).status_code == 204
    assert (await web.post("/api/v1/notifiers/chat/pause")).status_code == 404


async def test_a_poor_secret_of_a_notifier_is_told_by_its_test_and_nobody_else_is(web: httpx.AsyncClient):
    poor = CHAT | {"settings": {"base_url": "http://127.0.0.1:9", "secret": "sesame"}}
    await post(web, "notifiers", poor)
    tried = await post(web, "notifiers/chat/test", status=200)
    assert (tried["told"], tried["probes"][0]["name"]) == (False, "secret")


async def test_a_notifier_that_cannot_be_is_refused_by_the_field(web: httpx.AsyncClient):
    assert (await post(web, "notifiers", CHAT | {"kind": "raven"}, 422))["field"] == "kind"
    assert (await post(web, "notifiers", CHAT | {"slug": "My Chat"}, 422))["field"] == "slug"
    assert (await post(web, "notifiers", CHAT | {"settings": {"secret": SECRET}}, 422))["field"]
