"""A count is entered, reviewed and posted by forms; nothing counts twice, and who counts blind is told nothing."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.builders import open_shop
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import BROWSER, see, send

pytestmark = pytest.mark.anyio
ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c"
LEVELS = "SELECT sku, on_hand FROM levels ORDER BY 1"
COUNTED = "SELECT sku, counted FROM count_lines ORDER BY 1"


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 12, "TEE": 3})


async def begun(web: httpx.AsyncClient, **more: str) -> str:
    answer = await send(web, "/counts/new", **({"location": "main", "scope": "location"} | more))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def enter(
    web: httpx.AsyncClient, page: str, code: str, count: str = "", number: int = 1
) -> httpx.Response:
    entry = f"00000000-0000-7000-8000-{number:012}"
    return await send(web, f"{page}/enter", code=code, count=count, id=entry, by="Ada")


async def test_a_form_sent_twice_begins_one_sheet(hub: HubContext, web: httpx.AsyncClient):
    assert await begun(web, id=ID) == await begun(web, id=ID)
    assert await rows(hub, "SELECT count(*) FROM count_sheets") == [(1,)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"location": ""}, "Choose where"),
        ({"location": "ghost"}, "there is no location ghost"),
        ({"scope": "riskiest", "riskiest": "many"}, "A number from 1 to 1000"),
        ({"scope": "riskiest", "riskiest": "0"}, "A number from 1 to 1000"),
        ({"scope": "chosen", "skus": "GHOST"}, "name is GHOST"),
        ({"scope": "chosen", "skus": ""}, "One SKU in each line"),
    ],
)
async def test_a_wrong_count_says_which_field_and_begins_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    answer = await send(web, "/counts/new", **({"location": "main", "scope": "location"} | wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, "SELECT count(*) FROM count_sheets") == [(0,)]


async def test_scans_add_numbers_set_and_a_repeat_counts_for_nothing(hub: HubContext, web: httpx.AsyncClient):
    page = await begun(web)
    for number, count in enumerate(("", "", "+3"), 1):
        await enter(web, page, "mug", count, number)
    again = await enter(web, page, "mug", "+3", 3)
    await enter(web, page, "TEE", "7", 4)
    assert await rows(hub, COUNTED) == [("MUG", 5), ("TEE", 7)]
    assert 'class="loud">5</span>' in await see(web, again.headers["location"])


async def test_the_last_scan_is_taken_back(hub: HubContext, web: httpx.AsyncClient):
    page = await begun(web)
    await enter(web, page, "MUG", "", 1)
    await enter(web, page, "MUG", "+3", 2)
    await send(web, f"{page}/undo", sku="MUG", units="3", id=ID)
    assert await rows(hub, COUNTED) == [("MUG", 1), ("TEE", None)]
    await send(web, f"{page}/undo", sku="MUG", units="1", id=ID)
    assert await rows(hub, COUNTED) == [("MUG", None), ("TEE", None)]


async def test_what_cannot_be_entered_says_why(web: httpx.AsyncClient):
    page = await begun(web, scope="chosen", skus="MUG")
    for code, count, said in (
        ("4711", "", "No SKU, barcode or name is “4711”"),
        ("MUG", "some", "is no number of units"),
        ("TEE", "", "not on count sheet"),
        ("MUG", "-1", "must be from 0"),
    ):
        answer = await enter(web, page, code, count)
        assert (answer.status_code, said in answer.text) == (422, True), code


async def test_a_blind_sheet_shows_the_books_only_to_its_review(web: httpx.AsyncClient):
    page = await begun(web, blind="yes")
    await enter(web, page, "MUG", "11")
    assert "books" not in (await see(web, f"{page}?lines=all")).lower()
    assert "books" not in (await see(web, f"{page}/print")).lower()
    assert "kept from who counts" in await see(web, "/counts")
    assert "Books" in await see(web, f"{page}/review")


async def test_differences_are_accepted_with_a_reason_and_posted_once(
    hub: HubContext, web: httpx.AsyncClient
):
    page = await begun(web)
    await enter(web, page, "MUG", "10")
    refused = await send(web, f"{page}/post")
    assert (refused.status_code, "has no reason yet (MUG -2)" in refused.text) == (422, True)
    silent = await send(web, f"{page}/review", pick="MUG", do="accept")
    assert (silent.status_code, "say why they differ" in silent.text) == (422, True)
    await send(web, f"{page}/review", pick="MUG", reason="stolen", do="accept")
    for _ in range(2):
        assert (await send(web, f"{page}/post")).status_code == 303
    assert await rows(hub, LEVELS) == [("MUG", 10), ("TEE", 3)]
    closed = await web.get(page, headers=BROWSER)
    assert closed.headers["location"] == f"{page}/review"


async def test_what_is_to_be_looked_at_again_is_forgotten_and_the_rest_is_none(
    hub: HubContext, web: httpx.AsyncClient
):
    page = await begun(web)
    await enter(web, page, "MUG", "10")
    await send(web, f"{page}/review", pick="MUG", do="again")
    assert await rows(hub, COUNTED) == [("MUG", None), ("TEE", None)]
    await send(web, f"{page}/none")
    assert await rows(hub, COUNTED) == [("MUG", 0), ("TEE", 0)]
    await send(web, f"{page}/drop")
    assert await rows(hub, LEVELS) == [("MUG", 12), ("TEE", 3)]


@pytest.mark.parametrize("count", [2, 40])
@pytest.mark.parametrize(
    ("path", "asked_for"),
    [("/counts", 2), ("/counts/{}?last=MUG", 4), ("/counts/{}/review?lines=all", 3), ("/counts/{}/print", 3)],
)
async def test_counts_are_asked_for_as_often_for_forty_skus_as_for_two(
    hub: HubContext, web: httpx.AsyncClient, count: int, path: str, asked_for: int
):
    skus = [{"sku": f"S{each}", "name": "S"} for each in range(count)]
    await web.post("/api/v1/skus", json={"skus": skus})
    page = await begun(web, scope="chosen", skus="\n".join(["MUG", *(each["sku"] for each in skus)]))
    with statements(hub) as asked:
        await see(web, path.format(page.rsplit("/", 1)[1]))
    assert len(asked) == asked_for
