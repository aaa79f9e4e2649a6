"""A rule that changes what a listing shows marks that listing, and no unit is shown or promised that is kept back."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.stock.set_visibility import (
    Clearing,
    Wish,
    clear_rules,
    keep_safety_stock,
    put_in_group,
    set_rules,
)
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.visibility import Rule, Scope
from hub.store.db import Tx
from hub.store.publications import Told
from hub.store.stock.visibility import Keep
from tests.builders import MAIN, NOON, SHOP, claim_due, line, open_shop, order, put_stock, record_told, take

pytestmark = pytest.mark.anyio

WEB, TILL = Scope("web"), Scope("till")
LINES = "SELECT holds, allocated FROM orders o JOIN order_lines l ON l.order_id = o.id ORDER BY o.number"


class Market:
    """Ten mugs and six teas at the main location, two mugs in the shop, all listed on `web` and `till`, all told."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.channels: dict[str, UUID] = {}

    async def open(self) -> "Market":
        for slug in ("web", "till"):
            stock = {"MUG": 10, "TEA": 6} if slug == "web" else {"MUG": 0, "TEA": 0}
            self.channels[slug] = (await open_shop(self.tx, stock, slug=slug)).id
        await put_stock(self.tx, {"MUG": 2}, SHOP)
        await self.told()
        return self

    async def told(self) -> dict[str, int]:
        """Tell every channel what is due, also what it shows already, and return it: {"web MUG": 12}."""
        said: dict[str, int] = {}
        await self.tx.execute(text("UPDATE publications SET must_tell = true"))
        for slug, channel_id in self.channels.items():
            due = await claim_due(self.tx, channel_id, limit=100, at=NOON)
            told = [Told(each.listing_id, each.version, each.quantity, "applied") for each in due]
            await record_told(self.tx, told, at=NOON)
            said |= {f"{slug} {each.channel_sku}": each.quantity for each in due}
        return said

    async def set(self, scope: Scope, **fields: object) -> dict[str, int]:
        """Set a rule; return what is told then."""
        rule = Rule(**fields)  # type: ignore[arg-type]
        touched = await set_rules(self.tx, [Wish(scope, rule)], actor="ada", at=NOON)
        said = await self.told()
        assert {slug for slug, key in self.channels.items() if key in touched} == {
            each.split()[0] for each in said
        }
        return said

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.tx.execute(text(query))]


@pytest.fixture
async def market(tx: Tx) -> Market:
    return await Market(tx).open()


async def test_a_rule_for_a_channel_tells_that_channel_alone(market: Market):
    assert await market.set(WEB, buffer=4) == {"web MUG": 8, "web TEA": 2}


async def test_a_rule_for_a_listing_tells_that_listing_alone(market: Market):
    assert await market.set(Scope("web", None, "listing-MUG"), cap=3) == {"web MUG": 3}


async def test_a_rule_for_a_group_tells_its_skus_on_every_channel(market: Market):
    await put_in_group(market.tx, ["TEA"], "soft", actor="ada", at=NOON)
    await market.told()
    assert await market.set(Scope(group="soft"), minimum=7) == {"web TEA": 0, "till TEA": 0}


async def test_a_rule_that_names_nothing_tells_everybody(market: Market):
    said = await market.set(Scope(), buffer_percent=50)
    assert said == {"web MUG": 6, "web TEA": 3, "till MUG": 6, "till TEA": 3}


async def test_an_allotment_is_told_to_the_channels_it_hides_units_from(market: Market):
    said = await market.set(TILL, allotment=5)
    assert said == {"web MUG": 7, "web TEA": 1, "till MUG": 12, "till TEA": 6}


async def test_an_allotment_hides_nothing_where_no_location_is_counted_in_common(market: Market):
    await market.set(TILL, allotment=5, locations=(SHOP,))
    assert await market.set(WEB, locations=(MAIN,)) == {
        "web MUG": 10,
        "web TEA": 6,
        "till MUG": 2,
        "till TEA": 0,
    }


async def test_the_most_specific_rule_is_heard_field_by_field(market: Market):
    await market.set(WEB, cap=8, buffer=1)
    await market.set(Scope("web", None, "listing-MUG"), cap=9)
    await market.set(Scope(), cap=2, minimum=6)
    assert await market.set(WEB, buffer=2) == {"web MUG": 9, "web TEA": 0}


async def test_setting_a_field_leaves_the_others_and_clearing_takes_them_back(market: Market):
    await market.set(WEB, cap=3)
    assert await market.set(WEB, buffer=10) == {"web MUG": 2, "web TEA": 0}
    await clear_rules(market.tx, [Clearing(WEB, ("cap",))], actor="ada", at=NOON)
    assert await market.told() == {"web MUG": 2, "web TEA": 0}
    await clear_rules(market.tx, [Clearing(WEB)], actor="ada", at=NOON)
    assert (await market.told(), await market.rows("SELECT id FROM visibility_rules")) == (
        {"web MUG": 12, "web TEA": 6},
        [],
    )


async def test_what_changes_nothing_tells_nobody(market: Market):
    await market.set(WEB, cap=3)
    assert await market.set(WEB, cap=3) == {}
    assert len(await market.rows("SELECT id FROM events WHERE kind = 'visibility set'")) == 1


async def test_a_sku_that_changes_its_group_is_told_by_the_rules_of_the_new_one(market: Market):
    await put_in_group(market.tx, ["TEA"], "soft", actor="ada", at=NOON)
    await market.set(Scope(group="soft"), cap=1)
    await put_in_group(market.tx, ["MUG"], "soft", actor="ada", at=NOON)
    await put_in_group(market.tx, ["TEA"], "", actor="ada", at=NOON)
    assert await market.told() == {"web MUG": 1, "web TEA": 6, "till MUG": 1, "till TEA": 6}


async def test_safety_stock_is_hidden_from_all_and_what_comes_free_goes_to_who_waits(market: Market):
    await keep_safety_stock(market.tx, [Keep("TEA", MAIN, 5)], actor="ada", at=NOON)
    assert await market.told() == {"web TEA": 1, "till TEA": 1}
    seller = await open_shop(market.tx, {}, slug="bay")
    await take(market.tx, seller, order("1", line("GHOST", 1)))
    await market.tx.execute(text("UPDATE order_lines SET sku = 'TEA', quantity = 4"))
    await market.tx.execute(text("UPDATE orders SET holds = '{oversold}'"))
    await keep_safety_stock(market.tx, [Keep("TEA", MAIN, 2)], actor="ada", at=NOON)
    assert await market.rows(LINES) == [([], 4)]
    assert await market.told() == {"web TEA": 0, "till TEA": 0}


async def test_safety_stock_may_be_named_before_anything_is_there(market: Market):
    await keep_safety_stock(market.tx, [Keep("TEA", SHOP, 2)], actor="ada", at=NOON)
    await put_stock(market.tx, {"TEA": 3}, SHOP)
    assert await market.told() == {"web TEA": 7, "till TEA": 7}


@pytest.mark.parametrize(
    ("scope", "fields", "said"),
    [
        (Scope("moon"), {"cap": 1}, "there is no channel moon: see hub channel list"),
        (Scope("web", None, "1"), {"cap": 1}, "there is no listing 1 on web: see hub listing list web"),
        (Scope(group="soft"), {"cap": 1}, "no SKU is in group soft"),
        (WEB, {"locations": ("moon",)}, "there is no location moon: the hub knows main, shop"),
        (WEB, {}, "says nothing"),
    ],
)
async def test_what_cannot_be_set_is_said_and_nothing_changes(
    market: Market, scope: Scope, fields: dict[str, object], said: str
):
    wishes = [Wish(WEB, Rule(cap=1)), Wish(scope, Rule(**fields))]  # type: ignore[arg-type]
    with pytest.raises((InputError, NotFoundError), match=said):
        await set_rules(market.tx, wishes, actor="ada", at=NOON)
    assert (await market.rows("SELECT id FROM visibility_rules"), await market.told()) == ([], {})


async def test_a_rule_that_is_not_there_cannot_be_cleared(market: Market):
    with pytest.raises(NotFoundError, match="there is no rule for channel web: see hub visibility list"):
        await clear_rules(market.tx, [Clearing(WEB)], actor="ada", at=NOON)


async def test_several_wishes_for_one_scope_are_one_rule(market: Market):
    wishes = [Wish(WEB, Rule(cap=1)), Wish(WEB, Rule(buffer=1)), Wish(WEB, Rule(buffer_percent=50))]
    await set_rules(market.tx, wishes, actor="ada", at=NOON)
    assert await market.rows("SELECT cap, buffer, buffer_percent FROM visibility_rules") == [(1, None, 50)]
