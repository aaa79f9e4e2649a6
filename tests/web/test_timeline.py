"""What happened to an order is the same on the desk and over the API, in the language its reader chose."""

import httpx
import pytest

from hub.kit.ids import uuid7
from tests.web.conftest import typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
FOUR = {"do": "units", "line": "1", "quantity": 4}


async def edited(web: httpx.AsyncClient) -> dict[str, str]:
    order: dict[str, str] = (await web.post("/api/v1/orders", json=typed_order(quantity=3))).json()
    edit = {"id": str(uuid7()), "reason": "they rang", "changes": [FOUR]}
    await web.post(f"/api/v1/orders/{order['id']}/edits", json=edit)
    return order


async def test_an_edit_says_who_why_and_what_was_before_in_the_language_asked_for(web: httpx.AsyncClient):
    path = f"/api/v1/orders/{(await edited(web))['id']}"
    asked = [
        web.get(path),
        web.get(path, headers={"accept-language": "zh-CN"}),
        web.get(f"{path}?lang=zh-Hant"),
    ]
    pages = [(await one).json()["timeline"] for one in asked]
    found = [next(each for each in page if each["kind"] == "edited") for page in pages]
    assert [(each["says"], each["by"], each["because"], each["details"]) for each in found] == [
        ("Changed by a person", "a program over the API", "an edit: they rang", ["MUG: 3 → 4 units"]),
        ("已人工修改", "程序\uff08API\uff09", "人工编辑\uff1athey rang", ["MUG\uff1a3 → 4 件"]),
        ("已人工修改", "程式\uff08API\uff09", "人工編輯\uff1athey rang", ["MUG\uff1a3 → 4 件"]),
    ]


async def test_the_desk_keeps_the_language_that_was_chosen_and_goes_back_to_its_page(web: httpx.AsyncClient):
    page = f"/orders/{(await edited(web))['number']}"
    chosen = await web.post("/language", data={"language": "zh-Hant", "back": page})
    assert (chosen.status_code, chosen.headers["location"]) == (303, page)
    assert "人工編輯\uff1athey rang" in (await web.get(page, headers={"accept-language": "de"})).text
    elsewhere = await web.post("/language", data={"language": "en", "back": "//evil.example"})
    assert (elsewhere.headers["location"], "an edit: they rang" in (await web.get(page)).text) == ("/", True)
