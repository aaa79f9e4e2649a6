"""Set products: a person says which SKUs are variants of one thing, and what tells them apart. No stock moves."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.flows.stock.known import refuse_missing
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.stock.products import Product, Values, Variant, refuse_bad, refuse_unlike
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import products

Wanted = Mapping[str, Sequence[Variant]]
"""Variants by the code of their product."""


async def put_products(
    tx: Tx, wanted: Sequence[Product], variants: Wanted | None = None, *, actor: str, at: datetime
) -> None:
    """Add products, or give those that are there a new title, and add these variants to them.

    Sending the same again changes nothing. Raises InputError, NotFoundError or WrongStateError before anything is
    written.
    """
    for product in wanted:
        refuse_bad(product)
    if len({product.code for product in wanted}) < len(wanted):
        msg = "a product stands there twice: name each once"
        raise InputError(msg, field="code")
    await products.add_products(
        tx, wanted, at=at
    )  # so that there is one to lock, whoever comes at the same moment
    held = await products.lock_products(tx, [product.code for product in wanted])
    for product in wanted:
        _refuse_other_options(product, held.get(product.code))
    await products.put_products(tx, wanted, at=at)
    facts = {"codes": [product.code for product in wanted][:20], "count": len(wanted)}
    await add_events(tx, [Event("products set", actor, facts=facts)], at=at)
    await add_variants(tx, variants or {}, actor=actor, at=at)


async def add_variants(tx: Tx, wanted: Wanted, *, actor: str, at: datetime) -> None:
    """Make these SKUs variants of their products, or give them other values. Raises as put_products."""
    added = {each.sku: (code, each.values) for code, those in wanted.items() for each in those}
    if not added:
        return
    _refuse_repeats(wanted, added)
    held = await products.lock_products(tx, list(wanted))
    _refuse_strange(wanted, held)
    await refuse_missing(tx, added)
    _refuse_taken(added, await products.lock_skus(tx, list(added)))
    for code, those in wanted.items():
        kept = [each for each in held[code].variants if each.sku not in added]
        refuse_unlike(held[code].product, [*kept, *those])
    await products.set_variants(tx, added)
    facts = {"skus": [*added][:20], "count": len(added)}
    await add_events(tx, [Event("variants added", actor, facts=facts)], at=at)


async def remove_variants(tx: Tx, skus: Sequence[str], *, actor: str, at: datetime) -> None:
    """These SKUs stand for themselves again. Raises NotFoundError for one that is no variant."""
    of = await products.lock_skus(tx, skus)
    lost = [sku for sku in skus if of.get(sku) is None]
    if lost:
        msg = f"{lost[0]} is no variant of a product: see hub product list; nothing was changed"
        raise NotFoundError(msg)
    await products.set_variants(tx, {sku: (None, {}) for sku in skus})
    facts = {"skus": list(skus)[:20], "count": len(skus)}
    await add_events(tx, [Event("variants removed", actor, facts=facts)], at=at)


async def variants_of(tx: Tx, codes: Sequence[str]) -> list[str]:
    """The SKUs of these products, for what is said of all of them at once; raises NotFoundError for one without any."""
    found = {
        each.code: each.variants for each in await products.list_products(tx, codes=codes, limit=len(codes))
    }
    bare = next((code for code in codes if not found.get(code)), None)
    if bare is not None:
        msg = f"there is no product {bare} with variants: see hub product list; nothing was changed"
        raise NotFoundError(msg)
    return [variant.sku for variants in found.values() for variant in variants]


def _refuse_other_options(product: Product, held: products.Held | None) -> None:
    if held is not None and held.variants and held.product.options != product.options:
        msg = (
            f"product {product.code} has variants by {', '.join(held.product.options) or 'no option'}: take them out"
            f" before it has other options, with: hub product remove-variant {held.variants[0].sku}"
        )
        raise WrongStateError(msg)


def _refuse_repeats(wanted: Wanted, added: Mapping[str, object]) -> None:
    if len(added) < sum(len(those) for those in wanted.values()):
        msg = "a SKU stands there twice: it is one variant of one product"
        raise InputError(msg, field="sku")


def _refuse_strange(wanted: Wanted, held: Mapping[str, object]) -> None:
    strange = sorted({*wanted} - {*held})
    if strange:
        msg = f"there is no product {strange[0]}: see hub product list, or begin it with: hub product new"
        raise NotFoundError(msg)


def _refuse_taken(added: Mapping[str, tuple[str, Values]], of: Mapping[str, str | None]) -> None:
    for sku, (code, _) in added.items():
        if of.get(sku) not in {None, code}:
            msg = (
                f"{sku} is a variant of {of[sku]}: take it out first, with: hub product remove-variant {sku}"
            )
            raise WrongStateError(msg)
