"""The variants of a product have its options, each of them, and no two are alike."""

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.stock.products import Product, Variant, in_words, refuse_bad, refuse_unlike

SHIRT = Product("SHIRT", "T-shirt", ("size", "color"))
sizes, colors = st.sampled_from(("S", "M")), st.sampled_from(("blue", "red"))


def shirt(sku: str, **values: str) -> Variant:
    return Variant(sku, values)


@given(st.lists(st.tuples(sizes, colors), max_size=5))
def test_variants_are_taken_exactly_where_no_two_are_alike(chosen: list[tuple[str, str]]):
    variants = [shirt(f"S{n}", size=size, color=color) for n, (size, color) in enumerate(chosen)]
    alike = len(set(chosen)) < len(chosen)
    with pytest.raises(InputError, match="are the same variant of SHIRT") if alike else nullcontext():
        refuse_unlike(SHIRT, variants)


@pytest.mark.parametrize("values", [{}, {"size": "M"}, {"size": "M", "color": "red", "cut": "slim"}])
def test_a_variant_has_every_option_and_no_other(values: dict[str, str]):
    with pytest.raises(InputError, match="product SHIRT has size, color"):
        refuse_unlike(SHIRT, [Variant("S1", values)])


@pytest.mark.parametrize(
    ("product", "field"),
    [
        (Product("", "T-shirt"), "code"),
        (Product("SHIRT", " "), "title"),
        (Product("SHIRT", "two\nlines"), "title"),
        (Product("SHIRT", "T-shirt", ("size", "Size")), "options"),
        (Product("SHIRT", "T-shirt", ("",)), "options"),
        (Product("SHIRT", "T-shirt", tuple("abcdef")), "options"),
    ],
)
def test_a_product_that_cannot_be_is_refused_by_its_field(product: Product, field: str):
    with pytest.raises(InputError) as refused:
        refuse_bad(product)
    assert refused.value.field == field


def test_values_read_as_words():
    assert in_words({"size": "M", "color": "blue"}) == "size M, color blue"
