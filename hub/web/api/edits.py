"""Edits: change an order by a person's word, see what was changed, undo it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.editing import edit_and_tell, merge_and_tell, split_and_tell, undo_and_tell
from hub.flows.orders.edit import REASON_MAX, Edit
from hub.flows.orders.kept_edits import open_edit
from hub.flows.orders.split import Merge, Split
from hub.flows.orders.versions import read_versions
from hub.kit.clock import now
from hub.model.edits.deeds import Deed
from hub.model.edits.seen import shown_fields
from hub.model.errors import NotFoundError
from hub.store import edits as store
from hub.store import orders
from hub.web.problems import answers

ACTOR = "api"


class EditIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same edit sent twice happens once. All changes are made, or none.

    `was` are fields as you saw them, of one with members those you saw, by the names that `fields` has: where one is
    another by now, 409 shows both and nothing is changed.
    """

    id: UUID
    changes: Annotated[list[Deed], Meta(min_length=1, max_length=500)]
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""
    was: Annotated[dict[str, Any], Meta(max_length=500)] = {}


class SplitIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`units` by the channel's id of a line. `id` is made by you: the same split sent twice happens once."""

    id: UUID
    units: Annotated[dict[str, int], Meta(min_length=1, max_length=500)]
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


class MergeIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`orders` are the numbers of those that go into this one. `id` is made by you."""

    id: UUID
    orders: Annotated[list[int], Meta(min_length=1, max_length=100)]
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


class FieldOut(Struct, frozen=True):
    """A field as it was and became: `line/` with the channel's id of a line, `address`, `shipping`, …"""

    field: str
    before: Any
    after: Any


class EditOut(Struct, frozen=True):
    id: UUID
    at: datetime
    actor: str
    reason: str
    fields: list[FieldOut]
    undone_at: datetime | None
    undone_by: str


class OwnedOut(Struct, frozen=True):
    """A field that a person changed. `conflict`: the channel has said something else since; settle it by an edit."""

    field: str
    ours: Any
    theirs: Any
    conflict: bool


class EditsOut(Struct, frozen=True):
    """What people changed of an order, the newest first, all that is theirs now, and every field as it stands."""

    refunded: Decimal
    tags: list[str]
    remark: str
    owned: list[OwnedOut]
    items: list[EditOut]
    fields: dict[str, Any]


class Made(Struct, frozen=True):
    """`new`: false where this edit had been made, or undone, before. `orders`: those that were split off."""

    new: bool
    channels_to_tell: int
    orders: list[int] = []


_EXAMPLE = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1e",
    "changes": [
        {"do": "units", "line": "1", "quantity": 3},
        {"do": "add", "title": "Gift wrap", "quantity": 1, "unit_price": "2.00"},
        {"do": "tags", "add": ["gift"]},
    ],
    "reason": "they called",
    "was": {"line/1": {"quantity": 2}},
}
EditBody = Annotated[EditIn, Body(examples=[Example(summary="Three of it, as a gift", value=_EXAMPLE)])]


_ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1f"
SplitBody = Annotated[
    SplitIn, Body(examples=[Example(summary="One of it alone", value={"id": _ID, "units": {"1": 1}})])
]
MergeBody = Annotated[
    MergeIn, Body(examples=[Example(summary="Both in one parcel", value={"id": _ID, "orders": [1043]})])
]


@get("/", summary="What people changed of an order", responses=answers(400, 404))
async def list_edits(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> EditsOut:
    """With both values of every field; conflicts first."""
    await _number(hub, order_id)
    async with hub.db.transaction() as tx:
        version = (await read_versions(tx, hub.vault, [order_id]))[order_id]
        found = await store.edits_of(tx, order_id)
    owned = [
        OwnedOut(name, _value(each.ours), _value(each.theirs), each.asks)
        for name, each in sorted(version.owners.items(), key=lambda pair: (not pair[1].asks, pair[0]))
    ]
    items = [_out(hub, each) for each in found]
    return EditsOut(version.refunded, list(version.tags), version.remark, owned, items, shown_fields(version))


@post("/", status_code=200, summary="Change an order", responses=answers(400, 404, 409, 422))
async def post_edit(hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: EditBody) -> Made:
    """What it asks for is promised at once: 409 names the lines that are short, and nothing is changed.

    A field that is changed is yours from then on: the channel's newer word is shown, and never overwrites it.
    """
    wanted = Edit(data.id, await _number(hub, order_id), data.changes, data.reason, data.was)
    done = await edit_and_tell(hub, [wanted], actor=ACTOR, at=now())
    return Made(bool(done.ids), len(done.touched))


@post("/{edit_id:uuid}/undo", status_code=200, summary="Undo an edit", responses=answers(400, 404, 409))
async def post_undone(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], edit_id: FromPath[UUID]
) -> Made:
    """Each field as it was; of what the channel owned before, what it says now. A refund is undone by its own id.

    409 where a field was changed again since.
    """
    async with hub.db.transaction() as tx:
        found = await store.edits_by_id(tx, [edit_id])
    if edit_id not in found or found[edit_id].order_id != order_id:
        msg = f"order {order_id} has no edit {edit_id}: list its edits"
        raise NotFoundError(msg)
    done = await undo_and_tell(hub, [edit_id], actor=ACTOR, at=now())
    return Made(bool(done.ids), len(done.touched))


@post("/split", status_code=200, summary="Split an order", responses=answers(400, 404, 409, 422))
async def post_split(hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: SplitBody) -> Made:
    """These units become an order of their own, with their stock and what they cost; shipping stays where it is.

    What was paid stays with this order as far as it costs so much, and the rest goes along; both wait for what it
    waited for. Only of orders that were typed here.
    """
    wanted = Split(data.id, await _number(hub, order_id), data.units, data.reason)
    done = await split_and_tell(hub, [wanted], actor=ACTOR, at=now())
    return Made(bool(done.ids), len(done.touched), done.numbers)


@post("/merge", status_code=200, summary="Merge orders into this one", responses=answers(400, 404, 409, 422))
async def post_merged(hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: MergeBody) -> Made:
    """The same customer, address, currency and payment, and nothing of the others has left; they are canceled.

    What was paid of them, and what they waited for, is on this order then.
    """
    wanted = Merge(data.id, await _number(hub, order_id), data.orders, data.reason)
    done = await merge_and_tell(hub, wanted, actor=ACTOR, at=now())
    return Made(bool(done.ids), len(done.touched))


async def _number(hub: HubContext, order_id: UUID) -> int:
    async with hub.db.transaction() as tx:
        number = await orders.number_of(tx, order_id)
    if number is None:
        msg = f"there is no order {order_id}: find it in the list of orders"
        raise NotFoundError(msg)
    return number


def _out(hub: HubContext, each: store.KeptEdit) -> EditOut:
    fields = [
        FieldOut(name, _value(field.before), _value(field.after))
        for name, field in open_edit(hub.vault, each).fields.items()
    ]
    return EditOut(each.id, each.at, each.actor, each.reason, fields, each.undone_at, each.undone_by)


def _value(text: str) -> Any:
    return msgspec.json.decode(text)


edit_routes = Router(
    "/orders/{order_id:uuid}/edits",
    route_handlers=[list_edits, post_edit, post_split, post_merged, post_undone],
    tags=["orders"],
)
