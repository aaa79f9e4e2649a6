"""What order lines ask of stock, counted in units sold. Pure."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

Parts = Mapping[str, int]
"""What one unit sold takes of stock, in units by SKU: a pack of six {MUG: 6}, a bundle {MUG: 1, TEA: 2}."""


class Want(Struct, frozen=True):
    """What one order line asks of stock now, in units sold, each of which takes its `parts`.

    `ship` units have left by the channel's word (a fact), `allocate` units are to be promised, `release` promised
    units are given back. `held` is what the line holds already, by location. A unit sold is filled whole from one
    location: never half a pack here and half there, never one part of a bundle without the others. `place` fixes the
    location (a till sells from its own shelf).

    `sku` is what was sold, `units` of it in one unit sold: of that SKU the line may be backordered, and `backordered`
    units sold are so already.
    """

    line_id: UUID
    order_id: UUID
    parts: Parts
    ship: int = 0
    allocate: int = 0
    release: int = 0
    held: Mapping[str, int] = {}
    place: str | None = None
    sku: str = ""
    units: int = 1
    backordered: int = 0
