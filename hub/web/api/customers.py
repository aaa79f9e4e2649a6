"""Customers: found by e-mail or phone, noted, tagged, blocked; two rows of one person merged, and parted again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.customers import (
    Customer,
    block,
    merge,
    show_customer,
    suggest_same,
    unblock,
    unmerge,
    write_about,
)
from hub.flows.orders.keep_people import find_people, read_identity
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.incoming import Person
from hub.store.db import Tx
from hub.web.problems import answers

ACTOR = "api"


class FindIn(Struct, frozen=True, forbid_unknown_fields=True):
    """An e-mail or a phone number. It is asked in a body, so that no address of a page ever holds it."""

    who: Annotated[str, Meta(min_length=3, max_length=200)]


class AboutIn(Struct, frozen=True, forbid_unknown_fields=True):
    note: Annotated[str, Meta(max_length=2_000)] = ""
    tags: Annotated[list[str], Meta(max_length=20)] = []


class BlockIn(Struct, frozen=True, forbid_unknown_fields=True):
    why: Annotated[str, Meta(min_length=1, max_length=2_000)]


class MergeIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`into` is who stays."""

    into: UUID


class FoundOut(Struct, frozen=True):
    id: UUID
    person: Person


class FoundsOut(Struct, frozen=True):
    items: list[FoundOut]


class CustomerOut(Struct, frozen=True):
    """`merged` are the other rows of the person; `maybe_same` have the same phone, and nobody has said so yet."""

    id: UUID
    person: Person
    blocked_at: datetime | None
    why_blocked: str
    note: str
    tags: list[str]
    merged: list[FoundOut]
    maybe_same: list[FoundOut]


FindBody = Annotated[FindIn, Body(examples=[Example(summary="By e-mail", value={"who": "ada@example.com"})])]
AboutBody = Annotated[
    AboutIn, Body(examples=[Example(summary="A regular", value={"note": "Rings twice", "tags": ["regular"]})])
]
BlockBody = Annotated[
    BlockIn, Body(examples=[Example(summary="Why", value={"why": "sent three parcels back"})])
]
MergeBody = Annotated[
    MergeIn,
    Body(examples=[Example(summary="Who stays", value={"into": "0195c6a8-0000-7000-8000-000000000000"})]),
]


@post(
    "/customers/find",
    status_code=200,
    summary="Find customers",
    tags=["customers"],
    responses=answers(400, 422),
)
async def post_find(hub: NamedDependency[HubContext], data: FindBody) -> FoundsOut:
    """By a whole e-mail address or phone number, which are kept so that nothing shorter finds them."""
    typed = read_identity(data.who)
    if typed is None:
        msg = f"{data.who[:60]!r} is neither an e-mail nor a phone number"
        raise InputError(msg, field="who")
    async with hub.db.transaction() as tx:
        found = await find_people(tx, hub.vault, typed)
    return FoundsOut([FoundOut(each.ids[0], each.person) for each in found])


@get(
    "/customers/{customer_id:uuid}",
    summary="Show a customer",
    tags=["customers"],
    responses=answers(400, 404),
)
async def get_customer(hub: NamedDependency[HubContext], customer_id: FromPath[UUID]) -> CustomerOut:
    """The person that this row is part of."""
    async with hub.db.transaction() as tx:
        return await _out(tx, hub, customer_id)


@post(
    "/customers/{customer_id:uuid}",
    status_code=200,
    summary="Write a note and tags",
    tags=["customers"],
    responses=answers(400, 404, 422),
)
async def post_about(
    hub: NamedDependency[HubContext], customer_id: FromPath[UUID], data: AboutBody
) -> CustomerOut:
    """Both replace what there is."""
    async with hub.db.transaction() as tx:
        await write_about(tx, hub.vault, customer_id, note=data.note, tags=data.tags, actor=ACTOR, at=now())
        return await _out(tx, hub, customer_id)


@post(
    "/customers/{customer_id:uuid}/block",
    status_code=200,
    summary="Block a customer",
    tags=["customers"],
    responses=answers(400, 404, 422),
)
async def post_block(
    hub: NamedDependency[HubContext], customer_id: FromPath[UUID], data: BlockBody
) -> CustomerOut:
    """New orders of theirs wait for a look, as the check `blocked` is set."""
    async with hub.db.transaction() as tx:
        await block(tx, hub.vault, customer_id, why=data.why, actor=ACTOR, at=now())
        return await _out(tx, hub, customer_id)


@post(
    "/customers/{customer_id:uuid}/unblock",
    status_code=200,
    summary="Unblock a customer",
    tags=["customers"],
    responses=answers(400, 404),
)
async def post_unblock(hub: NamedDependency[HubContext], customer_id: FromPath[UUID]) -> CustomerOut:
    """New orders of theirs wait no more; what is held already waits for a person."""
    async with hub.db.transaction() as tx:
        await unblock(tx, hub.vault, customer_id, actor=ACTOR, at=now())
        return await _out(tx, hub, customer_id)


@post(
    "/customers/{customer_id:uuid}/merge",
    status_code=200,
    summary="Merge a customer into another",
    tags=["customers"],
    responses=answers(400, 404, 409),
)
async def post_merge(
    hub: NamedDependency[HubContext], customer_id: FromPath[UUID], data: MergeBody
) -> CustomerOut:
    """They are one person from now on; no order is moved."""
    async with hub.db.transaction() as tx:
        await merge(tx, hub.vault, customer_id, data.into, actor=ACTOR, at=now())
        return await _out(tx, hub, data.into)


@post(
    "/customers/{customer_id:uuid}/unmerge",
    status_code=200,
    summary="Take a merge back",
    tags=["customers"],
    responses=answers(400, 404, 409),
)
async def post_unmerge(hub: NamedDependency[HubContext], customer_id: FromPath[UUID]) -> CustomerOut:
    """`customer_id` is the row that was merged; each has what it had."""
    async with hub.db.transaction() as tx:
        await unmerge(tx, hub.vault, customer_id, actor=ACTOR, at=now())
        return await _out(tx, hub, customer_id)


async def _out(tx: Tx, hub: HubContext, customer_id: UUID) -> CustomerOut:
    customer: Customer = await show_customer(tx, hub.vault, customer_id)
    maybe = await suggest_same(tx, hub.vault, customer)
    return CustomerOut(
        id=customer.id,
        person=customer.person,
        blocked_at=customer.blocked_at,
        why_blocked=customer.about.why_blocked,
        note=customer.about.note,
        tags=customer.tags,
        merged=[FoundOut(each.id, each.person) for each in customer.identities[1:]],
        maybe_same=[FoundOut(each.ids[0], each.person) for each in maybe],
    )


customer_routes = Router(
    "",
    route_handlers=[post_find, get_customer, post_about, post_block, post_unblock, post_merge, post_unmerge],
)
