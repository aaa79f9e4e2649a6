"""Bank transfers, for the edges: recorded, looked at with what they may pay, and matched by a person's word."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.bank import match_transfers as flows
from hub.model.bank.matching import Money, Suggestion
from hub.model.bank.transfers import Match, Payer, State, Transfer, state_of
from hub.model.errors import NotFoundError
from hub.store.bank import transfers as store
from hub.store.bank.transfers import FIRST, MatchRow, TransferRow


class Seen(Struct, frozen=True):
    """A transfer opened: what of it pays which order, and which others the rest may pay."""

    row: TransferRow
    payer: Payer
    matches: list[MatchRow]
    suggestions: list[Suggestion]

    @property
    def state(self) -> State:
        return state_of(self.row.amount, self.row.matched, is_aside=self.row.is_aside)


async def see_transfers(
    ctx: HubContext, state: State | None = None, *, before: UUID = FIRST, limit: int
) -> list[Seen]:
    """The newest first."""
    async with ctx.db.transaction() as tx:
        rows = await store.list_transfers(tx, state, before=before, limit=limit)
    return await _see(ctx, rows)


async def see_transfer(ctx: HubContext, transfer_id: UUID) -> Seen:
    """Raises NotFoundError."""
    async with ctx.db.transaction() as tx:
        row = await store.find_transfer(tx, transfer_id)
    if row is None:
        msg = f"there is no bank transfer {transfer_id}: see hub payment transfer list"
        raise NotFoundError(msg)
    return (await _see(ctx, [row]))[0]


async def _see(ctx: HubContext, rows: Sequence[TransferRow]) -> list[Seen]:
    payers = {row.id: flows.payer_of(ctx.vault, row) for row in rows}
    money = {
        row.id: Money(row.amount - row.matched, row.currency, payers[row.id].name, payers[row.id].reference)
        for row in rows
        if not row.is_aside and row.matched < row.amount
    }
    async with ctx.db.transaction() as tx:
        matches = await store.matches_of(tx, transfers=list(payers))
        found = await flows.suggestions_for(tx, ctx.vault, money)
    return [
        Seen(
            row, payers[row.id], [each for each in matches if each.transfer == row.id], found.get(row.id, [])
        )
        for row in rows
    ]


async def record_transfers(
    ctx: HubContext, given: Sequence[Transfer], *, actor: str, at: datetime
) -> flows.Recorded:
    """Raises InputError with nothing written."""
    async with ctx.db.transaction() as tx:
        done = await flows.record_transfers(tx, ctx.vault, given, actor=actor, at=at)
    if done.ids:  # else the page would lose what it is asked
        await ring_touched(ctx, done.touched)
    return done


async def match_transfers(ctx: HubContext, wanted: Sequence[Match], *, actor: str, at: datetime) -> None:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        touched = await flows.match_transfers(tx, wanted, actor=actor, at=at)
    await ring_touched(ctx, touched)
    await ctx.bell.announce("orders")


async def undo_matches(ctx: HubContext, ids: Sequence[UUID], *, actor: str, at: datetime) -> None:
    """Raises InputError or NotFoundError with nothing written."""
    async with ctx.db.transaction() as tx:
        await flows.undo_matches(tx, ids, actor=actor, at=at)
    await ctx.bell.announce("orders")


async def set_aside(
    ctx: HubContext, transfer_id: UUID, *, take_up: bool = False, actor: str, at: datetime
) -> None:
    """Raises NotFoundError or WrongStateError."""
    async with ctx.db.transaction() as tx:
        await flows.set_aside(tx, [transfer_id], take_up=take_up, actor=actor, at=at)
    await ctx.bell.announce("orders")


async def books_what_is_sure(ctx: HubContext) -> bool:
    async with ctx.db.transaction() as tx:
        return await store.books_what_is_sure(tx)


async def set_rule(ctx: HubContext, *, books: bool, actor: str, at: datetime) -> None:
    """Whether one order's own number and exactly what is due are booked as they come in."""
    async with ctx.db.transaction() as tx:
        await flows.set_rule(tx, books=books, actor=actor, at=at)
    await ctx.bell.announce("orders")
