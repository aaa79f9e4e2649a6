"""hub backorder: how far SKUs are sold ahead of their stock, and what waits for it."""

from collections.abc import Sequence
from datetime import datetime

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, age, count_of, json_option, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR
from hub.flows.stock.set_backorders import end_backorders, set_backorders
from hub.kit.clock import now
from hub.model.stock.backorders import AheadKind, Terms, sentence, when
from hub.store.stock.backorders import TermsRow, list_terms, read_ahead


@click.group()
def backorder() -> None:
    """Sell ahead of stock, up to a limit for each SKU."""


@backorder.command("set")
@click.argument("sku")
@click.argument("limit", type=int)
@click.option("--expected", type=click.DateTime(["%Y-%m-%d"]), help="When it should be there: 2026-12-10.")
@click.option("--preorder", is_flag=True, help="It is sold before its first receipt.")
@in_hub
async def set_terms(
    ctx: HubContext, sku: str, limit: int, *, expected: datetime | None, preorder: bool
) -> None:
    """Take orders of a SKU for at most LIMIT units more than there are.

    Phone orders are not refused then, and sales of a channel not held: they wait as backordered, and get their units
    when stock comes. Orders that lack the SKU already take their place, the oldest first.
    """
    kind = AheadKind.PREORDER if preorder else AheadKind.BACKORDER
    terms = Terms(limit, expected.date() if expected else None, kind)
    at = now()
    async with ctx.db.transaction() as tx:
        touched = await set_backorders(tx, {sku: terms}, actor=ACTOR, at=at)
        ahead = (await read_ahead(tx, [sku]))[sku]
    await ring_touched(ctx, touched)
    click.echo(sentence(sku, ahead, at=at))


@backorder.command()
@click.argument("skus", nargs=-1, required=True, metavar="SKU…")
@in_hub
async def end(ctx: HubContext, skus: Sequence[str]) -> None:
    """Take no new backorders; what waits already keeps its place."""
    async with ctx.db.transaction() as tx:
        touched = await end_backorders(tx, skus, actor=ACTOR, at=now())
        waiting = sum(each.taken for each in (await read_ahead(tx, skus)).values())
    await ring_touched(ctx, touched)
    still = f"; {count_of(waiting, 'unit')} still to be filled" if waiting else ""
    click.echo(f"{count_of(len(set(skus)), 'SKU')}: no new backorders{still}")


@backorder.command("list")
@click.argument("skus", nargs=-1, metavar="[SKU…]")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_backorders(ctx: HubContext, skus: Sequence[str], *, limit: int, as_json: bool) -> None:
    """List what is sold ahead: its limit, what is taken of it, and how long the oldest order has waited."""
    at = now()
    async with ctx.db.transaction() as tx:
        found = await list_terms(tx, only=skus or None, limit=limit)
    columns = ["SKU", "Name", "Kind", ">Limit", ">Taken", ">Left", "Expected", ">Orders", ">Oldest"]
    empty = "Nothing is sold ahead of its stock. Begin: hub backorder set SKU LIMIT --expected 2026-12-10"

    def row(each: TermsRow) -> list[Cell]:
        oldest = age(each.since, at) if each.since else ""
        counts = [each.limit, each.taken, each.left]
        return [each.sku, each.name, each.kind, *counts, when(each.expected, at), each.orders, oldest]

    show_list(found, as_json=as_json, columns=columns, row=row, empty=empty)
