"""SKUs become variants of a product and stand for themselves again; no stock moves by it, and none has two products."""

from collections.abc import Sequence

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from hub.flows.stock.set_products import add_variants, put_products, remove_variants
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.stock.products import Product, Variant
from hub.store.db import Tx
from hub.store.stock.products import list_products
from tests.builders import NOON, open_shop
from tests.flows.test_take_orders import rows

SHIRT = Product("SHIRT", "T-shirt", ("size",))
BOOKS = "SELECT count(*), (SELECT sum(version) FROM publications) FROM movements"


async def shirts(tx: Tx, **sizes: str) -> None:
    """SHIRT with a variant of each size, by its SKU; one more SKU is on its own."""
    await open_shop(tx, dict.fromkeys([*sizes, "MUG"], 3))
    variants = [Variant(sku, {"size": size}) for sku, size in sizes.items()]
    await put_products(tx, [SHIRT], {"SHIRT": variants}, actor="ada", at=NOON)


async def add(tx: Tx, *variants: Variant, code: str = "SHIRT") -> None:
    await add_variants(tx, {code: variants}, actor="ada", at=NOON)


async def held(tx: Tx) -> list[tuple[object, ...]]:
    return await rows(tx, "SELECT sku, product, options FROM skus WHERE product IS NOT NULL ORDER BY sku")


async def test_variants_are_listed_with_what_may_be_sold_of_each(tx: Tx) -> None:
    await shirts(tx, S1="S", S2="M")
    (shirt,) = await list_products(tx, limit=9)
    assert [(each.sku, each.values, each.available) for each in shirt.variants] == [
        ("S1", {"size": "S"}, 3),
        ("S2", {"size": "M"}, 3),
    ]
    assert (shirt.available, await list_products(tx, codes=["MUG"], limit=9)) == (6, [])


async def test_no_stock_moves_and_no_channel_is_told(tx: Tx) -> None:
    await open_shop(tx, {"S1": 3})
    before = await rows(tx, BOOKS)
    await put_products(tx, [SHIRT], {"SHIRT": [Variant("S1", {"size": "S"})]}, actor="ada", at=NOON)
    assert await rows(tx, BOOKS) == before


async def test_a_variant_taken_out_stands_for_itself(tx: Tx) -> None:
    await shirts(tx, S1="S", S2="M")
    await remove_variants(tx, ["S1"], actor="ada", at=NOON)
    assert await held(tx) == [("S2", "SHIRT", {"size": "M"})]
    with pytest.raises(NotFoundError, match="S1 is no variant"):
        await remove_variants(tx, ["S2", "S1"], actor="ada", at=NOON)


WRONG: dict[str, tuple[type[Exception], str, Sequence[Variant]]] = {
    "as another one": (InputError, "are the same variant", [Variant("MUG", {"size": "M"})]),
    "without its option": (InputError, "no options: product SHIRT has size", [Variant("MUG")]),
    "a SKU nobody knows": (NotFoundError, "there is no SKU CUP", [Variant("CUP", {"size": "L"})]),
    "one SKU twice": (InputError, "twice", [Variant("MUG", {"size": "L"}), Variant("MUG", {"size": "XL"})]),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_cannot_be_a_variant_is_refused_and_changes_nothing(tx: Tx, wrong: str) -> None:
    await shirts(tx, S1="S", S2="M")
    before, (kind, said, variants) = await held(tx), WRONG[wrong]
    with pytest.raises(kind, match=said):
        await add(tx, *variants)
    assert await held(tx) == before


async def test_a_sku_is_a_variant_of_one_product(tx: Tx) -> None:
    await shirts(tx, S1="S")
    await put_products(tx, [Product("BLOUSE", "Blouse", ("size",))], actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="S1 is a variant of SHIRT"):
        await add(tx, Variant("S1", {"size": "S"}), code="BLOUSE")
    with pytest.raises(NotFoundError, match="there is no product SKIRT"):
        await add(tx, Variant("MUG", {"size": "S"}), code="SKIRT")


async def test_two_variants_may_change_their_values_with_each_other(tx: Tx) -> None:
    await shirts(tx, S1="S", S2="M")
    with pytest.raises(InputError, match="are the same variant"):
        await add(tx, Variant("S1", {"size": "M"}))
    for one, other in (("M", "S"), ("S", "M"), ("M", "S")):
        await add(tx, Variant("S1", {"size": one}), Variant("S2", {"size": other}))
    assert [row[2] for row in await held(tx)] == [{"size": "M"}, {"size": "S"}]


async def test_a_product_with_variants_keeps_its_options_and_may_have_another_title(tx: Tx) -> None:
    await shirts(tx, S1="S")
    with pytest.raises(WrongStateError, match="has variants by size"):
        await put_products(tx, [Product("SHIRT", "T-shirt", ("cut",))], actor="ada", at=NOON)
    await put_products(tx, [Product("SHIRT", "Shirt", ("size",))], actor="ada", at=NOON)
    assert (await list_products(tx, limit=1))[0].title == "Shirt"


async def test_the_database_itself_refuses_two_alike_and_options_of_nothing(tx: Tx) -> None:
    await shirts(tx, S1="S", S2="M")
    for statement, rule in (
        ("UPDATE skus SET options = '{\"size\": \"M\"}' WHERE sku = 'S1'", "uq_skus_variant"),
        ("UPDATE skus SET options = '{\"size\": \"M\"}' WHERE sku = 'MUG'", "ck_skus_options_of_a_product"),
    ):
        with pytest.raises(IntegrityError, match=rule):
            async with tx.begin_nested():
                await tx.execute(text(statement))


async def test_the_number_of_statements_does_not_grow_with_the_variants(tx: Tx) -> None:
    await open_shop(tx, {f"S{n}": 0 for n in range(40)})

    async def statements_of(*numbers: int) -> int:
        asked: list[object] = []
        note = lambda *facts: asked.append(facts[2])  # noqa: E731 -- a listener that can be taken off again
        event.listen(tx.sync_connection, "before_cursor_execute", note)
        variants = {"SHIRT": [Variant(f"S{n}", {"size": f"{n}"}) for n in numbers]}
        await put_products(tx, [SHIRT], variants, actor="ada", at=NOON)
        event.remove(tx.sync_connection, "before_cursor_execute", note)
        return len(asked)

    assert await statements_of(0) == await statements_of(*range(1, 40))
