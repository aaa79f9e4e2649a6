"""Products: SKUs that are one thing in several variants, told apart by options such as size and color. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hub.model.errors import InputError

OPTIONS_MAX, VARIANTS_MAX = 5, 1_000
CODE_MAX, TITLE_MAX, WORD_MAX = 200, 500, 100

Values = Mapping[str, str]
"""What a variant has of each option of its product: {size: M, color: blue}."""


class Product(Struct, frozen=True):
    """`options` are the names of what tells its variants apart, in the order in which people say them."""

    code: str
    title: str
    options: tuple[str, ...] = ()


class Variant(Struct, frozen=True):
    """One SKU of a product."""

    sku: str
    values: Values = {}


def refuse_bad(product: Product) -> None:
    """Raises InputError naming the field that cannot be so."""
    _refuse_bad_word(product.code, "code", CODE_MAX)
    _refuse_bad_word(product.title, "title", TITLE_MAX)
    for option in product.options:
        _refuse_bad_word(option, "options", WORD_MAX)
    if len(product.options) > OPTIONS_MAX:
        msg = f"product {product.code} has {len(product.options)} options: {OPTIONS_MAX} are the most"
        raise InputError(msg, field="options")
    if len({option.casefold() for option in product.options}) < len(product.options):
        msg = f"product {product.code} names an option twice: {', '.join(product.options)}"
        raise InputError(msg, field="options")


def refuse_unlike(product: Product, variants: Sequence[Variant]) -> None:
    """Raises InputError where a variant lacks an option or has another, or where two of them are alike."""
    seen: dict[tuple[str, ...], str] = {}
    for each in variants:
        if {*each.values} != {*product.options}:
            wanted = ", ".join(product.options) or "none"
            msg = (
                f"{each.sku} has {in_words(each.values) or 'no options'}: product {product.code} has {wanted}"
            )
            raise InputError(msg, field="values")
        for value in each.values.values():
            _refuse_bad_word(value, "values", WORD_MAX)
        key = tuple(each.values[option] for option in product.options)
        if seen.setdefault(key, each.sku) != each.sku:
            msg = (
                f"{each.sku} and {seen[key]} are the same variant of {product.code}: {in_words(each.values)}"
            )
            raise InputError(msg, field="values")
    if len(variants) > VARIANTS_MAX:
        msg = f"product {product.code} would have {len(variants)} variants: {VARIANTS_MAX} are the most"
        raise InputError(msg, field="variants")


def in_words(values: Values) -> str:
    """Size M, color blue."""
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _refuse_bad_word(word: str, field: str, longest: int) -> None:
    if not word.strip() or len(word) > longest or not word.isprintable():
        msg = f"{word[:40]!r} is no {field} of a product: write 1 to {longest} characters on one line"
        raise InputError(msg, field=field)
