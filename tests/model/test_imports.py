"""A row says one thing or is refused, with its column and what to do; what could be read in two ways is not read."""

from uuid import UUID

import pytest

from hub.model.errors import InputError
from hub.model.imports import catalog, listings, prices, stock
from hub.model.imports.drastic import is_drastic, needs_a_word
from hub.model.imports.kinds import COLUMNS, EXAMPLES, Kind, header_of
from hub.model.imports.known import Known, Skus
from hub.model.imports.lines import Change, Line, Outcome
from hub.model.imports.listings import Held, Offers, Shop
from hub.model.imports.rows import Given, How, lay_out, read_row, sift
from hub.model.stock import bundles
from hub.model.stock.lots import Tracking

MUG = Known("MUG", "Mug", "4006", "fragile", counted=True, price="12.50", currency="EUR")
SET = Known("SET", "Set", kind=bundles.Kind.BUNDLE)
MILK = Known("MILK", "Milk", tracking=Tracking.LOT, has_lots=True)
KNOWN = Skus({each.sku: each for each in (MUG, SET, MILK)}, {"mug": "MUG"})
BOOKS = stock.Books(KNOWN, {"main"}, {("MUG", "main"): -3})
SHOPS = {"web": Shop(UUID(int=1), without_catalog=False), "till": Shop(UUID(int=2), without_catalog=True)}
OFFERS = Offers(KNOWN, SHOPS, {("web", "1"): Held("MUG", 1), ("web", "2"): Held("", 1)})


def row(**texts: str) -> Given:
    return Given(2, {name.replace("_", " "): text for name, text in texts.items()})


def said(line: Line) -> tuple[str, str]:
    """The outcome with its changes, or the column that is wrong and how the reason begins."""
    if line.outcome is Outcome.REFUSED:
        return line.column, line.why[:50]
    return line.outcome, ", ".join(f"{each.what} {each.old}→{each.new}" for each in line.changes)


@pytest.mark.parametrize(
    ("on_hand", "outcome"),
    [
        ("7", ("changed", "on hand -3→7")),
        ("-3", ("unchanged", "")),
        ("", ("unchanged", "")),
        ("0", ("changed", "on hand -3→0")),
        ("-4", ("on hand", "-4 units cannot lie there: it must be from 0 to 10")),
        ("1000000000", ("on hand", "1000000000 units cannot lie there: it must be from")),
        ("1.000", ("on hand", "'1.000' is no whole number: write it with digits o")),
        ("١٢", ("on hand", "'١٢' is no whole number: write it with digits only")),
    ],
)
def test_stock_is_set_to_what_the_row_says(on_hand: str, outcome: tuple[str, str]):
    assert said(stock.judge(row(sku="MUG", location="main", on_hand=on_hand), BOOKS)[0]) == outcome


@pytest.mark.parametrize(
    ("sku", "location", "refusal"),
    [
        ("mug", "main", ("sku", "there is no SKU mug: is it MUG?")),
        ("CUP", "main", ("sku", "there is no SKU CUP: import it with the catalog fi")),
        ("SET", "main", ("sku", "SET is a bundle and has no stock of its own: count")),
        ("MUG", "cellar", ("location", "there is no location cellar: the hub knows main")),
        ("4,00638E+12", "main", ("sku", "4,00638E+12 is a long number that a spreadsheet ha")),
    ],
)
def test_stock_of_what_is_unknown_is_refused(sku: str, location: str, refusal: tuple[str, str]):
    assert said(stock.judge(row(sku=sku, location=location, on_hand="1"), BOOKS)[0]) == refusal


def test_the_first_word_on_a_sku_that_nobody_has_counted_is_new_also_where_it_is_none():
    line, _ = stock.judge(row(sku="MILK", location="main", on_hand="0"), BOOKS)
    assert said(line) == ("new", "on hand not counted→0")


@pytest.mark.parametrize(
    ("texts", "outcome"),
    [
        ({"sku": "MUG", "name": "", "barcode": ""}, ("unchanged", "")),
        ({"sku": "MUG", "name": "Becher", "group": "fragile"}, ("changed", "name Mug→Becher")),
        ({"sku": "CUP", "name": "Cup", "tracking": "Serial"}, ("new", "name →Cup, tracking none→serial")),
        ({"sku": "CUP"}, ("name", "CUP is new, and a new SKU needs a name: fill it in")),
        (
            {"sku": "MUG", "tracking": "batch"},
            ("tracking", "'batch' is no way to tell units apart: write none,"),
        ),
        (
            {"sku": "SET", "tracking": "lot"},
            ("tracking", "SET is a bundle and has no units of its own: leave"),
        ),
        (
            {"sku": "MILK", "tracking": "none"},
            ("tracking", "lots of MILK still lie somewhere: sell, adjust or "),
        ),
        ({"sku": "MUG", "name": "M\0g"}, ("name", "it has a character that cannot be seen, such as a ")),
        ({"sku": "MUG", "barcode": "9" * 201}, ("barcode", "it has 201 characters, and 200 is the most")),
    ],
)
def test_an_empty_cell_leaves_what_is_there(texts: dict[str, str], outcome: tuple[str, str]):
    assert said(catalog.judge(row(**texts), KNOWN)[0]) == outcome


@pytest.mark.parametrize(
    ("price", "currency", "comma", "outcome"),
    [
        ("12.50", "eur", False, ("unchanged", "")),
        ("12.5", "EUR", False, ("unchanged", "")),
        ("12,50", "EUR", True, ("unchanged", "")),
        ("", "", False, ("unchanged", "")),
        ("1200", "JPY", False, ("changed", "price 12.50 EUR→1200 JPY")),
        ("12,50", "EUR", False, ("price", "'12,50' is no amount: write it with digits only, s")),
        ("1.200", "EUR", False, ("price", "1.200 has 3 decimals, and EUR 2: if it is thousand")),
        ("1.5", "JPY", False, ("price", "1.5 has 1 decimals, and JPY 0: if it is thousands,")),
        ("-1", "EUR", False, ("price", "-1 is below zero: a price is 0 or more")),
        ("NaN", "EUR", False, ("price", "'NaN' is no amount: write it with digits only, suc")),
        ("1", "EURO", False, ("currency", "'EURO' is no currency of ISO 4217: write its three")),
    ],
)
def test_a_price_is_exact_and_has_its_currency(
    price: str, currency: str, *, comma: bool, outcome: tuple[str, str]
):
    given = row(sku="MUG", price=price, currency=currency)
    assert said(prices.judge(given, KNOWN, decimal_comma=comma)[0]) == outcome


@pytest.mark.parametrize(
    ("texts", "outcome"),
    [
        ({"listing": "1", "sku": "MUG"}, ("unchanged", "")),
        ({"listing": "1", "sku": ""}, ("unchanged", "")),
        ({"listing": "1", "sku": "MUG", "units": "6"}, ("changed", "units 1→6")),
        ({"listing": "2", "sku": "MUG"}, ("new", "sku →MUG, units →1")),
        ({"listing": "2", "sku": "CUP"}, ("sku", "there is no SKU CUP: import it with the catalog fi")),
        (
            {"listing": "1", "sku": "MUG", "units": "0"},
            ("units", "0 units cannot be in one listing: it must be from "),
        ),
        ({"listing": "9", "sku": "MUG"}, ("listing", "web offers no listing 9: correct it, or read what ")),
        ({"listing": "9", "sku": "MUG", "channel": "till"}, ("new", "sku →MUG, units →1")),
        (
            {"listing": "1", "sku": "MUG", "channel": "wbe"},
            ("channel", "there is no channel wbe: the hub knows till, web"),
        ),
    ],
)
def test_a_row_matches_a_listing_and_makes_one_only_where_no_catalog_knows_them(
    texts: dict[str, str], outcome: tuple[str, str]
):
    assert said(listings.judge(row(**{"channel": "web", **texts}), OFFERS)[0]) == outcome


def test_columns_go_by_many_names_in_any_order_and_strange_ones_are_named():
    layout = lay_out(Kind.STOCK, ["Farbe", "BESTAND", "why", "Item-Number"], How(location="main"))
    given = read_row(layout, 2, ["blue", "5", "", "MUG"], frozenset({1}), How(location="main"))
    assert (layout.unknown, given.texts) == (("Farbe",), {"on hand": "5", "sku": "MUG", "location": "main"})
    assert given.typed == {"on hand"}


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (
            ["sku", "on hand"],
            "lacks the column location .also: warehouse, lager; or say --location for all rows",
        ),
        (["sku", "Artikel", "location", "qty"], "columns 1 and 2 are both sku"),
        (["<html>", "x"], "lacks the column sku .* Its first row has '<html>', 'x'"),
    ],
)
def test_a_file_without_a_needed_column_is_refused_whole(header: list[str], says: str):
    with pytest.raises(InputError, match=says):
        lay_out(Kind.STOCK, header, How())


def test_of_two_rows_about_the_same_the_first_counts_and_one_that_is_too_wide_is_none():
    layout = lay_out(Kind.PRICES, ["sku", "price", "currency"], How())
    cells = [
        ["MUG", "1", "EUR"],
        ["MUG", "2", "EUR"],
        ["TEA", "12", "50", "EUR"],
        ["", "1", "EUR"],
        ["C\0P", "1", "EUR"],
    ]
    rows = [(read_row(layout, at, each, frozenset(), How()), len(each)) for at, each in enumerate(cells, 2)]
    first, *others = sift(Kind.PRICES, rows, layout)
    assert isinstance(first, Given)
    whys = [each.why for each in others if isinstance(each, Line)]
    assert whys[0] == "row 2 is about the same: keep one of them"
    assert whys[1].startswith("it has 4 cells, and the header 3: put quotes around")
    assert whys[2:] == ["it has no sku: fill it in", "it has NUL in it, which is no character: type it anew"]


@pytest.mark.parametrize("kind", list(Kind))
def test_no_name_of_a_column_means_two_and_every_example_has_every_column(kind: Kind):
    names = [name for column in COLUMNS[kind] for name in (column.name, *column.also)]
    assert len(names) == len({name.casefold() for name in names})
    assert {len(example) for example in EXAMPLES[kind]} == {len(header_of(kind))}


@pytest.mark.parametrize(
    ("change", "drastic"),
    [
        (Change("on hand", "25", "0"), True),
        (Change("on hand", "not counted", "0"), False),
        (Change("on hand", "-3", "0"), False),
        (Change("on hand", "25", "1"), False),
        (Change("price", "12.50 EUR", "1250 EUR"), True),
        (Change("price", "12.50 EUR", "1.25 EUR"), True),
        (Change("price", "12.50 EUR", "0 EUR"), True),
        (Change("price", "12.50 EUR", "120 EUR"), False),
        (Change("price", "12.50 EUR", "1900 JPY"), False),
        (Change("price", "", "1250 EUR"), False),
        (Change("name", "25", "0"), False),
    ],
)
def test_what_empties_stock_or_moves_a_price_tenfold_is_drastic(change: Change, *, drastic: bool):
    assert is_drastic(Line(2, "MUG", Outcome.CHANGED, (change,))) == drastic


def test_one_price_needs_a_second_word_and_stock_only_where_most_of_it_goes():
    assert needs_a_word(Kind.PRICES, 1, 1000)
    assert [needs_a_word(Kind.STOCK, drastic, 20) for drastic in (9, 10, 11)] == [False, False, True]
    assert not needs_a_word(Kind.STOCK, 9, 9)
