"""A draft is kept as it is typed, by the desk or a program; its stock is its own until it is taken, dropped or late."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.stock.reserve import expire
from hub.kit.clock import now
from tests.web.conftest import rows, statements, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"
TYPED = {
    "command_id": ID,
    "channel": "phone",
    "currency": "EUR",
    "name": "Ada L",
    "item": "MUG",
    "quantity": "3",
    "price": "",
}
RESERVED = "SELECT sum(reserved)::int, sum(allocated)::int FROM levels"


async def save(web: httpx.AsyncClient, **fields: str) -> str:
    answer = await web.post("/orders/new/save", data=TYPED | fields, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


async def put(
    web: httpx.AsyncClient, draft_id: str = ID, quantity: int = 3, **more: object
) -> httpx.Response:
    body = {"lines": [{"item": "MUG", "quantity": quantity}], "customer": {"name": "Ada L"}} | more
    return await web.put(f"/api/v1/drafts/{draft_id}", json=body)


async def test_what_is_typed_is_kept_and_reserved_and_the_form_says_for_how_long(
    hub: HubContext, web: httpx.AsyncClient
):
    said = await save(web)
    assert ("3 reserved" in said, "Draft saved" in said, "15:00 min" in said) == (True, True, True)
    assert await rows(hub, RESERVED) == [(3, 0)]


async def test_a_draft_opens_on_another_machine_as_it_was_typed(web: httpx.AsyncClient):
    await save(web, note="Rings twice", keep="1440")
    page = " ".join((await web.get(f"/orders/new?draft={ID}", headers=BROWSER)).text.split())
    assert all(
        each in page
        for each in ('value="Ada L"', "Rings twice", f'value="{ID}"', "3 reserved", "23 h 59 min")
    )


async def test_a_field_of_your_own_is_asked_for_where_it_is_required_and_kept_with_the_order(
    hub: HubContext, web: httpx.AsyncClient
):
    await web.put("/api/v1/order-fields/due", json={"label": "Due", "kind": "date", "required": True})
    refused = [
        (await web.post("/orders/new", data=TYPED | own, headers=BROWSER)).text
        for own in ({}, {"own-due": "soon"})
    ]
    assert ["Fill this in" in refused[0], "no date: write" in refused[1]] == [True, True]
    taken = await web.post(
        "/orders/new", data=TYPED | {"price": "9", "own-due": "2026-12-24"}, headers=BROWSER
    )
    assert (taken.status_code, await rows(hub, "SELECT custom FROM orders")) == (
        303,
        [({"due": "2026-12-24"},)],
    )


async def test_a_program_keeps_fields_of_your_own_and_is_told_of_one_there_is_not(web: httpx.AsyncClient):
    await web.put("/api/v1/order-fields/due", json={"label": "Due", "kind": "date"})
    assert (await put(web, fields={"due": "2026-12-24"})).status_code == 200
    wrong = await put(web, fields={"po": "4711"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "po")
    assert (await web.get(f"/api/v1/drafts/{ID}")).json()["fields"] == {"due": "2026-12-24"}


async def test_a_button_of_the_form_saves_it_as_well(hub: HubContext, web: httpx.AsyncClient):
    answer = await web.post("/orders/new", data=TYPED | {"do": "add"}, headers=BROWSER)
    assert (answer.status_code, await rows(hub, RESERVED)) == (200, [(3, 0)])


async def test_a_refused_order_is_kept_as_a_draft(hub: HubContext, web: httpx.AsyncClient):
    answer = await web.post("/orders/new", data=TYPED | {"quantity": "20", "price": "9"}, headers=BROWSER)
    assert (answer.status_code, "8 short" in answer.text) == (422, True)
    assert await rows(hub, RESERVED) == [(12, 0)]


async def test_accepting_takes_the_reserved_units_and_the_draft_is_gone(
    hub: HubContext, web: httpx.AsyncClient
):
    await save(web, quantity="12")
    answer = await web.post("/orders/new", data=TYPED | {"quantity": "12", "price": "9"}, headers=BROWSER)
    assert (answer.status_code, await rows(hub, RESERVED)) == (303, [(0, 12)])
    again = await web.get(f"/orders/new?draft={ID}", headers=BROWSER)
    assert (again.status_code, again.headers["location"]) == (
        303,
        answer.headers["location"].partition("?")[0],
    )


async def test_a_save_after_accepting_says_which_order_it_is(hub: HubContext, web: httpx.AsyncClient):
    await web.post("/orders/new", data=TYPED | {"price": "9"}, headers=BROWSER)
    said = await save(web)
    assert "accepted meanwhile" in said
    assert await rows(hub, RESERVED) == [(0, 3)]


async def test_what_ran_out_says_so_and_is_reserved_again_by_a_button(
    hub: HubContext, web: httpx.AsyncClient
):
    await save(web)
    async with hub.db.transaction() as tx:
        await expire(tx, at=now() + timedelta(minutes=16))
    assert "The reservation ran out" in (await web.get(f"/orders/new?draft={ID}", headers=BROWSER)).text
    again = await web.post("/orders/new", data=TYPED | {"do": "reserve"}, headers=BROWSER)
    assert ("3 reserved" in again.text, await rows(hub, RESERVED)) == (True, [(3, 0)])


async def test_a_form_nobody_typed_into_is_no_draft_and_one_that_was_emptied_is_none_any_more(
    hub: HubContext, web: httpx.AsyncClient
):
    empty = {"name": "", "item": "", "quantity": ""}
    for fields in (empty, {}, empty):
        await save(web, **fields)
    assert (await rows(hub, "SELECT id FROM order_drafts"), await rows(hub, RESERVED)) == ([], [(0, 0)])


async def test_a_dropped_draft_gives_its_stock_back_and_says_so_once(hub: HubContext, web: httpx.AsyncClient):
    await save(web)
    for _ in range(2):
        await web.post(f"/orders/drafts/{ID}/drop", headers=BROWSER)
    page = (await web.get(f"/orders/new?draft={ID}", headers=BROWSER)).text
    assert ("This draft is gone" in page, await rows(hub, RESERVED)) == (True, [(0, 0)])


async def test_drafts_of_others_are_listed_with_their_time(web: httpx.AsyncClient):
    await save(web)
    page = " ".join((await web.get("/orders/new", headers=BROWSER)).text.split())
    assert all(each in page for each in ("Drafts 1", "Ada L", "3 × MUG", "3 reserved for"))


async def test_nobody_is_named_outside_the_seal(hub: HubContext, web: httpx.AsyncClient):
    await save(web, name="Canary Person", phone="+49 30 5550177", note="canary note")
    dump = await rows(hub, "SELECT d::text, encode(sealed, 'escape') FROM order_drafts d")
    events = await rows(hub, "SELECT facts::text FROM events")
    assert not any(word in f"{dump}{events}" for word in ("Canary", "5550177", "canary"))


async def test_a_program_reserves_first_and_orders_later_with_one_id(hub: HubContext, web: httpx.AsyncClient):
    kept = (await put(web, keep_minutes=30)).json()
    assert (kept["reserved"], kept["short"], kept["reserved_until"] is not None) == ({"0": 3}, {}, True)
    taken = await web.post("/api/v1/orders", json=typed_order(ID, 3))
    assert (taken.status_code, await rows(hub, RESERVED)) == (201, [(0, 3)])
    assert (await put(web)).status_code == 409


async def test_a_program_reads_lists_and_drops_drafts(hub: HubContext, web: httpx.AsyncClient):
    await put(web, note="Rings twice")
    one, listed = (await web.get(f"/api/v1/drafts/{ID}")).json(), (await web.get("/api/v1/drafts")).json()
    assert (one["customer"], one["lines"][0]["sku"], one["note"]) == ({"name": "Ada L"}, "MUG", "Rings twice")
    assert [(each["id"], each["reserved"], each["actor"]) for each in listed["items"]] == [(ID, 3, "api")]
    assert (await web.delete(f"/api/v1/drafts/{ID}")).status_code == 204
    assert ((await web.get(f"/api/v1/drafts/{ID}")).status_code, await rows(hub, RESERVED)) == (404, [(0, 0)])


async def test_what_is_reserved_is_listed_with_its_owner_page_by_page(web: httpx.AsyncClient):
    for number in range(5):
        await put(web, str(UUID(int=number)), quantity=1, keep_minutes=number + 1)
    found, cursor = [], ""
    while cursor is not None:
        page = (
            await web.get(f"/api/v1/stock/reservations?sku=MUG&limit=2{cursor and '&cursor=' + cursor}")
        ).json()
        found += [(each["owner"], each["units"], each["owner_kind"]) for each in page["items"]]
        cursor = page["next_cursor"]
    assert found == [(str(UUID(int=number)), 1, "draft") for number in range(5)]


async def test_the_chain_of_a_number_names_the_drafts_that_hold_it(web: httpx.AsyncClient):
    await put(web)
    (place,) = (await web.get("/api/v1/stock/MUG/explain")).json()["places"]
    assert [(each["owner"], each["units"]) for each in place["lasting"]] == [(ID, 3)]
    page = (await web.get("/stock/MUG", headers=BROWSER)).text
    assert f'href="/orders/new?draft={ID}"' in page


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"lines": []}, 400),
        ({"lines": [{"item": "MUG", "quantity": 0}]}, 400),
        ({"lines": [{"item": "MUG", "quantity": -3}]}, 400),
        ({"lines": [{"item": "MUG", "quantity": 10**9}]}, 400),
        ({"lines": [{"item": "MUG"}], "keep_minutes": 99_999}, 400),
        ({"lines": [{"item": "MUG"}], "currency": "euro"}, 400),
        ({"lines": [{"item": "MUG"}], "currency": "XYZ"}, 422),
        ({"lines": [{"item": "MUG"}], "channel": "shop"}, 422),
        ({"lines": [{"item": "x" * 500} for _ in range(500)]}, 422),
        ({"lines": [{"item": "MUG"}], "what": 1}, 400),
    ],
)
async def test_a_bad_draft_is_refused_and_nothing_is_kept(
    hub: HubContext, web: httpx.AsyncClient, body: dict[str, object], status: int
):
    answer = await web.put(f"/api/v1/drafts/{ID}", json=body)
    assert (answer.status_code, await rows(hub, "SELECT id FROM order_drafts")) == (status, [])


async def test_an_unknown_item_is_kept_as_typed_and_reserves_nothing(hub: HubContext, web: httpx.AsyncClient):
    kept = await web.put(f"/api/v1/drafts/{ID}", json={"lines": [{"item": "GHOST", "quantity": 2}]})
    assert (kept.status_code, kept.json()["reserved"]) == (200, {})
    assert await rows(hub, RESERVED) == [(0, 0)]


async def test_the_form_asks_the_database_no_more_for_many_drafts(hub: HubContext, web: httpx.AsyncClient):
    counts = []
    for drafts in (1, 12):
        for number in range(drafts):
            await put(web, str(UUID(int=number)), quantity=1)
        with statements(hub) as asked:
            await web.get("/orders/new", headers=BROWSER)
        counts.append(len(asked))
    assert counts[0] == counts[1]
