"""Define fields: the retailer says what else there is to know of an order."""

from collections.abc import Sequence
from datetime import datetime

from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.fields import FIELDS_MAX, Field, refuse_bad
from hub.store import order_fields
from hub.store.db import Tx
from hub.store.events import Event, add_events


async def define_fields(tx: Tx, wanted: Sequence[Field], *, actor: str, at: datetime) -> None:
    """Define fields, or change their labels, choices, and whether they are required.

    Raises InputError, or WrongStateError for who would change of what kind it is: what was filled in would not fit.
    """
    for field in wanted:
        refuse_bad(field)
    known = {each.field.key: each for each in await order_fields.every_field(tx)}
    for field in wanted:
        was = known[field.key].field if field.key in known else field
        if _said(was) != _said(field):
            msg = f"the field {field.key!r} is a {_said(was)} for good: define another one under a key of its own"
            raise WrongStateError(msg)
    if len(known.keys() | {field.key for field in wanted}) > FIELDS_MAX:
        msg = f"there are {len(known)} fields, dropped ones included: {FIELDS_MAX} are the most"
        raise InputError(msg, field="key")
    await order_fields.put_fields(tx, wanted)
    events = [Event("field defined", actor, facts={"field": field.key}) for field in wanted]
    await add_events(tx, events, at=at)


def _said(field: Field) -> str:
    """What it is for good."""
    whose = "of lines" if field.of_lines else "of orders"
    return f"{'personal ' if field.personal else ''}{field.kind} {whose}"


async def drop_fields(tx: Tx, keys: Sequence[str], *, actor: str, at: datetime) -> None:
    """Nobody fills them in any more; what was filled in stays with its orders. Raises NotFoundError."""
    gone = await order_fields.drop_fields(tx, keys, at=at)
    strange = [key for key in keys if key not in gone]
    if strange:
        msg = f"there is no field {strange[0]!r}: see hub field list"
        raise NotFoundError(msg)
    await add_events(tx, [Event("field dropped", actor, facts={"field": key}) for key in keys], at=at)
