"""A listing gets its SKU by a person's word alone; what it may be is suggested with reasons; a match can be undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import event, text

from hub.flows.stock.make_skus import make_skus
from hub.flows.stock.match_lines import match_listings, unmatch_listings
from hub.flows.stock.see_listings import see_page
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.store import publications
from hub.store.api.listings import Wanted, listings
from hub.store.db import Tx
from hub.store.stock import matching, skus
from hub.store.stock.listings import Chosen, NewListing
from hub.store.stock.matching import Alike, NewSku
from tests.builders import NOON, claim_due, line, open_shop, order, put_stock, record_told, take

pytestmark = pytest.mark.anyio
FIRST = UUID(int=0)


async def offer(tx: Tx, channel_id: UUID, *rows: tuple[str, str, str, str]) -> None:
    """Listings by id, SKU there, title and barcode."""
    new = [NewListing(uuid7(), at, sku, title, barcode=barcode) for at, sku, title, barcode in rows]
    await see_page(tx, channel_id, new, began_at=NOON, at=NOON)


async def suggested(tx: Tx) -> dict[str, list[tuple[str, list[str], str]]]:
    found = await matching.suggest(tx, after=FIRST, limit=99)
    return {
        each.channel_listing_id: [(one.sku, one.reasons, str(one.score)) for one in each.suggestions]
        for each in found
    }


async def test_each_suggestion_says_why(tx: Tx):
    shop = await open_shop(tx, {})
    goods = [
        skus.Sku("MUG-BLUE", "Stoneware mug, blue", "4006381333931"),
        skus.Sku("MUG-RED", "Stoneware mug, red", "0036000291452"),
    ]
    await skus.put_skus(tx, goods, at=NOON)
    await offer(
        tx,
        shop.id,
        ("1", "MUG-BLUE", "Becher", "4006381333931"),
        ("2", "mug-red", "Becher", ""),
        ("3", "", "Becher", "36000291452"),
        ("4", "X", "Stoneware mug, bleu", ""),
        ("5", "Y", "Garden chair", ""),
    )
    found = await suggested(tx)
    assert found["1"] == [("MUG-BLUE", ["same SKU", "same barcode"], "1.00")]
    assert found["2"] == [("MUG-RED", ["same SKU, in other letters"], "0.97")]
    assert found["3"] == [("MUG-RED", ["same barcode"], "0.99")]
    assert found["4"][0][:2] == ("MUG-BLUE", ["similar name"])
    assert found["5"] == []


@pytest.mark.parametrize(("alike", "chosen"), [(Alike.SKU, [("1", "MUG")]), (Alike.BARCODE, [("2", "TEE")])])
async def test_all_that_are_alike_beyond_doubt_are_confirmed_at_once(
    tx: Tx, alike: Alike, chosen: list[tuple[str, str]]
):
    shop = await open_shop(tx, {})
    goods = [skus.Sku("MUG", "Mug", "11"), skus.Sku("CUP", "Cup", "11"), skus.Sku("TEE", "Tee", "22")]
    await skus.put_skus(tx, goods, at=NOON)
    await offer(tx, shop.id, ("1", "MUG", "", "11"), ("2", "x", "", "0022"), ("3", "y", "Mug", ""))
    found = await matching.alike_listings(tx, shop.id, alike, limit=99)
    assert [(each.channel_listing_id, each.sku) for each in found] == chosen
    assert [
        (each.unmatched, each.same_sku, each.same_barcode) for each in await matching.count_alike(tx)
    ] == [(3, 1, 1)]


async def test_no_sku_is_made_and_nothing_matched_without_a_person(tx: Tx):
    """Pulled, sold and suggested: the hub still knows the SKUs it was given, and no others (C57)."""
    shop = await open_shop(tx, {"MUG": 5})
    await offer(tx, shop.id, ("77", "MUG", "Mug", "1"), ("78", "VASE", "Vase", "2"))
    await take(
        tx, shop, order("1", line("VASE", channel_listing_id="78"), line("NEW", channel_listing_id="79"))
    )
    await suggested(tx)
    assert await all_of(tx, "SELECT sku FROM skus") == [("MUG",)]
    assert await all_of(tx, "SELECT count(*) FROM listings WHERE sku IS NOT NULL") == [(1,)]


async def test_two_channels_that_share_names_do_not_share_mappings(tx: Tx):
    one, other = await open_shop(tx, {"MUG": 5}), await open_shop(tx, {"TEE": 5}, slug="other")
    for shop in (one, other):
        await offer(tx, shop.id, ("7", "BOX", "Box", ""))
    await match_listings(tx, one.id, [Chosen("7", "MUG")], actor="test", at=NOON)
    await take(tx, other, order("1", line("BOX", channel_listing_id="7")))
    found = await all_of(
        tx,
        "SELECT c.slug, l.sku FROM listings l JOIN channels c ON c.id = l.channel_id"
        " WHERE l.channel_sku = 'BOX' ORDER BY 1",
    )
    assert found == [("other", None), ("web", "MUG")]
    assert await all_of(tx, "SELECT sku FROM order_lines") == [(None,)]


async def test_a_match_is_undone_and_made_again(tx: Tx):
    shop = await open_shop(tx, {"MUG": 5})
    await claim_due(tx, shop.id, limit=9, at=NOON)
    await unmatch_listings(tx, shop.id, ["listing-MUG"], actor="test", at=NOON)
    await put_stock(tx, {"MUG": 1})
    assert await claim_due(tx, shop.id, limit=9, at=NOON) == []
    touched = await match_listings(tx, shop.id, [Chosen("listing-MUG", "MUG")], actor="test", at=NOON)
    (due,) = await claim_due(tx, shop.id, limit=9, at=NOON)
    assert (touched, due.quantity, due.version) == ({shop.id}, 6, 2)


async def test_orders_that_were_taken_keep_the_sku_of_a_match_that_is_undone(tx: Tx):
    shop = await open_shop(tx, {"MUG": 5})
    await take(tx, shop, order("1"))
    await unmatch_listings(tx, shop.id, ["listing-MUG"], actor="test", at=NOON)
    await take(tx, shop, order("2"))
    assert await all_of(tx, "SELECT sku, allocated FROM order_lines ORDER BY id") == [("MUG", 1), (None, 0)]


async def test_a_listing_matched_to_a_sku_that_nobody_counted_is_not_told_zero(tx: Tx):
    shop = await open_shop(tx, {"MUG": 5})
    await skus.put_skus(tx, [skus.Sku("VASE", "Vase")], at=NOON)
    await match_listings(tx, shop.id, [Chosen("listing-MUG", "VASE")], actor="test", at=NOON)
    assert await claim_due(tx, shop.id, limit=9, at=NOON) == []


async def test_undoing_what_is_not_matched_changes_nothing(tx: Tx):
    shop = await open_shop(tx, {"MUG": 5})
    with pytest.raises(NotFoundError, match="cannot unmatch 99"):
        await unmatch_listings(tx, shop.id, ["99"], actor="test", at=NOON)


async def test_a_new_sku_is_made_where_a_person_asks_for_it(tx: Tx):
    shop = await open_shop(tx, {"MUG": 5})
    await offer(tx, shop.id, ("78", "VASE", "Vase", "0400"))
    await take(tx, shop, order("1", line("VASE", channel_listing_id="78")))
    wish = NewSku(await id_of(tx, "78"), "VASE-1", "Tall vase")
    await make_skus(tx, [wish], actor="test", at=NOON)
    found = await all_of(tx, "SELECT sku, name, barcode FROM skus WHERE sku <> 'MUG'")
    assert found == [("VASE-1", "Tall vase", "0400")]
    assert await all_of(tx, "SELECT sku FROM order_lines") == [("VASE-1",)]


@pytest.mark.parametrize(
    ("sku", "name", "said"),
    [("MUG", "Mug", "there is a SKU MUG already"), ("", "Vase", "characters"), ("VASE", " ", "needs a name")],
)
async def test_a_new_sku_that_cannot_be_is_refused(tx: Tx, sku: str, name: str, said: str):
    shop = await open_shop(tx, {"MUG": 5})
    await offer(tx, shop.id, ("78", "VASE", "Vase", ""))
    with pytest.raises((InputError, WrongStateError), match=said):
        await make_skus(tx, [NewSku(await id_of(tx, "78"), sku, name)], actor="test", at=NOON)


async def test_c30_what_is_never_sent_is_listed_with_the_reason(tx: Tx):
    shop = await open_shop(tx, {"MUG": 5, "TEE": 5, "CUP": 5, "POT": 0})
    await offer(tx, shop.id, ("78", "VASE", "Vase", ""))
    await tell(tx, shop.id, "listing-MUG")
    await tx.execute(text("UPDATE listings SET gone_at = now() WHERE channel_sku = 'TEE'"))
    found = await listings(tx, Wanted(unsent=True), after=FIRST, limit=99)
    assert {each.channel_sku: each.unsent for each in found} == {
        "TEE": "gone",
        "CUP": "never confirmed",
        "POT": "not counted",
        "VASE": "unmatched",
    }


async def test_c35_channels_that_share_a_location_and_even_ids_share_no_match(tx: Tx):
    web = await open_shop(tx, {"MUG": 5, "TEE": 5})
    till = await open_shop(tx, {"MUG": 0}, slug="till")
    await tx.execute(text("UPDATE channels SET location = 'main'"))
    await unmatch_listings(tx, till.id, ["listing-MUG"], actor="ada", at=NOON)
    await match_listings(tx, till.id, [Chosen("listing-MUG", "TEE")], actor="ada", at=NOON)
    for seller in (web, till):
        await take(tx, seller, order("1", line("MUG")))
    left = await tx.execute(
        text("SELECT sku, on_hand - allocated FROM levels WHERE location = 'main' ORDER BY sku")
    )
    assert [tuple(row) for row in left] == [("MUG", 4), ("TEE", 4)]


async def tell(tx: Tx, channel_id: UUID, listing: str) -> None:
    due = await claim_due(tx, channel_id, limit=9, at=NOON)
    told = [
        publications.Told(each.listing_id, each.version, each.quantity, "applied")
        for each in due
        if each.channel_listing_id == listing
    ]
    await record_told(tx, told, at=NOON)


async def test_sixty_matches_ask_no_more_often_than_one(tx: Tx):
    shop = await open_shop(tx, {f"SKU-{number}": 5 for number in range(60)})
    chosen = [Chosen(f"listing-SKU-{number}", f"SKU-{number}") for number in range(60)]
    asked = []
    for part in (chosen[:1], chosen):
        with counted(tx) as statements:
            await match_listings(tx, shop.id, part, actor="test", at=NOON)
            await unmatch_listings(
                tx, shop.id, [each.channel_listing_id for each in part], actor="test", at=NOON
            )
        asked.append(len(statements))
    assert asked[0] == asked[1]


@contextmanager
def counted(tx: Tx) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(tx.sync_connection, "before_cursor_execute", note)
    yield statements
    event.remove(tx.sync_connection, "before_cursor_execute", note)


async def id_of(tx: Tx, channel_listing_id: str) -> UUID:
    found = await tx.scalar(
        text("SELECT id FROM listings WHERE channel_listing_id = :id"), {"id": channel_listing_id}
    )
    assert isinstance(found, UUID)
    return found


async def all_of(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]
