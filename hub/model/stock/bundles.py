"""What bundles and kits are made of: their components, exploded to the parts that lie on shelves. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.stock.wants import Parts

NESTING_MAX = 4  # bundles inside one another
COMPONENTS_MAX = 100  # of one bundle or kit
UNITS_MAX = 10_000  # of one component, and of one part once all is exploded


class Kind(StrEnum):
    """A bundle is exploded when sold and has no stock; a kit is assembled beforehand and has its own."""

    ITEM = "item"
    BUNDLE = "bundle"
    KIT = "kit"


class Recipe(Struct, frozen=True):
    """What one unit of a SKU is made of, one level down. An item is made of nothing."""

    sku: str
    kind: Kind
    components: Parts = {}


def explode(recipes: Iterable[Recipe]) -> dict[str, Parts]:
    """Say what each bundle or kit here is made of in the end: items and kits only, since these have stock.

    All bundles that these contain must be among the recipes. Raises InputError where one contains itself, is nested
    too deep, or takes too many of one part.
    """
    made_of = {recipe.sku: recipe for recipe in recipes}
    bundles = {sku for sku, recipe in made_of.items() if recipe.kind is Kind.BUNDLE}
    exploded: dict[str, Parts] = {}
    chains: dict[str, list[str]] = {}
    for sku in _components_first(made_of):
        if sku in made_of and made_of[sku].components:
            components = made_of[sku].components
            nested = max((chains.get(each, []) for each in components), key=len)
            exploded[sku] = _add_up(components, exploded, bundles)
            chains[sku] = [sku, *nested] if sku in bundles else []
            _refuse_too_much(sku, chains[sku] or nested, exploded[sku])
    return exploded


def times(parts: Parts, units: int) -> Parts:
    """The parts of so many."""
    return {sku: count * units for sku, count in parts.items()}


def sentence(recipe: Recipe) -> str:
    """The recipe as a person reads it: GIFT is a bundle of 1 × MUG, 2 × TEA."""
    made_of = ", ".join(f"{units} × {sku}" for sku, units in recipe.components.items())
    return f"{recipe.sku} is a {recipe.kind} of {made_of}" if made_of else f"{recipe.sku} is an item"


def refuse_bad(recipe: Recipe) -> None:
    """Raises InputError naming what no bundle or kit can be made of."""
    if recipe.kind is not Kind.ITEM and not recipe.components:
        msg = f"{recipe.kind} {recipe.sku} is made of nothing: name at least one part, such as MUG-BLUE:1"
        raise InputError(msg, field="parts")
    if len(recipe.components) > COMPONENTS_MAX:
        msg = f"{recipe.kind} {recipe.sku} has {len(recipe.components)} parts: {COMPONENTS_MAX} are the most"
        raise InputError(msg, field="parts")
    for sku, units in recipe.components.items():
        if not 1 <= units <= UNITS_MAX:
            msg = f"{recipe.kind} {recipe.sku} takes {units} of {sku}: it must be from 1 to {UNITS_MAX}"
            raise InputError(msg, field="units")


def _components_first(made_of: Mapping[str, Recipe]) -> list[str]:
    graph = {sku: sorted(recipe.components) for sku, recipe in sorted(made_of.items())}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        chain = " → ".join(reversed(error.args[1]))
        msg = f"nothing can be made of itself: {chain}; take one of them out of the other"
        raise InputError(msg, field="parts") from error


def _add_up(components: Parts, exploded: Mapping[str, Parts], bundles: AbstractSet[str]) -> Parts:
    sums: dict[str, int] = {}
    for component, units in components.items():
        inside = exploded.get(component, {}) if component in bundles else {component: 1}
        for part, count in times(inside, units).items():
            sums[part] = sums.get(part, 0) + count
    return dict(sorted(sums.items()))


def _refuse_too_much(sku: str, chain: list[str], parts: Parts) -> None:
    if len(chain) > NESTING_MAX:
        msg = f"{' → '.join(chain)} are more than {NESTING_MAX} bundles inside one another: name their parts instead"
        raise InputError(msg, field="parts")
    part, units = max(parts.items(), key=lambda each: each[1])
    if units > UNITS_MAX:
        msg = f"{sku} would take {units} of {part} in all: {UNITS_MAX} are the most"
        raise InputError(msg, field="units")
