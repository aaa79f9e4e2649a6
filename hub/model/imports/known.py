"""What the hub knows of the SKUs that rows name. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.imports.cells import SKU_MAX, read_code
from hub.model.imports.rows import Given
from hub.model.stock.bundles import Kind
from hub.model.stock.lots import Tracking


class Known(Struct, frozen=True):
    """A SKU as it is. `has_lots`: units of it lie somewhere under the name of a lot."""

    sku: str
    name: str
    barcode: str = ""
    group: str = ""
    tracking: Tracking = Tracking.NONE
    kind: Kind = Kind.ITEM
    counted: bool = False
    has_lots: bool = False
    price: str = ""
    currency: str = ""


class Skus(Struct, frozen=True):
    """`alike` are SKUs that words stand for which are none themselves: in another case, or as a barcode."""

    known: Mapping[str, Known]
    alike: Mapping[str, str] = {}

    def find(self, sku: str) -> Known:
        """Raises InputError naming the one that may be meant."""
        found = self.known.get(sku)
        if found is None:
            meant = self.alike.get(sku)
            hint = f"is it {meant}?" if meant else "import it with the catalog first, or correct it"
            msg = f"there is no SKU {sku}: {hint}"
            raise InputError(msg, field="sku")
        return found

    def tracking_of(self, sku: str) -> Tracking:
        """One that is not there yet is tracked by nothing."""
        return self.known[sku].tracking if sku in self.known else Tracking.NONE


def sku_of(given: Given) -> str:
    return read_code(given.text("sku"), "sku", longest=SKU_MAX)
