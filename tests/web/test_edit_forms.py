"""The page of an order changes it: only what was typed over, with both words of a conflict, undone by a button."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
LINES = "SELECT channel_sku, quantity, canceled, allocated FROM order_lines ORDER BY position"


async def taken(web: httpx.AsyncClient, **more: Any) -> int:
    made: int = (await web.post("/api/v1/orders", json=typed_order(quantity=3, **more))).json()["number"]
    return made


async def lines(hub: HubContext) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await rows(hub, LINES)]


def form(**typed: str) -> dict[str, str]:
    """The one line of the order as the page wrote it, and what somebody typed over."""
    shown = {"line-0": "1", "units-0": "3", "was-units-0": "3", "price-0": "12.50", "was-price-0": "12.50"}
    return (
        shown
        | {"command_id": str(uuid7())}
        | {name.replace("_0", "-0"): text for name, text in typed.items()}
    )


async def test_what_was_typed_over_is_changed_and_undone_by_its_button(
    hub: HubContext, web: httpx.AsyncClient
):
    number = await taken(web)
    typed = form(units_0="4", add="Mug", add_units="2", add_price="9", tags="Gift, red", remark="rings twice")
    changed = await web.post(
        f"/orders/{number}/edit", data={**typed, "city": "Berlin", "reason": "they called"}
    )
    page = (await web.get(f"/orders/{number}")).text
    ((edit,),) = await rows(hub, "SELECT id FROM order_edits")
    both = await lines(hub)
    undone = await web.post(f"/orders/{number}/undo", data={"edit": str(edit)})
    assert [changed.status_code, undone.status_code] == [303, 303]
    assert all(
        words in page for words in ("they called", "rings twice", "Berlin", "MUG: 3 → 4 units", ">gift<")
    )
    assert (both, (await lines(hub))[0]) == ([("MUG", 4, 0, 4), ("MUG", 2, 0, 2)], ("MUG", 3, 0, 3))


async def test_no_units_take_a_line_off_and_what_nobody_typed_over_stays(
    hub: HubContext, web: httpx.AsyncClient
):
    number = await taken(web)
    same = await web.post(f"/orders/{number}/edit", data=form())
    await web.post(f"/orders/{number}/edit", data=form(units_0="0", add="MUG", add_price="1"))
    assert (same.status_code, "nothing was typed over" in same.text) == (422, True)
    assert sorted(await lines(hub)) == [("MUG", 1, 0, 1), ("MUG", 3, 3, 0)]


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"units_0": "many"}, "units-0"), ({"country": "Deutschland"}, "country"), ({"add": "Moon"}, "add")],
)
async def test_a_wrong_field_is_marked_with_what_belongs_there_and_nothing_changed(
    hub: HubContext, web: httpx.AsyncClient, typed: dict[str, str], field: str
):
    answer = await web.post(f"/orders/{await taken(web)}/edit", data=form(**typed))
    marked = re.findall('name="([^"]+)"[^>]* aria-invalid="true"', answer.text)
    assert (answer.status_code, marked, answer.text.count('id="edit-problem"')) == (422, [field], 1)
    assert await rows(hub, "SELECT id FROM order_edits") == []


async def test_a_page_that_is_old_overwrites_no_news_and_shows_both(hub: HubContext, web: httpx.AsyncClient):
    number = await taken(web)
    old = form(units_0="4", remark="call") | {"was-remark": "", "was-city": "", "city": "Bonn"}
    await web.post("/api/v1/orders", json=typed_order(quantity=5, revision=1))
    answer = await web.post(f"/orders/{number}/edit", data=old)
    assert (answer.status_code, "You saw quantity: 3, now 5." in answer.text) == (409, True)
    assert (await lines(hub), await rows(hub, "SELECT id FROM order_edits")) == ([("MUG", 5, 0, 5)], [])
    again = await web.post(f"/orders/{number}/edit", data=old | {"was-units-0": "5"})
    assert (again.status_code, await lines(hub)) == (303, [("MUG", 4, 0, 4)])


async def test_a_newer_word_of_the_channel_is_not_taken_unseen(hub: HubContext, web: httpx.AsyncClient):
    number = await taken(web)
    await web.post(f"/orders/{number}/edit", data=form(units_0="5"))
    await web.post("/api/v1/orders", json=typed_order(quantity=2, revision=1))
    (shown,) = set(re.findall('name="theirs" value="([^"]+)"', (await web.get(f"/orders/{number}")).text))
    await web.post("/api/v1/orders", json=typed_order(quantity=1, revision=2))
    pressed = {"do": "theirs", "field": "line/1", "theirs": unescape(shown), "command_id": str(uuid7())}
    answer = await web.post(f"/orders/{number}/do", data=pressed)
    assert (answer.status_code, "quantity: 2, now 1" in answer.text) == (409, True)
    assert await lines(hub) == [("MUG", 5, 0, 5)]


async def test_fields_are_defined_and_dropped_on_their_page(hub: HubContext, web: httpx.AsyncClient):
    empty = (await web.get("/fields")).text
    typed = {"label": "Gift for", "kind": "choice", "choices": "her, him", "required": "on"}
    refused = await web.post("/fields", data={**typed, "choices": ""})
    made = await web.post("/fields", data=typed)
    page = (await web.get("/fields")).text
    assert ("none yet" in empty, refused.status_code, "Gift for" in refused.text) == (True, 422, True)
    assert (made.status_code, "gift_for" in page, "One of these: her, him" in page) == (303, True, True)
    assert (await web.post("/fields/gift_for/drop")).status_code == 303
    assert [tuple(row) for row in await rows(hub, "SELECT key, dropped_at IS NULL FROM order_fields")] == [
        ("gift_for", False)
    ]


async def test_a_field_of_the_retailers_own_stands_on_the_page_and_is_typed_over(
    hub: HubContext, web: httpx.AsyncClient
):
    await web.put("/api/v1/order-fields/po", json={"label": "PO number", "required": True})
    number = await taken(web)
    lacking = (await web.get(f"/orders/{number}")).text
    typed = {"own-po": "4711", "was-own-po": ""}
    changed = await web.post(f"/orders/{number}/edit", data=form() | typed)
    emptied = await web.post(f"/orders/{number}/edit", data=form() | {"own-po": "", "was-own-po": "4711"})
    assert ('<span class="badge wait">required</span>' in lacking, changed.status_code) == (True, 303)
    assert (emptied.status_code, "PO number is required" in emptied.text) == (422, True)
    assert [tuple(row) for row in await rows(hub, "SELECT custom FROM orders")] == [({"po": "4711"},)]


async def test_a_conflict_shows_both_words_and_ends_by_a_button(hub: HubContext, web: httpx.AsyncClient):
    number = await taken(web)
    await web.post(f"/orders/{number}/edit", data=form(units_0="5"))
    await web.post("/api/v1/orders", json=typed_order(quantity=2, revision=1))
    page = (await web.get(f"/orders/{number}")).text
    settle = {"do": "theirs", "field": "line/1", "command_id": str(uuid7())}
    done = await web.post(f"/orders/{number}/do", data=settle)
    assert "Ours: 5 × 12.50 = 62.50. Theirs: 2 × 12.50 = 25.00" in page
    assert (done.status_code, await lines(hub)) == (303, [("MUG", 2, 0, 2)])


async def test_an_order_is_refunded_canceled_and_reopened_by_buttons(hub: HubContext, web: httpx.AsyncClient):
    number = await taken(web, payment="paid")
    for do in ({"do": "refund", "amount": "5,00"}, {"do": "cancel", "reason": "twice"}):
        await web.post(f"/orders/{number}/do", data={**do, "command_id": str(uuid7())})
    canceled, page = await lines(hub), (await web.get(f"/orders/{number}")).text
    await web.post(f"/orders/{number}/do", data={"do": "reopen", "command_id": str(uuid7())})
    assert (canceled, await lines(hub)) == ([("MUG", 3, 3, 0)], [("MUG", 3, 0, 3)])
    assert ("€5.00 went back" in page, "Reopen" in page) == (True, True)


async def test_an_order_is_duplicated_as_a_draft(hub: HubContext, web: httpx.AsyncClient):
    number = await taken(web)
    answer = await web.post(f"/orders/{number}/duplicate")
    page = (await web.get(answer.headers["location"])).text
    assert (answer.status_code, 'value="Ada L"' in page, 'value="MUG"' in page) == (303, True, True)
    assert [tuple(row) for row in await rows(hub, "SELECT sum(units) FROM reservations")] == [(3,)]


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("edit", {"units-0": "99"}),
        ("edit", {"units-0": "many"}),
        ("edit", {"price-0": "dear"}),
        ("edit", {"add": "Lamp"}),
        ("edit", {"priority": "first"}),
        ("edit", {"units-0": "4", "command_id": "none"}),
        ("do", {"do": "dance"}),
        ("do", {"do": "refund", "amount": "100"}),
        ("undo", {"edit": str(uuid7())}),
    ],
)
async def test_what_cannot_be_is_said_on_the_page_and_changes_nothing(
    hub: HubContext, web: httpx.AsyncClient, path: str, typed: dict[str, str]
):
    number = await taken(web)
    answer = await web.post(f"/orders/{number}/{path}", data={**form(), **typed})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert await lines(hub) == [("MUG", 3, 0, 3)]


async def test_orders_that_were_split_and_merged_name_each_other(web: httpx.AsyncClient):
    number = await taken(web, customer={"name": "Ada L", "email": "ada@example.com"})
    parted = await web.post(f"/orders/{number}/split", data=form(units_0="1"))
    new = parted.headers["location"].removeprefix("/orders/")
    split = [(await web.get(f"/orders/{each}")).text for each in (number, new)]
    await web.post(f"/orders/{number}/merge", data={"orders": new, "command_id": str(uuid7())})
    merged = [(await web.get(f"/orders/{each}")).text for each in (number, new)]
    assert (f"split off to {new}<" in split[0], split[1].count(f"Split off order {number}")) == (True, 2)
    assert merged[0].count(f"Merged with {new}") == merged[1].count(f"Merged into order {number}") == 2


async def test_a_refusal_says_what_can_be_typed_there(web: httpx.AsyncClient):
    number = await taken(web)
    fewer = await web.post(f"/orders/{number}/edit", data=form(units_0="-1"))
    merged = await web.post(f"/orders/{number}/merge", data={"orders": "abc"})
    assert "type 1 or more; 0 takes the line off" in fewer.text
    assert "is no number of an order: write 1042" in merged.text


async def test_an_order_is_split_and_merged_on_its_page(hub: HubContext, web: httpx.AsyncClient):
    number = await taken(web, customer={"name": "Ada L", "email": "ada@example.com"})
    parted = await web.post(f"/orders/{number}/split", data=form(units_0="1"))
    new = parted.headers["location"].removeprefix("/orders/")
    two = sorted(await lines(hub))
    merged = await web.post(f"/orders/{number}/merge", data={"orders": new, "command_id": str(uuid7())})
    assert (parted.status_code, two) == (303, [("MUG", 1, 0, 1), ("MUG", 2, 0, 2)])
    assert (merged.status_code, f"Merged with {new}" in (await web.get(f"/orders/{number}")).text) == (
        303,
        True,
    )
    nothing = await web.post(f"/orders/{number}/split", data=form(units_0="0"))
    assert (nothing.status_code, (await web.post(f"/orders/{number}/merge", data={})).status_code) == (
        422,
        422,
    )
