"""The retailer's own fields, as orders are taken: which of their values fit, and which are sealed."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder
from hub.model.orders.fields import known_values, of_lines, of_order, sound
from hub.store import order_fields
from hub.store.db import Tx

NONE: frozenset[str] = frozenset()


async def with_known_fields(tx: Tx, orders: Sequence[IncomingOrder]) -> list[IncomingOrder]:
    """The orders with what fits of the values they came with. No statement where none has any."""
    if not any(order.custom or any(line.custom for line in order.lines) for order in orders):
        return list(orders)
    fields = await order_fields.all_fields(tx)
    own, of_each = of_order(fields), of_lines(fields)
    return [
        replace(
            order,
            custom=known_values(own, order.custom),
            lines=[replace(line, custom=known_values(of_each, line.custom)) for line in order.lines],
        )
        for order in orders
    ]


async def read_filter(tx: Tx, words: str) -> dict[str, str]:
    """`po_number=4711` as a value that orders are found by. Raises InputError that says what to write."""
    key, sign, value = words.partition("=")
    fields = {field.key: field for field in of_order(await order_fields.all_fields(tx))}
    if not sign or not value or key not in fields:
        known = ", ".join(fields) or "none yet"
        msg = f"{words[:40]!r} is no field with a value: write po_number=4711; there are: {known}"
        raise InputError(msg, field="field")
    if fields[key].personal:
        msg = f"the field {key!r} is personal: its values are sealed, so that no filter finds them"
        raise InputError(msg, field="field")
    return {key: sound(fields[key], value)}


async def personal_keys(tx: Tx, orders: Iterable[IncomingOrder]) -> AbstractSet[str]:
    """The fields whose values are sealed. No statement where no order has any."""
    if not any(order.custom for order in orders):
        return NONE
    return {each.field.key for each in await order_fields.every_field(tx) if each.field.personal}
