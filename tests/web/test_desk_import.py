"""A file on the desk: seen before it is written, applied once, its refused rows taken away with the reasons."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.channels.files.keeping import AT_ONCE_BYTES_MAX, run_import
from hub.jobs.sweep import sweep
from hub.kit.ids import uuid7
from hub.store.channels import ChannelRow
from tests.web.conftest import rows

STOCK = "SKU;Lager;Bestand;Farbe\nMUG;main;25;blue\nTAE;main;3;\n"
ON_HAND = "SELECT sku, on_hand FROM levels ORDER BY sku"

pytestmark = pytest.mark.usefixtures("phone")


async def upload(
    web: httpx.AsyncClient, text: str, name: str = "opening.csv", **fields: str
) -> httpx.Response:
    given = {"kind": "stock", "command_id": "00000000-0000-7000-8000-000000000001", **fields}
    return await web.post("/import", data=given, files={"file": (name, text.encode(), "text/csv")})


async def look(web: httpx.AsyncClient, answer: httpx.Response, **query: str) -> str:
    page = await web.get(answer.headers["location"], params=query)
    assert page.status_code == 200
    return page.text


async def test_a_file_is_looked_at_then_applied_once(web: httpx.AsyncClient, hub: HubContext):
    answer = await upload(web, STOCK, reason="opening stock")
    page = await look(web, answer, show="changed")
    assert all(
        words in page
        for words in ("This column is not read: Farbe.", "<del>12</del>", "<ins>25</ins>", "Apply 1 row")
    )
    assert await rows(hub, ON_HAND) == [("MUG", 12)]
    for _ in range(2):
        await web.post(answer.headers["location"] + "/apply")
    assert await rows(hub, ON_HAND) == [("MUG", 25)]
    counted = "SELECT on_hand_change, actor, reason FROM movements WHERE kind = 'count'"
    assert await rows(hub, counted) == [(13, "desk", "opening stock")]
    assert "1 row applied" in await look(web, answer)


async def test_the_same_form_sent_twice_is_one_import_and_another_file_is_another(web: httpx.AsyncClient):
    addresses = [(await upload(web, text)).headers["location"] for text in (STOCK, STOCK, STOCK + "A;b;1\n")]
    assert addresses[0] == addresses[1] != addresses[2]


async def test_refused_rows_are_downloaded_with_what_to_do(web: httpx.AsyncClient):
    answer = await upload(web, STOCK)
    assert "there is no SKU TAE" in await look(web, answer)
    file = await web.get(answer.headers["location"] + "/refused")
    assert file.headers["content-disposition"] == 'attachment; filename="refused.csv"'
    assert file.text.splitlines()[1].startswith("TAE;main;3;;sku: there is no SKU TAE")


@pytest.mark.parametrize(
    ("text", "fields", "says"),
    [
        ("", {}, "Choose a file that is not empty"),
        (STOCK, {"kind": "wishes"}, "Choose what the file is about"),
        (STOCK, {"command_id": "1"}, "This form is not one of the hub"),
    ],
)
async def test_a_form_that_cannot_be_comes_back_with_its_reason(
    web: httpx.AsyncClient, text: str, fields: dict[str, str], says: str
):
    answer = await upload(web, text, **fields)
    assert (answer.status_code, says in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("%PDF-1.7\n", "the file is a PDF"),
        ("<html>\n", "the file lacks the column sku"),
        ("sku,location,on hand\n", "Nothing to apply"),
    ],
)
async def test_a_file_that_is_none_says_so_on_its_page(web: httpx.AsyncClient, text: str, says: str):
    answer = await upload(web, text)
    assert says in await look(web, answer)
    assert says in (await web.get("/import")).text
    refused = await web.post(answer.headers["location"] + "/apply")
    assert (refused.status_code == 409) == ("the file" in says)


async def test_a_large_file_is_a_workers_and_the_page_shows_how_far_it_is(
    web: httpx.AsyncClient, hub: HubContext
):
    text = STOCK + "".join(f"S{number};main;1;{'x' * 200}\n" for number in range(AT_ONCE_BYTES_MAX // 200))
    answer = await upload(web, text)
    assert "Being looked at" in await look(web, answer)
    await rows(hub, "UPDATE imports SET seen_at = now() - interval '1 minute' RETURNING 1")
    assert await sweep(hub) >= 1
    ((import_id,),) = await rows(hub, "SELECT id FROM imports")
    await run_import(hub, import_id)  # type: ignore[arg-type]
    assert "251 refused" in (await web.get("/import")).text
    assert "Apply 1 row" in await look(web, answer)


async def test_an_import_that_was_cut_off_goes_on_behind_its_last_batch(
    web: httpx.AsyncClient, hub: HubContext
):
    answer = await upload(web, STOCK.replace("TAE", "MUG2"))
    await rows(
        hub,
        "UPDATE imports SET state = 'applying', applied_at = now(), rows_done = 1, unchanged = 1, changed = 0,"
        " new = 0, refused = 0 RETURNING 1",
    )
    ((import_id,),) = await rows(hub, "SELECT id FROM imports")
    await run_import(hub, import_id)  # type: ignore[arg-type]
    assert await rows(hub, ON_HAND) == [("MUG", 12)]  # its row was done, whatever became of it
    assert await rows(hub, "SELECT state, rows_done, unchanged, refused FROM imports") == [("done", 2, 1, 1)]
    assert answer.status_code == 303


async def test_examples_and_exports_are_files_to_save(web: httpx.AsyncClient, phone: ChannelRow):
    assert (await web.get("/import/template/prices")).text.splitlines()[0].endswith("sku,price,currency")
    exported = await web.get("/export/stock", params={"only": "main"})
    assert exported.text.splitlines()[1:] == ["MUG,main,12"]
    assert (await web.get("/export/stock", params={"only": "moon"})).status_code == 404
    book = await web.get("/export/listings", params={"form": "xlsx", "only": phone.slug})
    assert book.content.startswith(b"PK")


async def test_the_page_of_an_import_there_is_not_is_not_found(web: httpx.AsyncClient):
    assert (await web.get(f"/import/{uuid7()}")).status_code == 404
    assert (await web.post(f"/import/{uuid7()}/apply")).status_code == 404
