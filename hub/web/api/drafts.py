"""Drafts: orders that are still being typed. What they ask for is reserved; the order of the same id takes it over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from hub.channels.context import HubContext
from hub.channels.drafts import drop_forms, promising_channels
from hub.flows.orders.keep_drafts import KEPT_MAX
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.incoming import Person, Text
from hub.model.money import Currency, refuse_strange
from hub.model.orders.fields import FIELDS_MAX, filled, of_lines, of_order
from hub.store import orders
from hub.store.db import Tx
from hub.store.desk.stock import find_items, usual_currency
from hub.store.drafts import KeptDraft
from hub.store.order_fields import all_fields
from hub.web.api.amounts import Amount
from hub.web.desk.orders.draft import OWN_INPUT, PLACE, Draft, DraftLine, person_of, stock_lines
from hub.web.desk.orders.duplicate import duplicate
from hub.web.desk.orders.saving import DraftBrief, Standing, list_briefs, reopen, save
from hub.web.problems import answers

ACTOR = "api"
MINUTES_MAX = int(KEPT_MAX.total_seconds() // 60)


Minutes = Annotated[
    int, Meta(ge=1, le=MINUTES_MAX, description="How long its stock is reserved; else as on the desk")
]


class DraftLineIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`item` is a SKU, a barcode or a name; a `custom` line is a title of its own and takes no stock."""

    item: Annotated[str, Meta(min_length=1, max_length=500)]
    quantity: Annotated[int, Meta(gt=0, le=1_000_000)] = 1
    unit_price: Amount | None = None
    custom: bool = False
    fields: Annotated[dict[Text, Text], Meta(max_length=FIELDS_MAX)] = {}


class DraftIn(Struct, frozen=True, forbid_unknown_fields=True):
    """All of the draft as it stands now: what is left out is taken out. `channel` is where it will be an order.

    `fields` are values of your own, by key.
    """

    lines: Annotated[list[DraftLineIn], Meta(min_length=1, max_length=500)]
    channel: Text = ""
    currency: Currency | UnsetType = UNSET
    customer: Person = Person()
    note: Text = ""
    fields: Annotated[dict[Text, Text], Meta(max_length=FIELDS_MAX)] = {}
    keep_minutes: Minutes | UnsetType = UNSET


class DuplicateIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` names the draft, and is made by you: the same one again is the same draft."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]


class DraftLineOut(Struct, frozen=True):
    """`sku` is null for a custom line, and where nothing is called so."""

    item: str
    sku: str | None
    quantity: str
    unit_price: str
    custom: bool
    fields: Mapping[str, str]


class DraftOut(Struct, frozen=True):
    """One draft in full; `reserved` counts stock units, until `reserved_until`."""

    id: str
    channel: str
    currency: str
    customer: Person
    note: str
    fields: dict[str, str]
    lines: list[DraftLineOut]
    by: str
    created_at: datetime
    saved_at: datetime
    reserved: int
    reserved_until: datetime | None


class DraftKept(Struct, frozen=True):
    """What became of it: `short` are units sold that could not be reserved, by position of the line."""

    id: str
    reserved_until: datetime | None
    reserved: dict[int, int]
    short: dict[int, int]


class DraftsOut(Struct, frozen=True):
    items: list[DraftBrief]


_EXAMPLE = {
    "lines": [{"item": "MUG-BLUE", "quantity": 2}],
    "customer": {"name": "Ada Example", "phone": "+49 30 5550101"},
    "keep_minutes": 30,
}
DraftBody = Annotated[DraftIn, Body(examples=[Example(summary="Two mugs, for half an hour", value=_EXAMPLE)])]
DuplicateBody = Annotated[
    DuplicateIn, Body(examples=[Example(summary="The same once more", value={"id": "again-1042"})])
]
Most = Annotated[int, QueryParameter(ge=1, le=500, description="How many to return at most")]


@get("/", summary="List drafts", responses=answers(400))
async def list_drafts(hub: NamedDependency[HubContext], limit: Most = 50) -> DraftsOut:
    """Orders that are still being typed, on the desk or by a program; the last saved first."""
    async with hub.db.transaction() as tx:
        return DraftsOut(await list_briefs(tx, hub.vault, limit=limit))


@get("/{draft_id:str}", summary="One draft in full", responses=answers(400, 404))
async def show_draft(hub: NamedDependency[HubContext], draft_id: FromPath[str]) -> DraftOut:
    """What was typed, and until when its stock is reserved."""
    async with hub.db.transaction() as tx:
        opened = await reopen(tx, hub.vault, draft_id)
        if opened is None:
            msg = f"there is no draft {draft_id!r}: it was accepted, dropped, or never kept"
            raise NotFoundError(msg)
        draft, kept = opened
        found = await find_items(tx, [line.item for line in draft.lines if line.item])
    skus = {row: sku for row, (sku, _) in stock_lines(draft, found).items()}
    return _draft_out(draft, kept, skus)


@put("/{draft_id:str}", summary="Keep a draft, and reserve its stock", responses=answers(400, 409, 422))
async def put_draft(hub: NamedDependency[HubContext], draft_id: FromPath[str], data: DraftBody) -> DraftKept:
    """Reserve what there is of every line until a moment; sending it again begins the time anew.

    The order with this `command_id` takes the units over. Nobody else is promised them until then.
    """
    at = now()
    async with hub.db.transaction() as tx:
        slugs = [row.slug for row in await promising_channels(tx, hub)]
        found = await find_items(tx, [line.item for line in data.lines])
        usual = await usual_currency(tx)
        own = await _sound(tx, data)
    draft = _draft_of(draft_id, data, _channel(data.channel, slugs), usual, own[0], own[1:])
    minutes = None if data.keep_minutes is UNSET else data.keep_minutes
    standing = await save(hub, draft, found, at=at, actor=ACTOR, minutes=minutes)
    if standing.problem:
        raise InputError(standing.problem, field="lines")
    return _kept(draft_id, standing)


@post(
    "/of/{order_id:uuid}",
    status_code=200,
    summary="Duplicate an order as a draft",
    responses=answers(400, 404, 409, 422),
)
async def post_duplicate(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: DuplicateBody
) -> DraftKept:
    """The same for the same customer, of an order of any channel; its stock is reserved, and nothing is ordered yet."""
    async with hub.db.transaction() as tx:
        number = await orders.number_of(tx, order_id)
    if number is None:
        msg = f"there is no order {order_id}: find it in the list of orders"
        raise NotFoundError(msg)
    draft, standing = await duplicate(hub, number, draft_id=data.id, actor=ACTOR, at=now())
    return _kept(draft.command_id, standing)


@delete("/{draft_id:str}", status_code=204, summary="Drop a draft", responses=answers(400))
async def delete_draft(hub: NamedDependency[HubContext], draft_id: FromPath[str]) -> None:
    """Forget it; its stock is sold again at once. Dropping what is gone changes nothing."""
    await drop_forms(hub, [draft_id], at=now())


def _kept(draft_id: str, standing: Standing) -> DraftKept:
    if standing.number is not None:
        msg = f"draft {draft_id!r} is order {standing.number} already: change the order"
        raise WrongStateError(msg)
    return DraftKept(draft_id, standing.until, dict(standing.reserved), dict(standing.short))


def _channel(wanted: str, slugs: list[str]) -> str:
    if wanted in slugs or (not wanted and len(slugs) == 1):
        return wanted or slugs[0]
    msg = f"orders can be typed on {', '.join(slugs) or 'no channel yet'}: name one of them"
    raise InputError(msg, field="channel")


async def _sound(tx: Tx, given: DraftIn) -> list[dict[str, str]]:
    """Values of your own of the order, then of each line. Raises InputError naming the first that cannot be."""
    each = [given.fields, *(line.fields for line in given.lines)]
    if not any(each):
        return [{} for _ in each]
    fields = await all_fields(tx)
    scopes = [of_order(fields), *(of_lines(fields) for _ in given.lines)]
    return [filled(scope, {}, values) if values else {} for scope, values in zip(scopes, each, strict=True)]


def _draft_of(
    draft_id: str,
    given: DraftIn,
    channel: str,
    usual: str,
    own: Mapping[str, str],
    of_each: Sequence[Mapping[str, str]],
) -> Draft:
    if given.currency is not UNSET:
        refuse_strange(given.currency)
    person, place = given.customer, given.customer.shipping
    fields = {
        "channel": channel,
        "currency": usual if given.currency is UNSET else given.currency,
        "note": given.note,
    }
    fields |= {"name": person.name, "email": person.email, "phone": person.phone}
    if place is not None:
        fields |= {name: getattr(place, name) for name in PLACE}
    fields |= {f"{OWN_INPUT}{key}": value for key, value in own.items()}
    lines = [
        DraftLine(each.item, str(each.quantity), each.unit_price or "", each.custom, own_of)
        for each, own_of in zip(given.lines, of_each, strict=True)
    ]
    return Draft(draft_id, fields, lines)


def _draft_out(draft: Draft, kept: KeptDraft, skus: dict[int, str]) -> DraftOut:
    lines = [
        DraftLineOut(line.item, skus.get(row), line.quantity, line.price, line.custom, line.own)
        for row, line in enumerate(draft.lines)
        if not line.is_blank
    ]
    return DraftOut(
        draft.command_id,
        draft["channel"],
        draft["currency"],
        person_of(draft),
        draft["note"],
        draft.own,
        lines,
        kept.actor,
        kept.created_at,
        kept.saved_at,
        kept.reserved,
        kept.reserved_until,
    )


draft_routes = Router(
    "/drafts",
    route_handlers=[list_drafts, show_draft, put_draft, post_duplicate, delete_draft],
    tags=["orders"],
)
