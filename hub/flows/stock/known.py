"""Refuse what the hub does not know, before anything is written."""

from collections.abc import Iterable

from hub.model.errors import NotFoundError, WrongStateError
from hub.model.stock.bundles import Kind
from hub.store.db import Tx
from hub.store.stock import components, locations, skus, visibility


async def refuse_missing(tx: Tx, named: Iterable[str]) -> dict[str, Kind]:
    """What each of these SKUs is; raises NotFoundError naming those there are not."""
    asked = {*named}
    kinds = await skus.kinds_of(tx, sorted(asked))
    missing = sorted(asked - {*kinds})
    if missing:
        msg = (
            f"there is no SKU {', '.join(missing[:5])}: see hub sku list, or add it with: hub sku add"
            f" {missing[0]} NAME; nothing was changed"
        )
        raise NotFoundError(msg)
    return kinds


async def refuse_stockless(tx: Tx, named: Iterable[str]) -> None:
    """Raises NotFoundError for a SKU that is not there, WrongStateError for a bundle: it has no stock of its own."""
    bundles = [sku for sku, kind in (await refuse_missing(tx, named)).items() if kind is Kind.BUNDLE]
    if bundles:
        parts = await components.parts_of(tx, bundles[:1])
        msg = f"{bundles[0]} is a bundle and has no stock of its own: take its parts, {', '.join(parts[bundles[0]])}"
        raise WrongStateError(msg)


async def refuse_strange(tx: Tx, codes: Iterable[str]) -> None:
    """Raises NotFoundError naming the locations there are not."""
    known = {location.code for location in await locations.all_locations(tx)}
    strange = sorted({*codes} - known)
    if strange:
        msg = f"there is no location {', '.join(strange[:5])}: the hub knows {', '.join(sorted(known)) or 'none yet'}"
        raise NotFoundError(msg)


async def refuse_empty_groups(tx: Tx, groups: Iterable[str]) -> None:
    """Raises NotFoundError for a group that no SKU is in, naming those there are; "" are the SKUs without one."""
    named = {*groups} - {""}
    empty = sorted(named - await visibility.groups_with_skus(tx, sorted(named)))
    if empty:
        there = await visibility.some_groups(tx)
        msg = (
            f"no SKU is in group {empty[0]}: there is {', '.join(there) or 'none yet'}; put some in it first, with:"
            f" hub visibility group {empty[0]} SKU…"
        )
        raise NotFoundError(msg)
