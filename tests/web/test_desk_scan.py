"""A scanned code opens its SKU ready to adjust; an unknown one is attached to a SKU by a person's word."""

import httpx
import pytest
from sqlalchemy import text

from hub.channels.context import HubContext
from hub.store.stock import skus
from tests.builders import NOON, open_shop
from tests.web.conftest import rows
from tests.web.test_desk_pages import BROWSER, see, send

pytestmark = pytest.mark.anyio
CODES = "SELECT sku, barcode FROM skus WHERE sku IN ('MUG', 'TEE') ORDER BY 1"


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    """MUG with a UPC, TEE whose listing has a barcode, and two cups that share one."""
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 5, "TEE": 5})
        known = [
            skus.Sku("MUG", "Mug", "036000291452"),
            *(skus.Sku(each, "Cup", "777") for each in ("C1", "C2")),
        ]
        await skus.put_skus(tx, known, at=NOON)
        await tx.execute(text("UPDATE listings SET barcode = '4006381333931' WHERE sku = 'TEE'"))


@pytest.mark.parametrize(
    ("code", "sku"),
    [("036000291452", "MUG"), ("0036000291452", "MUG"), ("MUG", "MUG"), ("4006381333931", "TEE")],
)
async def test_a_known_code_opens_its_sku_with_the_cursor_in_the_form(
    web: httpx.AsyncClient, code: str, sku: str
):
    answer = await web.get("/scan", params={"code": code}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stock/{sku}?scanned=true")
    assert " autofocus" in await see(web, f"/stock/{sku}?scanned=true")


async def test_a_code_of_two_skus_asks_which_one(web: httpx.AsyncClient):
    page = await see(web, "/scan?code=777")
    assert "Several SKUs have it" in page
    assert "/stock/C2?scanned=true" in page


async def test_an_unknown_code_is_attached_to_the_sku_a_person_names(hub: HubContext, web: httpx.AsyncClient):
    assert "No SKU has this barcode yet" in await see(web, "/scan?code=5901234123457")
    answer = await send(web, "/scan/attach", code="5901234123457", sku="tee")
    assert answer.headers["location"] == "/stock/TEE?scanned=true"
    assert await rows(hub, CODES) == [("MUG", "036000291452"), ("TEE", "5901234123457")]


async def test_a_barcode_is_replaced_only_where_somebody_says_so(hub: HubContext, web: httpx.AsyncClient):
    refused = await send(web, "/scan/attach", code="999", sku="MUG")
    assert (refused.status_code, "has the barcode 036000291452 already" in refused.text) == (422, True)
    assert (await rows(hub, CODES))[0] == ("MUG", "036000291452")
    await send(web, "/scan/attach", code="999", sku="MUG", replaces="yes")
    assert (await rows(hub, CODES))[0] == ("MUG", "999")


@pytest.mark.parametrize(("code", "sku"), [("", "MUG"), ("5", "ghost"), ("5", "")])
async def test_what_cannot_be_attached_changes_nothing(
    hub: HubContext, web: httpx.AsyncClient, code: str, sku: str
):
    assert (await send(web, "/scan/attach", code=code, sku=sku)).status_code == 422
    assert await rows(hub, CODES) == [("MUG", "036000291452"), ("TEE", "")]
