"""Set components: a person says what bundles and kits are made of; what is sold of them is told anew.

Order lines keep the parts they were matched with: a recipe that changes never changes a promise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock.known import refuse_missing
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.stock.bundles import Kind, Recipe, explode, refuse_bad, sentence
from hub.model.stock.wants import Parts
from hub.store import publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import components, levels, skus
from hub.store.stock.components import Member

Family = Mapping[str, Member]


async def set_components(tx: Tx, recipes: Sequence[Recipe], *, actor: str, at: datetime) -> set[UUID]:
    """Make these SKUs what their recipes say; return the channels to be told.

    Raises InputError, NotFoundError or WrongStateError before anything is written. Orders that wait for a SKU that is
    a bundle from now on are filled by the next sweep.
    """
    for recipe in recipes:
        refuse_bad(recipe)
    wishes = {recipe.sku: recipe for recipe in recipes}
    named = [sku for recipe in recipes for sku in recipe.components]
    family = await components.lock_family(tx, list(wishes), named)
    _refuse_missing([*wishes, *named], family)
    after = {sku: member.recipe for sku, member in family.items()} | wishes
    exploded = explode(after.values())
    bundles = {sku: exploded[sku] for sku, member in family.items() if _is_concerned_bundle(member, after)}
    moved = await _lock(tx, family, wishes, bundles)
    await _refuse_own_stock(tx, family, wishes)
    await _refuse_uncounted(tx, bundles)
    await _write(tx, wishes, bundles, actor=actor, at=at)
    opened = await publications.open_publications(tx, list(bundles), at=at)
    marked = await publications.mark(tx, moved, at=at)
    await publications.stop_uncounted(tx, [sku for sku in wishes if sku not in bundles], at=at)
    return opened | marked


async def clear_components(
    tx: Tx, skus_named: Sequence[str], *, kind: Kind, actor: str, at: datetime
) -> set[UUID]:
    """Make items of these bundles or kits again; raises NotFoundError for what is none, else as set_components."""
    kinds = await refuse_missing(tx, skus_named)
    other = next((sku for sku in skus_named if kinds[sku] is not kind), None)
    if other is not None:
        msg = f"{other} is no {kind}: see hub {kind} list; nothing was changed"
        raise NotFoundError(msg)
    items = [Recipe(sku, Kind.ITEM) for sku in skus_named]
    return await set_components(tx, items, actor=actor, at=at)


async def _lock(
    tx: Tx, family: Family, wishes: Mapping[str, Recipe], bundles: Mapping[str, Parts]
) -> list[str]:
    """Return the SKUs to be told anew: with the levels of all parts locked, no change of stock misses one of them."""
    await components.lock_skus(tx, [sku for sku in wishes if family[sku].kind is not wishes[sku].kind])
    before = await components.parts_of(tx, [*bundles, *wishes])
    parts = sorted({part for those in (*before.values(), *bundles.values()) for part in those})
    await levels.lock_levels(tx, parts)
    await skus.lock_counting(tx)
    return [*bundles, *wishes, *parts]


async def _write(
    tx: Tx, wishes: Mapping[str, Recipe], bundles: Mapping[str, Parts], *, actor: str, at: datetime
) -> None:
    await components.put_recipes(tx, list(wishes.values()))
    gone = [sku for sku, recipe in wishes.items() if recipe.kind is not Kind.BUNDLE]
    await components.put_parts(tx, bundles, gone=gone)
    await components.explode_lines(tx, [sku for sku in wishes if sku in bundles])
    says = [sentence(recipe) for recipe in wishes.values()][:20]
    facts = {"says": says, "count": len(wishes)}
    await add_events(tx, [Event("components set", actor, facts=facts)], at=at)


def _is_concerned_bundle(member: Member, after: Mapping[str, Recipe]) -> bool:
    return member.concerned and after[member.sku].kind is Kind.BUNDLE


def _refuse_missing(named: Sequence[str], family: Family) -> None:
    missing = sorted({*named} - {*family})
    if missing:
        msg = f"there is no SKU {', '.join(missing[:5])}: add it first, with: hub sku add {missing[0]} NAME"
        raise NotFoundError(msg)


async def _refuse_own_stock(tx: Tx, family: Family, wishes: Mapping[str, Recipe]) -> None:
    new = [sku for sku, recipe in wishes.items() if recipe.kind is Kind.BUNDLE is not family[sku].kind]
    moved = await components.with_movements(tx, new)
    if moved:
        msg = (
            f"{moved[0]} has had stock of its own, and a bundle has none: give the bundle a SKU of its own,"
            f" or assemble it beforehand: hub kit set {moved[0]} --part SKU:UNITS"
        )
        raise WrongStateError(msg)


async def _refuse_uncounted(tx: Tx, bundles: Mapping[str, Parts]) -> None:
    """Nothing empties a catalogue without a person: a part nobody has counted would make it 0 (L12)."""
    uncounted = await skus.uncounted(tx, [part for parts in bundles.values() for part in parts])
    unsure = {sku: part for sku, parts in bundles.items() for part in parts if part in uncounted}
    told = await publications.published(tx, list(unsure))
    if told:
        msg = (
            f"channels sell {told[0]}, and nobody has counted {unsure[told[0]]}: they would be told 0; say how many"
            f" there are first: hub stock adjust {unsure[told[0]]} main --count N --reason 'opening stock'"
        )
        raise InputError(msg, field="parts")
