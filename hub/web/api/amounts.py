"""Money over the wire: text both ways, because JSON numbers lose cents in half of the world's parsers."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$",
        description="An exact amount, as text",
        examples=["12.50"],
    ),
]


def decimal_of(amount: Amount) -> Decimal:
    return Decimal(amount)
