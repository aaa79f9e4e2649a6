"""A bundle or a kit is made of its parts on the desk; kits are assembled once, and never of promised parts."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.builders import open_shop, order, take
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import BROWSER, see, send

pytestmark = pytest.mark.anyio
ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c"
KINDS = "SELECT sku, kind FROM skus WHERE kind <> 'item' ORDER BY 1"
LEVELS = "SELECT sku, on_hand FROM levels WHERE on_hand <> 0 ORDER BY 1"
WORK = {"id": ID, "sku": "BOX", "location": "main", "count": "2", "way": "together"}


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    """Twelve mugs, one of them promised, three tees, and a box with a slash in another's name."""
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 12, "TEE": 3, "BOX": 0, "A/B": 0})
        await take(tx, seller, order("1"))


async def kit(web: httpx.AsyncClient, **units: str) -> httpx.Response:
    return await send(web, "/recipes/BOX", kind="kit", sku=list(units), units=list(units.values()), do="save")


async def test_parts_are_scanned_and_saved_as_a_bundle(hub: HubContext, web: httpx.AsyncClient):
    typed = await send(web, "/recipes/A/B", kind="bundle", sku="MUG", units="1", code="tee", do="add")
    assert ('value="TEE"' in typed.text, await rows(hub, KINDS)) == (True, [])
    saved = await send(web, "/recipes/A/B", kind="bundle", sku=["MUG", "TEE"], units=["1", "2"], do="save")
    assert saved.headers["location"] == "/stock/A%2FB"
    assert await rows(hub, KINDS) == [("A/B", "bundle")]
    await send(web, "/recipes/A/B", kind="item", do="save")
    assert await rows(hub, KINDS) == []


async def test_kits_are_assembled_once_and_taken_apart(hub: HubContext, web: httpx.AsyncClient):
    await kit(web, MUG="2", TEE="1")
    for _ in range(2):
        assert (await send(web, "/assemblies", **WORK)).headers["location"] == "/stock/BOX"
    assert await rows(hub, LEVELS) == [("BOX", 2), ("MUG", 8), ("TEE", 1)]
    await send(web, "/assemblies", **WORK | {"way": "apart", "count": "1", "id": "another"})
    assert await rows(hub, LEVELS) == [("BOX", 1), ("MUG", 10), ("TEE", 2)]


async def test_the_page_says_for_how_many_the_free_parts_are_enough(web: httpx.AsyncClient):
    await kit(web, MUG="4")
    assert '<td>Main</td><td class="number">2</td><td class="number">0</td>' in await see(web, "/recipes/BOX")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"count": "3"}, "1 more of MUG would have to be free"),
        ({"count": "none"}, "1 or more"),
        ({"count": "0"}, "1 or more"),
        ({"location": "ghost"}, "there is no location ghost"),
        ({"sku": "MUG"}, "MUG is no kit"),
    ],
)
async def test_what_cannot_be_assembled_says_why_and_moves_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    await kit(web, MUG="4")
    answer = await send(web, "/assemblies", **WORK | wrong)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, LEVELS) == [("MUG", 12), ("TEE", 3)]


@pytest.mark.parametrize(
    ("sku", "wrong", "said"),
    [
        ("BOX", {"sku": "BOX"}, "nothing can be made of itself"),
        ("BOX", {"sku": "MUG", "units": "some"}, "1 or more"),
        ("BOX", {"sku": [], "units": []}, "Nothing is on it yet"),
        ("MUG", {"sku": "TEE", "units": "1"}, "has had stock of its own"),
    ],
)
async def test_a_wrong_recipe_says_why_and_changes_nothing(
    hub: HubContext, web: httpx.AsyncClient, sku: str, wrong: dict[str, str | list[str]], said: str
):
    form = {"kind": "bundle", "units": "1", "do": "save", **wrong}
    answer = await send(web, f"/recipes/{sku}", **form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, KINDS) == []
    assert (await web.get("/recipes/ghost", headers=BROWSER)).status_code == 404


@pytest.mark.parametrize("count", [1, 2])
async def test_a_recipe_is_asked_for_as_often_for_two_parts_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int
):
    await kit(web, **dict.fromkeys(("MUG", "TEE")[:count], "1"))
    with statements(hub) as asked:
        await see(web, "/recipes/BOX")
    assert len(asked) == 6
