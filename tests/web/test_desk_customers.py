"""A customer is found by the whole e-mail or phone, in whichever form it is written, and stands in no address (L17)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import event

from hub.channels.context import HubContext
from hub.flows.orders.keep_people import SHARING_MAX, find_people, read_identity, same_phone
from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.incoming import Address, IncomingOrder, Person
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from tests.builders import VAULT, line, open_shop, order, take
from tests.web.conftest import rows, statements

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
BERLIN = Address(street="Lindenstr. 12", postcode="10969", city="Berlin", country="DE")
ADA = Person("Ada Lovelace", "ada.lovelace@example.com", "+49 30 5550101", shipping=BERLIN)
BOB = Person("Bob Babbage", "bob@example.com", "+49 30 5550101")
CALLER = Person("Cy", "", "030 5550199")


async def shop_with(hub: HubContext, *orders: IncomingOrder) -> None:
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 12, "TEE": 3})
        await take(tx, seller, *orders)


def ordered(
    order_id: str, person: Person, *, ago: timedelta = timedelta(days=2), sku: str = "MUG"
) -> IncomingOrder:
    at = now() - ago
    return order(order_id, line(sku), person=person, placed_at=at, updated_at=at)


async def form(web: httpx.AsyncClient, path: str = "/orders/new", **fields: str) -> str:
    answer = await web.post(path, data={"channel": "phone", "currency": "EUR"} | fields, headers=BROWSER)
    assert answer.status_code in {200, 422}, answer.text
    return " ".join(answer.text.split())


async def names_of(hub: HubContext, typed: str) -> list[str]:
    person = read_identity(typed)
    assert person is not None
    async with hub.db.transaction() as tx:
        return sorted(known.person.name for known in await find_people(tx, hub.vault, person))


@pytest.mark.parametrize("typed", ["ada.lovelace@example.com", " ADA.Lovelace@Example.com "])
async def test_an_e_mail_finds_its_one_person(hub: HubContext, typed: str):
    await shop_with(hub, ordered("1", ADA), ordered("2", BOB))
    assert await names_of(hub, typed) == ["Ada Lovelace"]


@pytest.mark.parametrize("typed", ["+49 30 5550101", "0049 (0)30 555-0101", "030/5550101", "5550101"])
async def test_a_phone_finds_everybody_who_has_it_however_it_is_written(hub: HubContext, typed: str):
    await shop_with(hub, ordered("1", ADA), ordered("2", BOB), ordered("3", CALLER))
    assert await names_of(hub, typed) == ["Ada Lovelace", "Bob Babbage"]


@pytest.mark.parametrize("typed", ["030 5550199", "+49 30 5550199"])
async def test_who_gave_no_e_mail_is_found_by_the_phone_alone(hub: HubContext, typed: str):
    await shop_with(hub, ordered("1", CALLER))
    assert await names_of(hub, typed) == ["Cy"]


@pytest.mark.parametrize("typed", ["eda@example.com", "+49 30 5550102", "+1 30 5550101", "550101"])
async def test_what_is_only_like_it_finds_nobody(hub: HubContext, typed: str):
    await shop_with(hub, ordered("1", ADA))
    assert await names_of(hub, typed) == []


async def test_what_was_ordered_by_phone_before_the_e_mail_was_known_is_theirs(tx: Tx):
    seller = await open_shop(tx, {"MUG": 12})
    await take(tx, seller, ordered("1", Person("Ada", "", ADA.phone)), ordered("2", ADA))
    (known,) = await find_people(tx, VAULT, Person(phone=ADA.phone))
    assert (known.person.name, len(known.ids)) == ("Ada Lovelace", 2)


async def test_as_many_are_found_by_one_phone_as_have_room_and_the_others_by_e_mail(tx: Tx):
    family = [Person(f"{each}", f"{each}@example.com", ADA.phone) for each in range(SHARING_MAX + 1)]
    seller = await open_shop(tx, {"MUG": 12})
    await take(tx, seller, *(ordered(person.name, person) for person in family[:3]))
    await take(tx, seller, *(ordered(person.name, person) for person in family[3:]))
    assert len(await find_people(tx, VAULT, Person(phone=ADA.phone))) == SHARING_MAX
    assert all([await find_people(tx, VAULT, Person(email=person.email)) for person in family])


async def test_people_of_a_lost_key_are_passed_over(tx: Tx):
    await take(tx, await open_shop(tx, {"MUG": 12}), ordered("1", ADA))
    stranger = Vault(bytes(32), bytes(range(32)))
    assert await find_people(tx, stranger, Person(email=ADA.email)) == []


@pytest.mark.parametrize("text", ["Ada", "12345", "ada@", "1234567890123456", "MUG-123456", ""])
def test_a_name_or_a_number_too_short_or_long_is_no_identity(text: str):
    assert read_identity(text) is None


def test_a_national_number_is_the_end_of_the_international_one():
    assert same_phone("030 5550101", "+49 30 5550101")
    assert not same_phone("030 5550101", "+49 40 5550101")


@pytest.mark.usefixtures("phone")
@pytest.mark.parametrize("field", ["name", "phone"])
async def test_the_form_shows_who_calls_with_address_and_last_orders(
    hub: HubContext, web: httpx.AsyncClient, field: str
):
    await shop_with(hub, *(ordered(str(each), ADA, ago=timedelta(days=each)) for each in range(1, 6)))
    with statements(hub) as asked:
        page = await form(web, "/orders/new/known", **{field: "030 5550101"})
    assert "Lindenstr. 12, 10969 Berlin, DE" in page
    assert page.count('class="once"') == 3
    assert len(asked) <= 5


@pytest.mark.usefixtures("phone")
async def test_without_script_the_button_fills_in_what_is_empty(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, ordered("1", ADA))
    page = await form(web, phone="030 5550101", name="Mrs Lovelace", do="find")
    assert 'name="name" type="text" value="Mrs Lovelace"' in page
    assert 'name="phone" type="tel" value="030 5550101"' in page
    assert 'value="ada.lovelace@example.com"' in page
    assert 'value="Lindenstr. 12"' in page


@pytest.mark.usefixtures("phone")
async def test_an_address_that_was_begun_is_not_mixed_with_the_known_one(
    hub: HubContext, web: httpx.AsyncClient
):
    await shop_with(hub, ordered("1", ADA))
    page = await form(web, email="ada.lovelace@example.com", city="Potsdam", do="find")
    assert 'value="Potsdam"' in page
    assert 'value="Lindenstr. 12"' not in page


@pytest.mark.usefixtures("phone")
async def test_of_several_people_one_is_chosen(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, ordered("1", ADA), ordered("2", BOB))
    page = await form(web, phone=ADA.phone, do="find")
    assert "2 known customers" in page
    ((bob,),) = await rows(hub, "SELECT customer_id FROM orders WHERE channel_order_id = '2'")
    assert 'value="Bob Babbage"' in await form(web, phone=ADA.phone, do=f"customer:{bob}")


@pytest.mark.usefixtures("phone")
async def test_nobody_is_taken_over_who_was_not_found_by_what_was_typed(
    hub: HubContext, web: httpx.AsyncClient
):
    await shop_with(hub, ordered("1", ADA))
    ((ada,),) = await rows(hub, "SELECT customer_id FROM orders")
    assert "Lovelace" not in await form(web, phone="0171 9999999", do=f"customer:{ada}")


@pytest.mark.usefixtures("phone")
async def test_find_without_a_phone_or_an_e_mail_asks_for_one(web: httpx.AsyncClient):
    assert "found by either" in await form(web, name="Ada", do="find")


@pytest.mark.usefixtures("phone")
async def test_the_same_basket_minutes_ago_stops_the_order_once(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, ordered("1", ADA, ago=timedelta(minutes=4)))
    ((number,),) = await rows(hub, "SELECT number FROM orders")
    typed = {
        "command_id": "a",
        "email": ADA.email,
        "item": "MUG",
        "quantity": "1",
        "price": "9",
        "do": "accept",
    }
    page = await form(web, **typed)
    assert "Ordered minutes ago" in page
    assert f'name="seen" value="{number} "' in page
    sent = {"channel": "phone", "currency": "EUR", **typed, "seen": f"{number}"}
    assert (await web.post("/orders/new", data=sent, headers=BROWSER)).status_code == 303


@pytest.mark.usefixtures("phone")
@pytest.mark.parametrize(("ago", "sku"), [(timedelta(hours=2), "MUG"), (timedelta(minutes=4), "TEE")])
async def test_an_older_order_or_another_basket_stops_nothing(
    hub: HubContext, web: httpx.AsyncClient, ago: timedelta, sku: str
):
    await shop_with(hub, ordered("1", ADA, ago=ago, sku=sku))
    assert "Ordered minutes ago" not in await form(web, email=ADA.email, item="MUG", do="add")


@pytest.mark.usefixtures("phone")
async def test_a_phone_typed_as_the_name_is_kept_as_the_phone(hub: HubContext, web: httpx.AsyncClient):
    sent = {
        "channel": "phone",
        "currency": "EUR",
        "name": CALLER.phone,
        "item": "MUG",
        "price": "9",
        "quantity": "1",
    }
    await web.post("/orders/new", data=sent, headers=BROWSER)
    assert await names_of(hub, CALLER.phone) == [""]


async def find(web: httpx.AsyncClient, words: str) -> str:
    answer = await web.post("/orders/find", data={"q": words}, headers=BROWSER)
    assert answer.status_code == 303
    return answer.headers["location"]


@pytest.mark.parametrize("words", ["ada.lovelace@example.com", "030 5550101"])
async def test_the_search_leads_to_the_orders_of_a_customer_and_names_nobody(
    hub: HubContext, web: httpx.AsyncClient, words: str
):
    await shop_with(hub, ordered("1", ADA), ordered("2", CALLER))
    ((ada,),) = await rows(hub, "SELECT customer_id FROM orders WHERE channel_order_id = '1'")
    address = await find(web, words)
    assert address == f"/orders?customer={ada}"
    page = (await web.get(address, headers=BROWSER)).text
    assert page.count('class="row"') == 1
    assert "of Ada Lovelace" in page


@pytest.mark.parametrize("words", ["eda@example.com", "+49 40 123456", "040 123456"])
async def test_who_is_not_known_stands_in_no_address_either(
    hub: HubContext, web: httpx.AsyncClient, words: str
):
    await shop_with(hub, ordered("1", ADA))
    assert await find(web, words) == "/orders?customer=nobody"
    assert (
        "Nobody with this e-mail or phone" in (await web.get("/orders?customer=nobody", headers=BROWSER)).text
    )


@pytest.mark.parametrize("words", ["canary@example.com", "+49 30 5550777"])
async def test_the_database_is_asked_by_a_keyed_hash_only(
    hub: HubContext, web: httpx.AsyncClient, phone: ChannelRow, words: str
):
    with values(hub) as given:
        await find(web, words)
        await form(web, "/orders/new/known", name=words, channel=phone.slug)
    assert given
    assert [each for each in given if words in each] == []


@contextmanager
def values(hub: HubContext) -> Iterator[list[str]]:
    """Collect what the database is handed with its statements."""
    given: list[str] = []

    def note(*facts: object) -> None:
        given.append(repr(facts[3]))

    event.listen(hub.db.engine.sync_engine, "before_cursor_execute", note)
    yield given
    event.remove(hub.db.engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("words", ["1001", "MUG", "12-34567-89012", "5012345678901"])
async def test_numbers_and_skus_are_searched_as_before(hub: HubContext, web: httpx.AsyncClient, words: str):
    await shop_with(hub, order("1", channel_order_number=words))
    assert await find(web, words) == f"/orders?q={words}"


async def test_a_customers_address_changed_by_hand_says_so(web: httpx.AsyncClient):
    answer = await web.get("/orders?customer=ada", headers=BROWSER)
    assert (answer.status_code, "search for the e-mail" in answer.text) == (422, True)


async def test_the_list_of_a_customer_asks_no_more_often_than_any_list(
    hub: HubContext, web: httpx.AsyncClient
):
    await shop_with(hub, *(ordered(str(each), ADA) for each in range(20)))
    address = await find(web, ADA.email)
    asked = []
    for page in ("/orders", address):
        with statements(hub) as each:
            await web.get(page, headers=BROWSER)
        asked.append(len(each))
    assert asked[0] == asked[1]


async def test_a_custom_line_is_taken_without_a_sku_and_moves_no_stock(
    hub: HubContext, web: httpx.AsyncClient, phone: ChannelRow
):
    sent = {
        "channel": phone.slug,
        "currency": "EUR",
        "name": "Ada",
        "item": "Engraving",
        "quantity": "2",
        "price": "4,50",
        "custom": "line-0",
    }
    assert (await web.post("/orders/new", data=sent, headers=BROWSER)).status_code == 303
    assert await rows(hub, "SELECT kind, title, sku, total FROM order_lines") == [
        ("custom", "Engraving", None, 9)
    ]
