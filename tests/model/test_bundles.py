"""A bundle takes what its components add up to, however they are nested, and nothing is made of itself (L7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.stock.bundles import COMPONENTS_MAX, NESTING_MAX, UNITS_MAX, Kind, Recipe, explode, refuse_bad

ITEMS = ("MUG", "TEA", "TIN")


def bundle(sku: str, **components: int) -> Recipe:
    return Recipe(sku, Kind.BUNDLE, components)


@st.composite
def families(draw: st.DrawFn) -> list[Recipe]:
    """Bundles that take items and any of the bundles before them, nested as deep as they may be."""
    recipes: list[Recipe] = []
    for number in range(draw(st.integers(1, NESTING_MAX))):
        names = st.sampled_from([*ITEMS, *(each.sku for each in recipes)])
        components = draw(st.dictionaries(names, st.integers(1, 5), min_size=1))
        recipes.append(Recipe(f"B{number}", Kind.BUNDLE, components))
    return recipes


def units_of(item: str, sku: str, made_of: dict[str, Recipe]) -> int:
    """By its definition, all the way down."""
    if sku not in made_of:
        return int(item == sku)
    return sum(units * units_of(item, each, made_of) for each, units in made_of[sku].components.items())


@given(families(), st.randoms())
def test_a_bundle_takes_what_its_components_take(recipes: list[Recipe], dice):
    made_of = {each.sku: each for each in recipes}
    dice.shuffle(recipes)
    counted = {
        sku: {item: units for item in ITEMS if (units := units_of(item, sku, made_of))} for sku in made_of
    }
    assert explode(recipes) == counted


def test_a_kit_in_a_bundle_is_taken_from_its_own_stock():
    kit = Recipe("HAMPER", Kind.KIT, {"MUG": 2})
    assert explode([bundle("GIFT", HAMPER=1, TEA=1), kit]) == {
        "GIFT": {"HAMPER": 1, "TEA": 1},
        "HAMPER": {"MUG": 2},
    }


def test_a_kit_is_assembled_from_the_parts_of_a_bundle_in_it():
    kit = Recipe("HAMPER", Kind.KIT, {"PAIR": 3})
    assert explode([kit, bundle("PAIR", MUG=2)])["HAMPER"] == {"MUG": 6}


def test_what_is_made_of_itself_is_refused_and_the_circle_is_named():
    with pytest.raises(InputError, match=r"made of itself: (BOX → GIFT → BOX|GIFT → BOX → GIFT);"):
        explode([bundle("GIFT", BOX=1), bundle("BOX", MUG=1, GIFT=1)])


def test_a_circle_through_a_kit_is_refused_as_well():
    with pytest.raises(InputError, match="made of itself"):
        explode([Recipe("KIT", Kind.KIT, {"BOX": 1}), bundle("BOX", KIT=1)])


def test_bundles_are_nested_up_to_the_limit_and_no_deeper():
    nested = [bundle("B1", MUG=1), *(bundle(f"B{n}", **{f"B{n - 1}": 1}) for n in range(2, NESTING_MAX + 1))]
    assert explode(nested)[f"B{NESTING_MAX}"] == {"MUG": 1}
    with pytest.raises(
        InputError, match="TOP → B4 → B3 → B2 → B1 are more than 4 bundles inside one another"
    ):
        explode([*nested, bundle("TOP", **{f"B{NESTING_MAX}": 1})])


def test_parts_that_add_up_to_too_many_are_refused():
    with pytest.raises(InputError, match="CRATE would take 20000 of MUG in all"):
        explode([bundle("CRATE", BOX=2), bundle("BOX", MUG=UNITS_MAX)])


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (bundle("GIFT"), "is made of nothing"),
        (bundle("GIFT", MUG=0), "takes 0 of MUG"),
        (bundle("GIFT", MUG=-1), "takes -1 of MUG"),
        (bundle("GIFT", MUG=UNITS_MAX + 1), "from 1 to 10000"),
        (Recipe("GIFT", Kind.KIT, {f"S{n}": 1 for n in range(COMPONENTS_MAX + 1)}), "has 101 parts"),
    ],
)
def test_a_recipe_nobody_could_follow_is_refused(recipe: Recipe, said: str):
    with pytest.raises(InputError, match=said):
        refuse_bad(recipe)
