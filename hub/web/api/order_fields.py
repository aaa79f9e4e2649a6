"""Fields of the retailer's own on orders: defined, listed, dropped. Their values are filled in by an edit."""

from typing import Annotated

from litestar import Router, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.orders.define_fields import define_fields, drop_fields
from hub.kit.clock import now
from hub.model.orders.fields import Field, Kind
from hub.store import order_fields as store
from hub.store.db import Tx
from hub.web.problems import answers

ACTOR = "api"


class FieldIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`required`: who fills in any field cannot leave it empty. `personal`: its values are sealed, found by no filter.

    `of_lines`: each line of an order has it. Kind, `personal` and `of_lines` stay as they were first said.
    """

    label: Annotated[str, Meta(min_length=1, max_length=60)]
    kind: Kind = Kind.TEXT
    choices: Annotated[list[str], Meta(max_length=100)] = []
    required: bool = False
    personal: bool = False
    of_lines: bool = False


class FieldsOut(Struct, frozen=True):
    items: list[Field]


_EXAMPLE = {"label": "Tier", "kind": "choice", "choices": ["gold", "blue"]}
FieldBody = Annotated[FieldIn, Body(examples=[Example(summary="A choice of two", value=_EXAMPLE)])]


@get("/", summary="List your own fields", responses=answers(400))
async def list_fields(hub: NamedDependency[HubContext]) -> FieldsOut:
    """In the order in which they were defined."""
    async with hub.db.transaction() as tx:
        return await _out(tx)


@put("/{key:str}", summary="Define a field", responses=answers(400, 409, 422))
async def put_field(hub: NamedDependency[HubContext], key: FromPath[str], data: FieldBody) -> FieldsOut:
    """Or change its label, its choices, and whether it is required."""
    field = Field(
        key, data.label, data.kind, tuple(data.choices), data.required, data.personal, data.of_lines
    )
    async with hub.db.transaction() as tx:
        await define_fields(tx, [field], actor=ACTOR, at=now())
        return await _out(tx)


@delete("/{key:str}", status_code=204, summary="Drop a field", responses=answers(400, 404))
async def delete_field(hub: NamedDependency[HubContext], key: FromPath[str]) -> None:
    """What was filled in stays with its orders; defined again under the same key, it is back."""
    async with hub.db.transaction() as tx:
        await drop_fields(tx, [key], actor=ACTOR, at=now())


async def _out(tx: Tx) -> FieldsOut:
    return FieldsOut(await store.all_fields(tx))


field_routes = Router("/order-fields", route_handlers=[list_fields, put_field, delete_field], tags=["orders"])
