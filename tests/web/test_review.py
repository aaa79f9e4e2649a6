"""The retailer sees and sets the checks over the API and on the desk; an order shows what was found in it."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.store.desk.order import Event
from hub.web.desk.review.findings import verdict_of
from tests.builders import NOON
from tests.web.conftest import rows, typed_order
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
SET = 'SELECT "check", does, CAST(figure AS text) FROM review_checks ORDER BY 1'
HOLD_MANY = {"checks": [{"check": "quantity", "does": "hold", "figure": "3"}]}


async def test_a_check_is_set_over_the_api_and_keeps_its_figure(web: httpx.AsyncClient):
    await web.post("/api/v1/review/checks", json=HOLD_MANY)
    answer = await web.post("/api/v1/review/checks", json={"checks": [{"check": "quantity", "does": "note"}]})
    (found,) = [each for each in answer.json()["items"] if each["check"] == "quantity"]
    assert (found["does"], found["figure"], found["finds"]) == ("note", "3", "a line has more than 3 units")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"check": "mood", "does": "hold"}, 400), ({"check": "phone", "does": "note", "figure": "1"}, 422)],
)
async def test_a_check_that_cannot_be_is_refused_and_nothing_is_set(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], status: int
):
    answer = await web.post("/api/v1/review/checks", json={"checks": [HOLD_MANY["checks"][0], wrong]})
    assert (answer.status_code, await rows(hub, SET)) == (status, [])


@pytest.mark.usefixtures("phone")
async def test_an_order_that_a_check_holds_says_why_and_what_to_do(web: httpx.AsyncClient):
    await web.post("/api/v1/review/checks", json=HOLD_MANY)
    taken = (await web.post("/api/v1/orders", json=typed_order(quantity=4))).json()
    page = await see(web, f"/orders/{taken['number']}")
    assert taken["holds"] == ["review"]
    assert "4 × MUG: more than 3 units of a line" in page
    assert "Ask the customer whether so many are meant" in page


def test_an_order_shows_its_review_with_what_failed_afterwards():
    rule = {"rule": "freight", "version": 1}
    facts = {"failures": [{**rule, "why": "its money"}]}, {"decisions": [{**rule, "actions": []}]}
    verdict = verdict_of([Event(NOON, "reviewed", "hub", each) for each in facts])
    assert verdict is not None
    assert ([each.rule for each in verdict.decisions], [each.why for each in verdict.failures]) == (
        ["freight"],
        ["its money"],
    )


async def test_the_desk_saves_what_was_changed_alone(hub: HubContext, web: httpx.AsyncClient):
    figures = {"price-figure": "50", "quantity-figure": "12", "totals-figure": "0.05"}
    more = {"duplicate-figure": "60", "first-order-figure": "1000"}
    answer = await send(web, "/review", **{"quantity-does": "hold", **figures, **more})
    assert answer.status_code == 303
    assert await rows(hub, SET) == [("quantity", "hold", "12")]
    wrong = await send(web, "/review", **{**figures, **more, "price-figure": "low"})
    assert (wrong.status_code, "A number, such as 30" in wrong.text) == (422, True)
