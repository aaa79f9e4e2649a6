"""Products and their variants."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.products import Product, Values, Variant
from hub.store.db import Tx, page
from hub.store.stock.components import AVAILABLE

_LOCK = text("SELECT code, title, options FROM products WHERE code = ANY(:codes) ORDER BY code FOR UPDATE")
_VARIANTS = text("SELECT product, sku, options FROM skus WHERE product = ANY(:codes) ORDER BY product, sku")


class Held(Struct, frozen=True):
    """A product with its variants, as the hub holds it."""

    product: Product
    variants: list[Variant]


async def lock_products(tx: Tx, codes: Sequence[str]) -> dict[str, Held]:
    """Lock and return those of these products that there are; their variants stay theirs until the end."""
    wanted = {"codes": sorted(set(codes))}
    rows = list(await tx.execute(_LOCK, wanted))
    variants: dict[str, list[Variant]] = {}
    for row in await tx.execute(_VARIANTS, wanted):
        variants.setdefault(row.product, []).append(Variant(row.sku, row.options))
    return {
        row.code: Held(Product(row.code, row.title, tuple(row.options)), variants.get(row.code, []))
        for row in rows
    }


_ADD = """
INSERT INTO products (code, title, options, created_at)
SELECT code, title, ARRAY(SELECT jsonb_array_elements_text(options)), :at
FROM json_to_recordset(CAST(:page AS json)) AS x(code text, title text, options jsonb) ORDER BY code
ON CONFLICT (code) """
_ADD_NEW = text(f"{_ADD}DO NOTHING")
_PUT = text(f"{_ADD}DO UPDATE SET title = excluded.title, options = excluded.options")


async def add_products(tx: Tx, products: Sequence[Product], *, at: datetime) -> None:
    """Add those that are not there yet; the others stay as they are."""
    await tx.execute(_ADD_NEW, {"page": page(products), "at": at})


async def put_products(tx: Tx, products: Sequence[Product], *, at: datetime) -> None:
    """Add products, or take over what changed of those that are there."""
    await tx.execute(_PUT, {"page": page(products), "at": at})


_PRODUCT_OF = text("SELECT sku, product FROM skus WHERE sku = ANY(:skus) ORDER BY sku FOR NO KEY UPDATE")


async def lock_skus(tx: Tx, skus: Sequence[str]) -> dict[str, str | None]:
    """Lock those of these SKUs that there are; return the product of each."""
    return {row.sku: row.product for row in await tx.execute(_PRODUCT_OF, {"skus": sorted(set(skus))})}


_TAKE_OUT = text("UPDATE skus SET product = NULL, options = '{}' WHERE sku = ANY(:skus)")
_SET = text("""
UPDATE skus s SET product = x.product, options = coalesce(x.options, '{}')
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, product text, options jsonb) WHERE s.sku = x.sku""")


async def set_variants(tx: Tx, variants: Mapping[str, tuple[str | None, Values]]) -> None:
    """Say by SKU of which product it is a variant, with which values; None: of no product any more.

    All are taken out first, so that two of them may change their values with each other.
    """
    rows = [
        {"sku": sku, "product": product, "options": dict(values)}
        for sku, (product, values) in variants.items()
    ]
    await tx.execute(_TAKE_OUT, {"skus": sorted(variants)})
    await tx.execute(_SET, {"page": page(rows)})


class VariantOf(Struct, frozen=True):
    """A variant as lists show it, with what may be sold of it."""

    sku: str
    name: str
    values: Values
    available: int


class ProductOf(Struct, frozen=True):
    code: str
    title: str
    options: list[str]
    variants: list[VariantOf]

    @property
    def available(self) -> int:
        return sum(each.available for each in self.variants)


_LIST = text(f"""
SELECT p.code, p.title, p.options, coalesce(v.variants, '[]') AS variants
FROM (SELECT * FROM products WHERE code > :after AND (CAST(:only AS text[]) IS NULL OR code = ANY(:only))
      ORDER BY code LIMIT :limit) p
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('sku', s.sku, 'name', s.name, 'available', n.available,
           'values', s.options) ORDER BY s.sku) AS variants
  FROM skus s CROSS JOIN LATERAL (SELECT {AVAILABLE} AS available) n WHERE s.product = p.code
) v ON true
ORDER BY p.code""")  # noqa: S608 -- constants only


async def list_products(
    tx: Tx, *, after: str = "", codes: Sequence[str] | None = None, limit: int
) -> list[ProductOf]:
    """One page of products in the order of their codes, each with its variants."""
    wanted = {"after": after, "only": list(codes) if codes is not None else None, "limit": limit}
    rows = (await tx.execute(_LIST, wanted)).mappings()
    return msgspec.convert([dict(row) for row in rows], list[ProductOf])
