"""One query for any listings equals the pure function for each; the database refuses rules that cannot be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hub.flows.stock import place_stock
from hub.flows.stock.set_components import set_components
from hub.flows.stock.set_visibility import Clearing, Wish, clear_rules, put_in_group, set_rules
from hub.kit.ids import uuid7
from hub.model.stock.bundles import Kind, Recipe, explode, times
from hub.model.stock.explain import explain, recompute
from hub.model.stock.levels import Level, show
from hub.model.stock.locations import Location, counting
from hub.model.stock.visibility import (
    FIELDS,
    NO_RULE,
    SHOWN_MAX,
    Allotted,
    Rule,
    Scope,
    in_effect,
    together,
    unfold,
)
from hub.model.stock.wants import Parts
from hub.store import channels
from hub.store.api.stock import stock
from hub.store.db import Tx, page
from hub.store.publications import FREE, SHOWN
from hub.store.stock import locations, skus, visibility
from hub.store.stock.conditions import conditions_of
from hub.store.stock.history import grounds_of
from hub.store.stock.shown import shown_of
from tests.builders import NOON

pytestmark = pytest.mark.anyio

T = TypeVar("T")
Change = Wish | Clearing | Recipe | place_stock.Wish | tuple[str, str]
CHANNELS = ("web", "till", "bay")
GROUPS = {"MUG": "fragile", "RUG": "soft", "TEA": "", "PAIR": "", "BOX": "fragile"}
ITEMS = ("MUG", "RUG", "TEA")
SELLS = {"main": True, "shop": True, "depot": False}
SITES = tuple(Location(code, code, 1, sells) for code, sells in SELLS.items())
COUNTS = st.integers(0, 20)
SCOPES = [
    Scope(),
    *(Scope(channel) for channel in CHANNELS),
    *(Scope(None, group) for group in ("fragile", "soft")),
    *(Scope(channel, "fragile") for channel in CHANNELS),
]
SLOW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Listed(Struct, frozen=True):
    """A listing with the buffer and the cap of its own columns, and the adaptive buffer that was worked out for it."""

    id: UUID
    channel: str
    sku: str
    units: int
    buffer: int
    cap: int | None
    adaptive: int | None = None

    @property
    def scope(self) -> Scope:
        return Scope(self.channel, None, str(self.id))


class World(Struct, frozen=True):
    levels: list[Level]
    listed: list[Listed]
    rules: dict[Scope, Rule]
    sites: tuple[Location, ...] = SITES
    recipes: tuple[Recipe, ...] = (
        Recipe("PAIR", Kind.BUNDLE, {"MUG": 2}),
        Recipe("BOX", Kind.BUNDLE, {"PAIR": 1}),
    )

    def parts_of(self, sku: str) -> Parts:
        """What one of the SKU takes of stock."""
        return explode(self.recipes).get(sku, {sku: 1})


@st.composite
def rules(draw: st.DrawFn, *, of_channel: bool) -> Rule:
    """Each field is said every other time; a rule that would say nothing caps."""

    def maybe(values: st.SearchStrategy[T]) -> T | None:
        return draw(values) if draw(st.booleans()) else None

    percent = maybe(st.integers(0, 100))
    places = maybe(st.lists(st.sampled_from([*SELLS]), min_size=1, max_size=2, unique=True))
    risk = maybe(st.just(1.0))
    rule = Rule(
        None if percent is not None else maybe(COUNTS),
        percent,
        maybe(COUNTS),
        maybe(COUNTS) if of_channel else None,
        maybe(st.integers(0, 5)),
        tuple(sorted(places)) if places else None,
        risk,
        maybe(COUNTS) if risk else None,
    )
    return Rule(cap=3) if rule == NO_RULE else rule


@st.composite
def worlds(draw: st.DrawFn) -> World:
    counts = st.integers(-3, 40)
    books = [
        Level(sku, place, draw(counts), draw(COUNTS), 0, draw(st.integers(0, 3)))
        for sku in ITEMS
        for place in draw(st.lists(st.sampled_from([*SELLS]), unique=True))
    ]
    listed = [
        Listed(
            UUID(int=number),
            channel,
            sku,
            draw(st.sampled_from([1, 1, 2, 6])),
            draw(st.sampled_from([0, 0, 2])),
            draw(st.sampled_from([None, None, 4])),
            draw(st.sampled_from([None, 0, 3])),
        )
        for number, (channel, sku) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from(CHANNELS), st.sampled_from([*GROUPS])), min_size=2))
        )
    ]
    scopes = draw(
        st.lists(st.sampled_from([*SCOPES, *(each.scope for each in listed)]), min_size=3, unique=True)
    )
    said = {scope: draw(rules(of_channel=scope.channel is not None)) for scope in scopes}
    serving = st.sampled_from([(), (), ("web",), ("till",), ("till", "web")])
    sites = tuple(Location(code, code, 1, sells, channels=draw(serving)) for code, sells in SELLS.items())
    return World(books, listed, said, sites, (draw(recipes("PAIR")), draw(recipes("BOX", "PAIR"))))


def recipes(sku: str, *bundles: str) -> st.SearchStrategy[Recipe]:
    """Bundles of items, and of these bundles."""
    made_of = st.dictionaries(st.sampled_from([*ITEMS, *bundles]), st.integers(1, 3), min_size=1)
    return st.builds(Recipe, st.just(sku), st.just(Kind.BUNDLE), made_of)


def rule_of(world: World, each: Listed) -> Rule:
    """By its definition: the most specific first, field by field."""
    group = GROUPS[each.sku] or "none"
    scopes = [Scope(each.channel, group), Scope(None, group), Scope(each.channel), Scope()]
    columns = Rule(buffer=each.buffer or None, cap=each.cap)
    others = [world.rules.get(scope, NO_RULE) for scope in scopes]
    return together([world.rules.get(each.scope, NO_RULE), columns, *others])


def counting_of(world: World, each: Listed) -> tuple[str, ...] | None:
    own = "shop" if each.channel == "till" else None
    return counting(world.sites, each.channel, of_rule=rule_of(world, each).locations, own=own)


def shares(some: tuple[str, ...] | None, others: tuple[str, ...] | None) -> bool:
    """Whether a location counts for both."""
    return not set(SELLS if some is None else some).isdisjoint(SELLS if others is None else others)


def allotted_of(world: World, each: Listed, part: str) -> Allotted:
    """For each channel the most that a listing of a SKU there has, if it counts a location in common; all SKUs that
    take of the part are added up.
    """
    claims = {(channel, sku): 0 for channel in CHANNELS for sku in GROUPS}
    for other in world.listed:
        takes = (rule_of(world, other).allotment or 0) * world.parts_of(other.sku).get(part, 0)
        if shares(counting_of(world, each), counting_of(world, other)):
            claims[other.channel, other.sku] = max(claims[other.channel, other.sku], takes)
    own = sum(units for (channel, _), units in claims.items() if channel == each.channel)
    return Allotted(own, sum(claims.values()) - own)


def shown_by_definition(world: World, each: Listed) -> int:
    selling = [level for level in world.levels if SELLS[level.location]]
    rule = in_effect(replace(rule_of(world, each), locations=counting_of(world, each)), each.adaptive)
    parts = times(world.parts_of(each.sku), each.units)
    return show(selling, parts, rule, {part: allotted_of(world, each, part) for part in parts}).shown


@SLOW
@given(world=worlds())
async def test_the_query_for_many_equals_the_function_for_each(tx: Tx, world: World):
    async with made(tx, world):
        shown = await shown_of(tx, [each.id for each in world.listed])
        wanted = {each.id: shown_by_definition(world, each) for each in world.listed}
        assert {key: each.quantity for key, each in shown.items()} == wanted
        some = await shown_of(tx, [world.listed[0].id])
        assert some == {world.listed[0].id: shown[world.listed[0].id]}
        everything = text(f"SELECT l.id, {SHOWN} AS quantity FROM listings l {FREE}")
        assert {row.id: row.quantity for row in await tx.execute(everything)} == wanted


@SLOW
@given(world=worlds())
async def test_a_quantity_can_be_worked_out_from_what_is_said_of_it(tx: Tx, world: World):
    async with made(tx, world):
        for each in (await shown_of(tx, [each.id for each in world.listed])).values():
            again = unfold(each.free, each.rule, units=each.units, allotted=each.allotted, whole=each.whole)
            assert again.shown == each.quantity


@st.composite
def changes(draw: st.DrawFn) -> tuple[World, Change]:
    """A world, and what somebody changes in it: a rule set or taken back, a SKU regrouped, a bundle made of other
    parts, a location that serves other channels.
    """
    world = draw(worlds())
    scope = draw(st.sampled_from([*SCOPES, *(each.scope for each in world.listed)]))
    wish = Wish(scope, draw(rules(of_channel=scope.channel is not None)))
    fields = draw(st.lists(st.sampled_from(FIELDS), unique=True))
    clearing = Clearing(draw(st.sampled_from([*world.rules])), tuple(fields))
    regrouped = draw(st.sampled_from([*GROUPS])), draw(st.sampled_from([*GROUPS.values()]))
    served = tuple(draw(st.lists(st.sampled_from(CHANNELS), unique=True)))
    placed = place_stock.Wish(draw(st.sampled_from([*SELLS])), sellable=draw(st.booleans()), channels=served)
    made_of = draw(recipes("PAIR") | recipes("BOX", "PAIR"))
    what: list[Change] = [wish, clearing, regrouped, placed, made_of]
    return world, draw(st.sampled_from(what))


@SLOW
@given(changed=changes())
async def test_whoever_shows_another_number_after_a_change_is_marked(tx: Tx, changed: tuple[World, Change]):
    world, change = changed
    async with made(tx, world):
        ids = [each.id for each in world.listed]
        before = await shown_of(tx, ids)
        await make(tx, change)
        after = await shown_of(tx, ids)
        marked = set(await tx.scalars(text("SELECT listing_id FROM publications WHERE version = 2")))
        assert {key for key in ids if before[key].quantity != after[key].quantity} <= marked


async def make(tx: Tx, change: Change) -> None:
    match change:
        case Wish():
            await set_rules(tx, [change], actor="ada", at=NOON)
        case Clearing():
            await clear_rules(tx, [change], actor="ada", at=NOON)
        case Recipe():
            await set_components(tx, [change], actor="ada", at=NOON)
        case place_stock.Wish():
            await place_stock.place_stock(tx, [change], at=NOON)
        case (sku, group):
            await put_in_group(tx, [sku], group, actor="ada", at=NOON)


async def test_huge_numbers_are_parted_without_an_overflow(tx: Tx):
    most = 2_000_000_000
    listed = [Listed(uuid7(), channel, "TEA", 1, 0, None) for channel in CHANNELS]
    books = [Level("TEA", place, most) for place in ("main", "shop")]
    world = World(books, listed, {Scope(channel): Rule(allotment=most) for channel in CHANNELS})
    async with made(tx, world):
        shown = await shown_of(tx, [each.id for each in listed])
        assert {each.quantity for each in shown.values()} == {2 * most // 3}


async def test_levels_that_add_up_to_more_than_a_column_holds_stop_nobody(tx: Tx):
    least, most = -(2**31), SHOWN_MAX
    listed = [Listed(uuid7(), "web", sku, 1, 0, None) for sku in ("TEA", "RUG", "PAIR")]
    books = [Level("TEA", place, most) for place in ("main", "shop")] + [Level("RUG", "main", least, most)]
    world = World([*books, Level("MUG", "main", least, 1), Level("MUG", "shop", most)], listed, {})
    async with made(tx, world):
        shown = await shown_of(tx, [each.id for each in listed])
        assert {key: each.quantity for key, each in shown.items()} == {
            each.id: shown_by_definition(world, each) for each in listed
        }
        assert [x.available for x in await stock(tx, skus=["RUG", "TEA"], limit=9, at=NOON)] == [0, 2 * most]
        assert {each.kind for each in await conditions_of(tx, ["TEA", "RUG"], at=NOON)} > {"oversold"}
        assert recompute(explain(await grounds_of(tx, "TEA", at=NOON), at=NOON)) == [most]


async def test_an_explanation_names_places_that_sell_and_none_where_all_of_these_count(tx: Tx):
    listed = [Listed(uuid7(), channel, "TEA", 1, 0, None) for channel in ("web", "till")]
    sites = tuple(replace(each, channels=("till",) if each.code == "shop" else ()) for each in SITES)
    async with made(tx, World([Level("TEA", "main", 3)], listed, {}, sites)):
        offers = (await grounds_of(tx, "TEA", at=NOON)).offers
    assert {each.channel: each.places for each in offers} == {"web": ["main"], "till": None}


@pytest.mark.parametrize(
    ("columns", "values", "rule"),
    [
        ("buffer_percent", "101", "percent_in_range"),
        ("buffer_percent", "-1", "percent_in_range"),
        ("buffer", "-1", "buffer_not_negative"),
        ("cap", "-1", "cap_not_negative"),
        ("minimum", "-1", "minimum_not_negative"),
        ("risk_percent", "0", "risk_possible"),
        ("risk_percent", "100", "risk_possible"),
        ("buffer_max, cap", "3, 1", "buffer_max_of_a_risk"),
        ("allotment", "1", "allotment_of_a_channel"),
        ("sku_group, cap", "'', 1", "group_not_empty"),
        ("sku_group", "'fragile'", "says_something"),
        ("buffer, buffer_percent", "1, 1", "buffer_in_one_unit"),
        ("locations", "'{}'", "locations_named"),
        ("listing_id, sku_group, cap", "gen_random_uuid(), 'fragile', 1", "listing_says_all"),
    ],
)
async def test_the_database_names_the_rule_that_refuses_a_rule(tx: Tx, columns: str, values: str, rule: str):
    statement = f"INSERT INTO visibility_rules (id, changed_at, {columns}) VALUES (gen_random_uuid(), now(), {values})"
    with pytest.raises(IntegrityError, match=f"ck_visibility_rules_{rule}"):
        await tx.execute(text(statement))


async def test_a_scope_has_one_rule_also_where_it_names_nothing(tx: Tx):
    statement = "INSERT INTO visibility_rules (id, changed_at, cap) VALUES (gen_random_uuid(), now(), 1)"
    await tx.execute(text(statement))
    with pytest.raises(IntegrityError, match="uq_visibility_rules_channel_id_sku_group_listing_id"):
        await tx.execute(text(statement))


@asynccontextmanager
async def made(tx: Tx, world: World) -> AsyncIterator[None]:
    """The world in the database, for as long as the block lasts."""
    nested = await tx.begin_nested()
    await tx.execute(text("DELETE FROM locations"))
    await skus.put_skus(tx, [skus.Sku(sku, sku) for sku in GROUPS], at=NOON)
    for sku, group in GROUPS.items():
        await visibility.put_in_group(tx, [sku], group)
    keys = {slug: uuid7() for slug in CHANNELS}
    for slug, key in keys.items():
        new = channels.NewChannel(key, uuid7(), slug, slug, "woocommerce", b"", slug)
        await channels.add_channel(tx, new, at=NOON)
    await skus.note_counted(tx, ITEMS, at=NOON)
    await locations.put_locations(tx, world.sites)
    await tx.execute(text("UPDATE channels SET location = 'shop' WHERE slug = 'till'"))
    await tx.execute(_LEVELS, {"page": page(world.levels)})
    await tx.execute(_LISTINGS, {"page": page(world.listed)})
    await tx.execute(_ADAPTIVE, {"page": page(world.listed)})
    await set_components(tx, world.recipes, actor="ada", at=NOON)
    await tx.execute(text("DELETE FROM publications"))
    await visibility.put_rules(
        tx, [row_of(scope, rule, keys) for scope, rule in world.rules.items()], at=NOON
    )
    await tx.execute(_TOLD)
    try:
        yield
    finally:
        await nested.rollback()


def row_of(scope: Scope, rule: Rule, keys: dict[str, UUID]) -> visibility.NewRule:
    listing = UUID(scope.listing) if scope.listing else None
    channel = keys[scope.channel] if scope.channel and not listing else None
    return visibility.NewRule(
        uuid7(),
        channel,
        scope.group,
        listing,
        rule.buffer,
        rule.buffer_percent,
        rule.cap,
        rule.allotment,
        rule.minimum,
        rule.locations,
        rule.risk_percent,
        rule.buffer_max,
    )


_LEVELS = text("""
INSERT INTO levels (sku, location, on_hand, allocated, reserved, safety_stock)
SELECT sku, location, on_hand, allocated, reserved, safety_stock FROM json_to_recordset(CAST(:page AS json))
  AS x(sku text, location text, on_hand int, allocated int, reserved int, safety_stock int)""")
_LISTINGS = text("""
INSERT INTO listings (id, channel_id, channel_listing_id, sku, units, buffer, cap, created_at)
SELECT x.id, c.id, x.id::text, x.sku, x.units, x.buffer, x.cap, now() FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, channel text, sku text, units int, buffer int, cap int) JOIN channels c ON c.slug = x.channel""")
_ADAPTIVE = text("""
INSERT INTO adaptive_buffers (listing_id, risk_percent, buffer, sells_a_day, told_s, chance_percent, costs_a_week,
                              worked_out_at)
SELECT id, 1, adaptive, 0, 0, 0, 0, now() FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, adaptive int)
WHERE adaptive IS NOT NULL""")
_TOLD = text("""
INSERT INTO publications (listing_id, channel_id, sent_version, confirmed_version)
SELECT id, channel_id, 1, 1 FROM listings""")
