"""What can be imported and exported: each kind with its columns, the names they go by, and an example."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    STOCK = "stock"
    CATALOG = "catalog"
    PRICES = "prices"
    LISTINGS = "listings"
    PARCELS = "parcels"
    BANK = "bank"


EXPORTED = (Kind.STOCK, Kind.CATALOG, Kind.PRICES, Kind.LISTINGS, Kind.PARCELS)
"""What can be written out again. A bank statement names people: it is kept sealed, and comes from the bank."""


class Column(Struct, frozen=True):
    """`also` are other names it goes by. One that is `needed` must be there, or be said beside the file."""

    name: str
    says: str
    also: Sequence[str] = ()
    needed: bool = False


_SKU = Column(
    "sku",
    "Your key of it, exactly as the hub has it",
    ("sku key", "item", "item number", "article", "product code", "artikel", "artikelnummer", "货号", "編號"),
    needed=True,
)
_NAME = Column(
    "name", "What it is called", ("title", "product", "product name", "bezeichnung", "名称", "名稱")
)

COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.STOCK: (
        _SKU,
        Column(
            "location", "Code of the place where it lies", ("warehouse", "lager", "仓库", "倉庫"), needed=True
        ),
        Column(
            "on hand",
            "All units that lie there, promised ones included; empty: not counted, left as it is",
            ("quantity", "qty", "stock", "count", "counted", "units", "bestand", "menge", "库存", "庫存"),
            needed=True,
        ),
    ),
    Kind.CATALOG: (
        _SKU,
        _NAME,
        Column("barcode", "What a scanner reads", ("ean", "gtin", "upc", "isbn", "条码", "條碼")),
        Column("group", "The group it is in, for what channels may see", ("sku group", "category")),
        Column("tracking", "none, lot or serial: how its units are told apart", ("tracked by",)),
    ),
    Kind.PRICES: (
        _SKU,
        Column(
            "price",
            "With a point: 12.50",
            ("amount", "list price", "unit price", "preis", "价格", "價格"),
            needed=True,
        ),
        Column("currency", "Three letters: EUR", ("currency code", "währung", "货币", "貨幣"), needed=True),
    ),
    Kind.LISTINGS: (
        Column("channel", "Its short name in the hub: shop-de", ("channel slug", "shop"), needed=True),
        Column(
            "listing",
            "What the channel calls it: hub listing list shows it",
            ("channel listing id", "listing id", "offer", "offer id"),
            needed=True,
        ),
        Column("channel sku", "The SKU it has there; only where a new listing is made", ("their sku",)),
        Column("title", "Its title there; only where a new listing is made", ("name",)),
        Column(
            "sku",
            "Which of your SKUs it is; empty: left as it is",
            ("our sku", *_SKU.also),
            needed=True,
        ),
        Column(
            "units", "Units of the SKU in one listing: a pack of six is 6", ("units per listing", "pack size")
        ),
    ),
    Kind.PARCELS: (
        Column(
            "order",
            "Its number in the hub",
            ("order number", "reference", "bestellnummer", "订单号", "訂單編號"),
            needed=True,
        ),
        Column(
            "tracking",
            "The number on it. The order's parcel without a number gets it; else what is promised leaves",
            ("tracking number", "tracking id", "parcel number", "sendungsnummer", "运单号", "運單號"),
            needed=True,
        ),
        Column("carrier", "Who brings it", ("shipping company", "versender", "承运人", "承運人")),
        Column(
            "state",
            "shipped, delivered, lost or returned to sender; empty: left as it is",
            ("status", "delivery state"),
        ),
    ),
    Kind.BANK: (
        Column(
            "date",
            "When it was booked: 2026-11-25 or 25.11.2026",
            ("booking date", "booked on", "value date", "buchungstag", "日期"),
            needed=True,
        ),
        Column(
            "amount",
            "With a point: 49.50. What went out, below 0, is passed over",
            ("credit", "sum", "betrag", "金额", "金額"),
            needed=True,
        ),
        Column("currency", "Three letters: EUR", ("currency code", "währung", "货币", "貨幣"), needed=True),
        Column("payer", "Who paid; kept sealed", ("name", "from", "payer name", "auftraggeber", "付款人")),
        Column(
            "reference",
            "What they wrote; kept sealed",
            ("text", "description", "purpose", "verwendungszweck", "附言"),
        ),
        Column(
            "bank id",
            "The bank's own number of it; without one, all that the row says tells it apart",
            ("transaction id", "id", "entry reference", "流水号"),
        ),
    ),
}

EXAMPLES: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.STOCK: (("MUG-BLUE", "main", "25"), ("TEA-GREEN", "main", "140")),
    Kind.CATALOG: (
        ("MUG-BLUE", "Mug, blue", "4006381333931", "fragile", "none"),
        ("TEA-GREEN", "Green tea, 100 g", "4006381333948", "", "lot"),
    ),
    Kind.PRICES: (("MUG-BLUE", "12.50", "EUR"), ("TEA-GREEN", "6.90", "EUR")),
    Kind.LISTINGS: (
        ("shop-de", "1042", "mug-blue", "Mug, blue", "MUG-BLUE", "1"),
        ("shop-de", "1043", "mug-blue-6", "Six blue mugs", "MUG-BLUE", "6"),
    ),
    Kind.PARCELS: (
        ("1042", "00340434161094042557", "DHL", ""),
        ("1043", "1Z999AA10123456784", "UPS", "delivered"),
    ),
    Kind.BANK: (
        ("2026-11-25", "49.50", "EUR", "Ada Lovelace", "Order 1042", "2026-11-25-0001"),
        ("2026-11-25", "12.90", "EUR", "G. Hopper", "1043 mugs", "2026-11-25-0002"),
    ),
}

KEYS: dict[Kind, tuple[str, ...]] = {
    Kind.STOCK: ("sku", "location"),
    Kind.CATALOG: ("sku",),
    Kind.PRICES: ("sku",),
    Kind.LISTINGS: ("channel", "listing"),
    Kind.PARCELS: ("order", "tracking"),
    Kind.BANK: (),
}
"""What a row is about; no two rows of a file are about the same. Transfers are told apart by all that they say."""


def header_of(kind: Kind) -> list[str]:
    return [column.name for column in COLUMNS[kind]]
