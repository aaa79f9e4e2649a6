"""A transfer is drafted, sent and received by forms that keep what was typed; twice pressed is done once."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.builders import open_shop
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c"
LEVELS = "SELECT sku, location, on_hand FROM levels WHERE on_hand <> 0 ORDER BY 1, 2"
BOTH = {"sku": ["MUG", "TEE"], "units": ["5", "1"]}
WAY = {"id": ID, "source": "main", "target": "shop"}


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 12, "TEE": 3})


async def sent(web: httpx.AsyncClient) -> str:
    """The address of a transfer of five mugs and a tee that is on its way."""
    answer = await send(web, "/transfers/new", **WAY, **BOTH, do="send")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_each_scan_adds_one_to_the_form_without_script(hub: HubContext, web: httpx.AsyncClient):
    once = await send(web, "/transfers/new", **WAY, sku=["MUG"], units=["5"], code="mug", count="1", do="add")
    assert 'name="units" value="6"' in once.text
    assert "12 free there" in once.text
    unknown = await send(web, "/transfers/new", **WAY, sku=["MUG"], units=["5"], code="4711", do="add")
    assert (unknown.status_code, "No SKU, barcode or name is “4711”" in unknown.text) == (422, True)
    assert 'name="units" value="5"' in unknown.text
    assert await rows(hub, "SELECT count(*) FROM transfers") == [(0,)]


async def test_a_pasted_list_is_added_whole_or_not_at_all(web: httpx.AsyncClient):
    pasted = await send(web, "/transfers/new", **WAY, pasted="SKU, units\nMUG, 3\ntee; 2", do="add")
    assert ('name="units" value="3"' in pasted.text, 'name="units" value="2"' in pasted.text) == (True, True)
    refused = await send(web, "/transfers/new", **WAY, pasted="MUG, 3\nGHOST, 2", do="add")
    assert (refused.status_code, "name is GHOST" in refused.text) == (422, True)
    assert 'name="sku"' not in refused.text


async def test_sending_takes_the_units_and_receiving_brings_them_once(
    hub: HubContext, web: httpx.AsyncClient
):
    page = await sent(web)
    assert await rows(hub, LEVELS) == [("MUG", "main", 7), ("TEE", "main", 2)]
    for _ in range(2):
        came = await send(web, f"{page}/receive", id=ID, sku=["MUG", "TEE"], units=["4", ""], do="receive")
        assert came.headers["location"] == page
    assert await rows(hub, LEVELS) == [("MUG", "main", 7), ("MUG", "shop", 4), ("TEE", "main", 2)]
    assert "Partly received" in await see(web, page)


async def test_what_is_missing_is_lost_with_a_reason_and_never_without(
    hub: HubContext, web: httpx.AsyncClient
):
    page = await sent(web)
    form: dict[str, str | list[str]] = {
        "id": ID,
        "sku": ["MUG", "TEE"],
        "units": ["4", "1"],
        "close": "yes",
        "do": "receive",
    }
    refused = await send(web, f"{page}/receive", **form)
    assert (refused.status_code, "1 of MUG are missing: say why" in refused.text) == (422, True)
    await send(web, f"{page}/receive", **form, reason="broken on the way")
    told = await see(web, page)
    assert ("Received, some lost" in told, "broken on the way" in told) == (True, True)
    assert (await rows(hub, LEVELS))[1] == ("MUG", "shop", 4)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"target": "main"}, "another location than the one it leaves"),
        ({"source": ""}, "Choose where"),
        ({"units": ["many", "1"]}, "1 or more"),
        ({"units": ["99", "1"]}, "where free is only MUG 12"),
        ({"sku": ["GHOST", "TEE"]}, "There is no such SKU"),
        ({"sku": [], "units": []}, "Nothing is on it yet"),
    ],
)
async def test_a_wrong_transfer_says_which_field_and_moves_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    answer = await send(web, "/transfers/new", **(WAY | BOTH | {"do": "send"} | wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, "SELECT count(*) FROM transfers") == [(0,)]


async def test_a_draft_is_changed_sent_or_given_up(hub: HubContext, web: httpx.AsyncClient):
    page = (await send(web, "/transfers/new", **WAY, **BOTH, do="save")).headers["location"]
    await send(web, f"{page}/edit", **WAY, sku=["TEE"], units=["3"], do="save")
    assert await rows(hub, "SELECT sku, units FROM transfer_lines") == [("TEE", 3)]
    await send(web, f"{page}/cancel")
    late = await send(web, f"{page}/send")
    assert (late.status_code, "nothing more can be done with it" in late.text) == (422, True)


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize(
    ("path", "asked_for"), [("/transfers", 3), ("/transfers/{}", 2), ("/transfers/{}/edit", 4)]
)
async def test_transfers_are_asked_for_as_often_for_twenty_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int, path: str, asked_for: int
):
    skus = [f"S{each}" for each in range(count)]
    await web.post("/api/v1/skus", json={"skus": [{"sku": sku, "name": "S"} for sku in skus]})
    for _ in range(count):
        await send(
            web, "/transfers/new", source="main", target="shop", sku=skus, units=["1"] * count, do="save"
        )
    ((number,),) = await rows(hub, "SELECT max(number) FROM transfers")
    with statements(hub) as asked:
        await see(web, path.format(number))
    assert len(asked) == asked_for
