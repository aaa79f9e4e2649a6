"""Attach: a barcode that was scanned becomes that of a SKU, by a person's word."""

from datetime import datetime

from hub.model.errors import InputError, NotFoundError
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import scanning

CODE_LENGTH_MAX = 200


async def attach_barcode(
    tx: Tx, sku: str, barcode: str, *, replaces: bool = False, actor: str, at: datetime
) -> None:
    """Raises InputError where the barcode cannot be, or the SKU has another one and nobody said to replace it."""
    if not barcode or len(barcode) > CODE_LENGTH_MAX or not barcode.isprintable():
        msg = f"a barcode has 1 to {CODE_LENGTH_MAX} printable characters: scan it again"
        raise InputError(msg, field="code")
    held = await scanning.lock_barcode(tx, sku)
    if held is None:
        msg = f"there is no SKU {sku}: see hub sku list"
        raise NotFoundError(msg)
    if held == barcode:
        return
    if held and not replaces:
        msg = f"{sku} has the barcode {held} already: tick that this one replaces it"
        raise InputError(msg, field="replaces")
    await scanning.put_barcode(tx, sku, barcode)
    await add_events(tx, [Event("barcode attached", actor, facts={"sku": sku, "barcode": barcode})], at=at)
