"""A pleasant small shop: 120 SKUs with prices, barcodes and opening stock, for the demo and for tests.

The most popular come first; every family of goods is among them.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from hub.spec.testing import SimItem

CURRENCY = "EUR"
LOCATIONS = {"main": "Central warehouse", "shop": "Shop in town"}
COLORS = ("Blue", "Sage", "Ochre", "Terracotta", "White", "Charcoal", "Rose", "Navy", "Moss", "Sand")
TEAS = ("Assam", "Sencha", "Mint", "Rooibos", "Earl Grey", "Jasmine", "Chai", "Oolong", "Verbena", "Hibiscus")
SCENTS = (
    "Cedar",
    "Fig",
    "Lavender",
    "Orange",
    "Honey",
    "Pine",
    "Vanilla",
    "Sea Salt",
    "Tomato",
    "Smoke",
)
PLACES = (
    "Alps",
    "Harbor",
    "Forest",
    "Dunes",
    "Old Town",
    "Lake",
    "Orchard",
    "Night Train",
    "Market",
    "North Sea",
)


class CatalogItem(Struct, frozen=True):
    """`price` in CURRENCY; `stock` by location; `barcode` is an EAN-13 of the in-store range 20 to 29."""

    sku: str
    title: str
    price: Decimal
    barcode: str
    stock: Mapping[str, int]


class Family(Struct, frozen=True):
    code: str
    title: str
    price: str
    variants: tuple[str, ...] = COLORS


FAMILIES = (
    Family("MUG", "Stoneware mug", "12.90"),
    Family("TEA", "Loose tea, 100 g", "7.50", TEAS),
    Family("NOTE", "Notebook A5, dotted", "9.80"),
    Family("CANDLE", "Soy candle", "18.00", SCENTS),
    Family("LAMP", "Desk lamp", "64.00"),
    Family("BOWL", "Breakfast bowl", "14.50"),
    Family("TOWEL", "Linen tea towel", "11.20"),
    Family("POSTER", "Poster, 50 by 70 cm", "24.00", PLACES),
    Family("PEN", "Fountain pen", "29.95"),
    Family("POT", "Teapot, 1.2 l", "39.00"),
    Family("THROW", "Wool throw", "89.00"),
    Family("TOTE", "Canvas tote bag", "16.40"),
)


def demo_catalog() -> list[CatalogItem]:
    """Return the same 120 items every time, most popular first."""
    return [_item(n, family, variant) for n, (family, variant) in enumerate(_goods())]


def sim_items(items: Sequence[CatalogItem]) -> list[SimItem]:
    """Return what a simulated channel offers at the start: the stock of all locations."""
    return [
        SimItem(item.sku, item.title, item.price, sum(item.stock.values()), item.barcode) for item in items
    ]


def ean13(digits: str) -> str:
    """Append the check digit to the first 12: weights 1 and 3 in turn, up to the next ten (GS1)."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def _goods() -> Iterator[tuple[Family, str]]:
    for place in range(len(COLORS)):
        for n, family in enumerate(FAMILIES):
            yield family, family.variants[(place + 3 * n) % len(COLORS)]


def _item(n: int, family: Family, variant: str) -> CatalogItem:
    return CatalogItem(
        sku=f"{family.code}-{variant.upper().replace(' ', '-')}",
        title=f"{family.title}, {variant.lower() if family.variants is COLORS else variant}",
        price=Decimal(family.price),
        barcode=ean13(f"20{n + 1:010d}"),
        stock={"main": 40 + n * 37 % 160 + 800 // (n + 1), "shop": 12 + n * 13 % 15 + 500 // (n + 1)},
    )
