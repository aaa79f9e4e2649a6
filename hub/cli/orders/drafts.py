"""hub order drafts, drop, duplicate: orders that are still being typed, and what is reserved for them."""

from collections.abc import Sequence
from datetime import datetime

import click
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.drafts import drop_forms
from hub.cli.output import Cell, age, count_of, json_option, left, print_json, show_list
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import NotFoundError, WrongStateError
from hub.store.drafts import find_draft
from hub.web.desk.orders.duplicate import duplicate as duplicate_as
from hub.web.desk.orders.saving import DraftBrief, list_briefs

ACTOR = "command line"
COLUMNS = ("Draft", "Customer", "Items", "Saved", "By", ">Reserved", "Ends in")
NONE = "Nobody is typing an order. Begin one on the desk, New order: it is kept as it is typed."


class DraftItem(Struct, frozen=True):
    """One draft as `hub order drafts --json` gives it; `reserved` counts stock units."""

    id: str
    customer: str
    items: str
    by: str
    saved_at: datetime
    reserved: int
    reserved_until: datetime | None


@click.command()
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def drafts(ctx: HubContext, *, limit: int, as_json: bool) -> None:
    """List the orders that are still being typed, the last saved first."""
    async with ctx.db.transaction() as tx:
        found = [_item(each) for each in await list_briefs(tx, ctx.vault, limit=limit)]
    show_list(found, as_json=as_json, columns=COLUMNS, row=_row, empty=NONE)


@click.command()
@click.argument("number", type=int)
@click.option("--id", "draft_id", help="An id of your own: the same again is the same draft.")
@json_option
@in_hub
async def duplicate(ctx: HubContext, number: int, *, draft_id: str | None, as_json: bool) -> None:
    """Begin the same order for the same customer, as a draft to look at on the desk: hub order duplicate 1042."""
    draft, standing = await duplicate_as(
        ctx, number, draft_id=draft_id or str(uuid7()), actor=ACTOR, at=now()
    )
    if standing.number is not None:
        msg = f"draft {draft.command_id} is order {standing.number} already: duplicate it under another id"
        raise WrongStateError(msg)
    if as_json:
        lacking = sum(standing.short.values())
        print_json({"draft": draft.command_id, "reserved_until": standing.until, "short": lacking})
        return
    click.echo(f"draft {draft.command_id}: {draft.title}")
    click.echo(f"  look at it and accept it: /orders/new?draft={draft.command_id}")


@click.command()
@click.argument("draft_ids", nargs=-1, required=True, metavar="DRAFT…")
@in_hub
async def drop(ctx: HubContext, draft_ids: Sequence[str]) -> None:
    """Forget drafts nobody needs; what was reserved for them is sold again at once."""
    at = now()
    async with ctx.db.transaction() as tx:
        found = {each: await find_draft(tx, each) for each in dict.fromkeys(draft_ids)}
    missing = [draft_id for draft_id, kept in found.items() if kept is None]
    if missing:
        msg = f"there is no draft {missing[0]}: see hub order drafts; nothing was dropped"
        raise NotFoundError(msg)
    await drop_forms(ctx, list(found), at=at)
    units = sum(kept.reserved for kept in found.values() if kept)
    click.echo(f"{count_of(len(found), 'draft')} dropped; {count_of(units, 'unit')} no longer reserved")


def _item(brief: DraftBrief) -> DraftItem:
    name = "sealed with another key" if brief.unread else brief.name
    return DraftItem(brief.id, name, brief.title, brief.actor, brief.saved_at, brief.reserved, brief.until)


def _row(each: DraftItem) -> list[Cell]:
    at = now()
    ends = left(each.reserved_until, at) if each.reserved_until else ""
    return [each.id, each.customer, each.items, age(each.saved_at, at), each.by, each.reserved, ends]
