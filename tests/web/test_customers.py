"""One person across channels: noted, tagged, blocked, merged and parted; blocked ones have their new orders held."""

from uuid import UUID

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.review.review_orders import current_review
from hub.model.incoming import Person
from tests.builders import open_shop, order, take
from tests.web.conftest import rows
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
ADA = Person("Ada L", "ada@home.example", "+49 30 5550101")
WORK = Person("A. Lovelace", "ada@work.example", "030 5550101")
HELD = "SELECT channel_order_id, holds FROM orders ORDER BY 1"
CUSTOMER = "SELECT customer_id FROM orders WHERE channel_order_id = {0!r}"


async def buy(hub: HubContext, **orders: Person) -> None:
    """Orders by id, each of this person; SHOP is opened with the first."""
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 90}, slug=f"shop-{'-'.join(orders)}".lower())
        taken = [order(each, person=person) for each, person in orders.items()]
        await take(tx, seller, *taken, review=await current_review(tx))


async def id_of(hub: HubContext, order_id: str) -> UUID:
    ((found,),) = await rows(hub, CUSTOMER.format(order_id))
    assert isinstance(found, UUID)
    return found


async def test_a_blocked_customer_has_new_orders_held_and_no_others(hub: HubContext, web: httpx.AsyncClient):
    await buy(hub, a=ADA)
    ada = await id_of(hub, "a")
    blocked = (await web.post(f"/api/v1/customers/{ada}/block", json={"why": "three parcels back"})).json()
    await buy(hub, b=ADA, c=WORK)
    await web.post(f"/api/v1/customers/{ada}/unblock")
    await buy(hub, d=ADA)
    assert blocked["why_blocked"] == "three parcels back"
    assert await rows(hub, HELD) == [("a", []), ("b", ["fraud"]), ("c", []), ("d", [])]


async def test_two_with_one_phone_are_suggested_merged_and_parted_again(
    hub: HubContext, web: httpx.AsyncClient
):
    await buy(hub, a=ADA, b=WORK)
    ada, work = await id_of(hub, "a"), await id_of(hub, "b")
    maybe = (await web.get(f"/api/v1/customers/{ada}")).json()["maybe_same"]
    merged = (await web.post(f"/api/v1/customers/{work}/merge", json={"into": str(ada)})).json()
    again = await web.post(f"/api/v1/customers/{ada}/merge", json={"into": str(work)})
    assert [each["id"] for each in maybe] == [each["id"] for each in merged["merged"]] == [str(work)]
    assert (merged["maybe_same"], again.status_code) == ([], 409)
    assert (await web.get(f"/api/v1/customers/{work}")).json()["id"] == str(ada)
    await web.post(f"/api/v1/customers/{work}/unmerge")
    assert (await web.get(f"/api/v1/customers/{work}")).json()["id"] == str(work)


async def test_a_merged_customer_is_one_person_for_checks_and_rules(hub: HubContext, web: httpx.AsyncClient):
    await buy(hub, a=ADA, b=WORK)
    ada, work = await id_of(hub, "a"), await id_of(hub, "b")
    await web.post(f"/api/v1/customers/{work}/merge", json={"into": str(ada)})
    await web.post(f"/api/v1/customers/{ada}", json={"tags": ["wholesale"]})
    rule = {
        "name": "w",
        "condition": '"wholesale" in customer.tags',
        "actions": [{"verb": "hold", "value": "look"}],
    }
    await web.post("/api/v1/rules", json=rule)
    await buy(hub, c=WORK)
    assert (await rows(hub, HELD))[-1] == ("c", ["look"])


async def test_the_page_of_a_customer_shows_history_and_takes_notes(hub: HubContext, web: httpx.AsyncClient):
    await buy(hub, a=ADA, b=WORK)
    ada = await id_of(hub, "a")
    wrong = await send(web, f"/customers/{ada}/about", note="Rings twice", tags="Bad,,_tag")
    assert (wrong.status_code, "Rings twice" in wrong.text) == (422, True)
    await send(web, f"/customers/{ada}/about", note="Rings twice", tags="regular, wholesale")
    page = await see(web, f"/customers/{ada}")
    assert all(words in page for words in ("Rings twice", "wholesale", "Same person", "ada@work.example"))
    found = await send(web, "/customers", who="ada@home.example")
    assert (found.status_code, found.headers["location"]) == (303, f"/customers/{ada}")


async def test_what_is_written_of_a_customer_is_sealed(hub: HubContext, web: httpx.AsyncClient):
    await buy(hub, a=ADA)
    ada = await id_of(hub, "a")
    await web.post(f"/api/v1/customers/{ada}", json={"note": "Canary note"})
    await web.post(f"/api/v1/customers/{ada}/block", json={"why": "Canary why"})
    kept = await rows(hub, "SELECT c::text FROM customers c UNION ALL SELECT e::text FROM events e")
    assert [row for row in kept if "Canary" in str(row)] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("{0}/block", {"why": " "}, 422),
        ("{0}", {"tags": ["NO GOOD"]}, 422),
        ("0195c6a8-0000-7000-8000-000000000000/block", {"why": "x"}, 404),
        ("find", {"who": "nobody in particular"}, 422),
        ("{0}/unmerge", {}, 409),
    ],
)
async def test_what_cannot_be_is_refused(
    hub: HubContext, web: httpx.AsyncClient, path: str, body: dict[str, object], status: int
):
    await buy(hub, a=ADA)
    answer = await web.post(f"/api/v1/customers/{path.format(await id_of(hub, 'a'))}", json=body)
    assert answer.status_code == status
