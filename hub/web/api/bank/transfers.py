"""Bank transfers: record what came in, see which orders it may pay, and match it by a person's word."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.banking import (
    Seen,
    books_what_is_sure,
    match_transfers,
    record_transfers,
    see_transfer,
    see_transfers,
    set_aside,
    set_rule,
    undo_matches,
)
from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.model.bank.transfers import ID_MAX, TEXT_MAX, Match, Payer, State, Transfer
from hub.model.money import Currency, Money
from hub.store.bank.transfers import FIRST
from hub.web.api.amounts import Amount, decimal_of
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Words = Annotated[str, Meta(max_length=TEXT_MAX)]


class TransferIn(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a statement. `id` is made by you. With the bank's own `bank_id`, or else by all that it says, it is
    kept once, however often it is told; `another` says that it is not the one that says the same.
    """

    id: UUID
    booked_on: date
    amount: Amount
    currency: Currency
    payer: Words = ""
    reference: Words = ""
    bank_id: Annotated[str, Meta(max_length=ID_MAX)] = ""
    another: bool = False


class TransfersIn(Struct, frozen=True, forbid_unknown_fields=True):
    transfers: Annotated[list[TransferIn], Meta(min_length=1, max_length=500)]


class MatchIn(Struct, frozen=True, forbid_unknown_fields=True):
    """So much of the transfer pays the order with this number; `id` is made by you."""

    id: UUID
    order: int
    amount: Amount


class MatchesIn(Struct, frozen=True, forbid_unknown_fields=True):
    """One transfer may pay several orders, each a part of it."""

    matches: Annotated[list[MatchIn], Meta(min_length=1, max_length=100)]


class UndoIn(Struct, frozen=True, forbid_unknown_fields=True):
    match: UUID


class RuleIn(Struct, frozen=True, forbid_unknown_fields=True):
    books_what_is_sure: bool


class SuggestionOut(Struct, frozen=True):
    """`is_sure`: the order's own number, and exactly what is due."""

    order: int
    amount: Money
    score: int
    reasons: list[str]
    is_sure: bool


class MatchOut(Struct, frozen=True):
    id: UUID
    order: int
    amount: Money
    actor: str
    undone: bool


class TransferOut(Struct, frozen=True):
    """`left` pays no order yet; `suggestions` are the orders that it may pay, the likeliest first."""

    id: UUID
    booked_on: date
    amount: Money
    left: Money
    state: State
    payer: str
    reference: str
    matches: list[MatchOut]
    suggestions: list[SuggestionOut]


class TransfersPage(Struct, frozen=True):
    items: list[TransferOut]
    next_cursor: str | None


class Recorded(Struct, frozen=True):
    """Which of them were news, and how many of those the rule has matched. `alike` were not kept, as others say the
    same: where one is another, send it again with `another`.
    """

    ids: list[UUID]
    matched: int
    alike: list[UUID]


_ID, _MATCH = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0c1d", "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0c2d"
_IN = {
    "id": _ID,
    "booked_on": "2026-11-25",
    "amount": "49.50",
    "currency": "EUR",
    "payer": "Ada Lovelace",
    "reference": "Order 1042",
    "bank_id": "2026-11-25-0001",
}
TransfersBody = Annotated[
    TransfersIn, Body(examples=[Example(summary="One transfer", value={"transfers": [_IN]})])
]
_MATCHES = {"matches": [{"id": _MATCH, "order": 1042, "amount": "49.50"}]}
MatchesBody = Annotated[MatchesIn, Body(examples=[Example(summary="It pays one order", value=_MATCHES)])]
UndoBody = Annotated[
    UndoIn, Body(examples=[Example(summary="It was another order", value={"match": _MATCH})])
]
_RULE = {"books_what_is_sure": True}
RuleBody = Annotated[RuleIn, Body(examples=[Example(summary="Number and amount are enough", value=_RULE)])]
StateAsked = Annotated[State | None, QueryParameter(name="state", description="Only those in this state")]


@get("/", summary="List bank transfers", responses=answers(400, 422))
async def list_transfers(
    hub: NamedDependency[HubContext],
    in_state: StateAsked = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> TransfersPage:
    """The newest first, each with the orders that it pays and those that the rest may pay."""
    (before,) = read_cursor(cursor, tuple[UUID], (FIRST,))
    found = await see_transfers(hub, in_state, before=before, limit=limit + 1)
    items, more = cut(found, limit)
    return TransfersPage(list(map(_out, items)), write_cursor(items[-1].row.id) if more else None)


@post("/", status_code=200, summary="Record bank transfers", responses=answers(400, 422))
async def post_transfers(hub: NamedDependency[HubContext], data: TransfersBody) -> Recorded:
    """What was told before changes nothing. Nothing is booked by itself, unless the rule is switched on."""
    given = [
        Transfer(
            each.id,
            each.booked_on,
            decimal_of(each.amount),
            each.currency,
            Payer(each.payer, each.reference),
            each.bank_id,
            each.another,
        )
        for each in data.transfers
    ]
    done = await record_transfers(hub, given, actor=ACTOR, at=now())
    return Recorded([each.id for each in given if each.id in done.ids], len(done.booked), sorted(done.alike))


@get("/{transfer_id:uuid}", summary="One bank transfer", responses=answers(400, 404))
async def show_transfer(hub: NamedDependency[HubContext], transfer_id: FromPath[UUID]) -> TransferOut:
    """With the orders that it pays, and those that the rest may pay."""
    return _out(await see_transfer(hub, transfer_id))


@post(
    "/{transfer_id:uuid}/match",
    status_code=200,
    summary="Say which orders a transfer pays",
    responses=answers(400, 404, 409, 422),
)
async def post_matches(
    hub: NamedDependency[HubContext], transfer_id: FromPath[UUID], data: MatchesBody
) -> TransferOut:
    """A part of an order, all of it, or more than is due: each becomes a payment. Never in another currency."""
    wanted = [Match(each.id, transfer_id, each.order, decimal_of(each.amount)) for each in data.matches]
    await match_transfers(hub, wanted, actor=ACTOR, at=now())
    return _out(await see_transfer(hub, transfer_id))


@post(
    "/{transfer_id:uuid}/undo",
    status_code=200,
    summary="Undo a match",
    responses=answers(400, 404, 409, 422),
)
async def post_undo(
    hub: NamedDependency[HubContext], transfer_id: FromPath[UUID], data: UndoBody
) -> TransferOut:
    """The payment is taken back, and the order waits for its money again, as long as unpaid ones of its channel do."""
    await undo_matches(hub, [data.match], actor=ACTOR, at=now())
    return _out(await see_transfer(hub, transfer_id))


@post(
    "/{transfer_id:uuid}/set-aside",
    status_code=200,
    summary="Set a transfer aside",
    responses=answers(400, 404, 409),
)
async def post_aside(hub: NamedDependency[HubContext], transfer_id: FromPath[UUID]) -> TransferOut:
    """It, or what is left of it, pays no order."""
    await set_aside(hub, transfer_id, actor=ACTOR, at=now())
    return _out(await see_transfer(hub, transfer_id))


@post(
    "/{transfer_id:uuid}/take-up",
    status_code=200,
    summary="Take up a transfer that was set aside",
    responses=answers(400, 404, 409),
)
async def post_take_up(hub: NamedDependency[HubContext], transfer_id: FromPath[UUID]) -> TransferOut:
    """It waits to be matched again."""
    await set_aside(hub, transfer_id, take_up=True, actor=ACTOR, at=now())
    return _out(await see_transfer(hub, transfer_id))


@get("/rule", summary="Whether what is sure is booked")
async def show_rule(hub: NamedDependency[HubContext]) -> RuleIn:
    """At first it is not: a person confirms each."""
    return RuleIn(await books_what_is_sure(hub))


@put("/rule", summary="Book what is sure as it comes in", responses=answers(400))
async def put_rule(hub: NamedDependency[HubContext], data: RuleBody) -> RuleIn:
    """One order's own number and exactly what is due, of one order only; everything else waits for a person."""
    await set_rule(hub, books=data.books_what_is_sure, actor=ACTOR, at=now())
    return data


def _out(seen: Seen) -> TransferOut:
    row = seen.row

    def exact(amount: Decimal) -> Money:
        return Money(amount, row.currency)

    return TransferOut(
        row.id,
        row.booked_on,
        exact(row.amount),
        exact(row.amount - row.matched),
        seen.state,
        seen.payer.name,
        seen.payer.reference,
        [
            MatchOut(each.id, each.order, exact(each.amount), each.actor, each.undone_at is not None)
            for each in seen.matches
        ],
        [
            SuggestionOut(each.order, exact(each.amount), each.score, list(each.reasons), each.is_sure)
            for each in seen.suggestions
        ],
    )


bank_routes = Router(
    "/bank-transfers",
    route_handlers=[
        list_transfers,
        post_transfers,
        show_transfer,
        post_matches,
        post_undo,
        post_aside,
        post_take_up,
        show_rule,
        put_rule,
    ],
    tags=["orders"],
)
