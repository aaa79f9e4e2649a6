"""What a supplier brings is received by a form, once by its delivery note, with the lots of the SKUs that ask."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.stock.name_lots import track
from hub.model.stock.lots import Tracking
from tests.builders import NOON, open_shop
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
LEVELS = "SELECT sku, location, on_hand FROM levels WHERE on_hand <> 0 ORDER BY 1, 2"
LOTS = "SELECT v.lot, l.expires_on::text, v.on_hand FROM lot_levels v JOIN lots l USING (sku, lot) ORDER BY 1"
NOTE = {"reference": "DN-1", "location": "main", "do": "receive"}


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    """MUG is plain, MILK is of lots, TEL has serial numbers."""
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 2, "MILK": 0, "TEL": 0})
        await track(tx, "MILK", Tracking.LOT, actor="test", at=NOON)
        await track(tx, "TEL", Tracking.SERIAL, actor="test", at=NOON)


async def test_a_delivery_note_is_received_once_and_shown(hub: HubContext, web: httpx.AsyncClient):
    pages = {
        (await send(web, "/receipts/new", **NOTE, sku="MUG", units="5")).headers["location"] for _ in range(2)
    }
    assert await rows(hub, LEVELS) == [("MUG", "main", 7)]
    (page,) = pages
    assert "DN-1" in await see(web, page)
    other = await send(web, "/receipts/new", **NOTE, sku="MUG", units="6")
    assert (other.status_code, "with other lines" in other.text) == (422, True)


async def test_rows_of_a_lot_and_serial_numbers_become_what_lies_there(
    hub: HubContext, web: httpx.AsyncClient
):
    lots = {"lot": ["L1", "L2", "L1"], "expires_on": ["2027-01-31", "", ""]}
    milk = await send(web, "/receipts/new", **NOTE, sku=["MILK"] * 3, units=["4", "2", "1"], **lots)
    assert "until 2027-01-31" in await see(web, milk.headers["location"])
    phones = NOTE | {"reference": "DN-2"}
    await send(
        web,
        "/receipts/new",
        **phones,
        sku=["TEL"] * 2,
        units=["1", "1"],
        lot=["S1", "S2"],
        expires_on=["", ""],
    )
    books = [("L1", "2027-01-31", 5), ("L2", None, 2), ("S1", None, 1), ("S2", None, 1)]
    assert [row for row in await rows(hub, LOTS) if row[0]] == books


async def test_each_scan_of_a_serial_number_s_sku_is_a_row_of_its_own(web: httpx.AsyncClient):
    added = await send(web, "/receipts/new", sku="TEL", units="1", lot="S1", code="TEL", count="2", do="add")
    assert added.text.count("Serial number</label>") == 3
    split = await send(web, "/receipts/new", sku="MILK", units="4", lot="L1", do="split 0")
    assert split.text.count("Lot</label>") == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reference": ""}, "Type the number of the delivery note"),
        ({"location": ""}, "Choose where it is put"),
        ({"location": "ghost"}, "there is no location ghost"),
        ({"units": "0"}, "1 or more"),
        ({"sku": "TEL", "units": "2", "lot": "S1"}, "One unit has one serial number"),
        ({"sku": "MILK", "lot": "L1", "expires_on": "soon"}, "A day, such as 2027-01-31"),
        ({"sku": "GHOST"}, "There is no such SKU"),
    ],
)
async def test_a_wrong_receipt_says_which_field_and_brings_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    form = NOTE | {"sku": "MUG", "units": "5", "lot": "", "expires_on": ""} | wrong
    answer = await send(web, "/receipts/new", **form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, "SELECT count(*) FROM receipts") == [(0,)]


@pytest.mark.parametrize("slip", [{"code": "TEL", "count": "1000000"}, {"pasted": "MUG 1\nTEL 2000"}])
async def test_a_slip_of_the_finger_is_no_million_lines(web: httpx.AsyncClient, slip: dict[str, str]):
    answer = await send(web, "/receipts/new", **slip, do="add")
    assert (answer.status_code, "2000 are the most" in answer.text) == (422, True)


@pytest.mark.parametrize("count", [1, 30])
async def test_receipts_are_asked_for_as_often_for_thirty_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int
):
    many = {"sku": ["MUG"] * count, "units": ["1"] * count}
    notes = [NOTE | {"reference": f"DN-{each}"} for each in range(count)]
    pages = [(await send(web, "/receipts/new", **note, **many)).headers["location"] for note in notes]
    with statements(hub) as listed:
        await see(web, "/receipts")
    with statements(hub) as shown:
        await see(web, pages[0])
    assert (len(listed), len(shown)) == (3, 5)


async def test_an_address_of_receipts_cut_off_by_hand_says_so(web: httpx.AsyncClient):
    await see(web, "/receipts?after=0199", 400)
