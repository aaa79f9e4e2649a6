"""hub pick: take what is promised off the shelves for many orders at once."""

import sys
from collections.abc import Sequence

import click

from hub.channels import picking
from hub.channels.context import HubContext
from hub.cli.output import Cell, age, bold, count_of, json_option, print_json, print_table, show_list, tone
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, listed_by
from hub.flows.orders.pick import ORDERS_MAX, NewList
from hub.flows.orders.pick_short import Short
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.picking import Entry, State
from hub.store.api.picking import PickList, PickRow, list_lists, list_of, pick_rows
from hub.store.db import Tx
from hub.store.stock.skus import named_skus

number_argument = click.argument("number", type=click.IntRange(1))


@click.group()
def pick() -> None:
    """Pick lists: what is promised, in the order of the shelves, for a batch of orders."""


@pick.command()
@click.argument("location")
@click.argument("orders", nargs=-1, type=int, metavar="[ORDER…]")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1, ORDERS_MAX),
    help="How many of the most urgent, where none is named.",
)
@in_hub
async def new(ctx: HubContext, location: str, orders: Sequence[int], *, limit: int) -> None:
    """Begin a list, of the most urgent orders or of those you name.

    Orders that are held, or on another list, are left out; so are those that lack something, unless named.
    """
    made = await picking.begin_picking(ctx, NewList(uuid7(), location, orders, limit), actor=ACTOR, at=now())
    click.echo(
        f"pick list {made.number} asks for {count_of(made.units, 'unit')} for {count_of(made.orders, 'order')}:"
        f" hub pick show {made.number}"
    )


@pick.command("list")
@listed_by(State, "of")
@in_hub
async def list_them(
    ctx: HubContext, *, state: str | None, location: str | None, limit: int, as_json: bool
) -> None:
    """List pick lists, the newest first."""
    async with ctx.db.transaction() as tx:
        found = await list_lists(tx, state=state, location=location, limit=limit)
    columns = [">Number", "Location", "State", ">Orders", ">Units", ">In hand", ">Changed", "Begun", "By"]
    empty = "No pick lists. Begin one: hub pick new LOCATION"
    show_list(found, as_json=as_json, columns=columns, row=_list_row, empty=empty)


@pick.command()
@number_argument
@json_option
@in_hub
async def show(ctx: HubContext, number: int, *, as_json: bool) -> None:
    """Show a list in the order of the shelves, and what of it changed meanwhile."""
    async with ctx.db.transaction() as tx:
        found, rows = await list_of(tx, number), await pick_rows(tx, number)
    if as_json:
        print_json({"head": found, "items": rows})
        return
    far = f"{found.picked} of {count_of(found.units, 'unit')} in hand"
    click.echo(f"{bold(f'Pick list {found.number}')}  {found.location}  {found.state}  {far}")
    print_table(["  Shelf", "SKU", "Name", ">Pick", ">In hand", ">Short", ">Order", ""], map(_pick_row, rows))


@pick.command()
@number_argument
@click.argument("entries", nargs=-1, metavar="[SKU[:UNITS]…]")
@click.option(
    "--scan", is_flag=True, help="Read SKUs or barcodes from the input, one a line; each is one unit."
)
@click.option("--by", default=ACTOR, help="Who picks.")
@in_hub
async def enter(ctx: HubContext, number: int, entries: Sequence[str], *, scan: bool, by: str) -> None:
    """Enter what was taken off the shelf: MUG:3 is three of it, MUG:-1 puts one back. A barcode does as well."""
    words = [*entries, *(line.strip() for line in sys.stdin if line.strip())] if scan else [*entries]
    async with ctx.db.transaction() as tx:
        taken = [await _entry(tx, word, by) for word in words]
    found = await picking.enter_picks(ctx, number, taken, at=now())
    click.echo(f"pick list {number}: {found.picked} of {count_of(found.units, 'unit')} in hand")


@pick.command()
@number_argument
@click.argument("sku")
@click.option("--reason", required=True, help="Why it is not there, such as 'not found' or 'damaged'.")
@click.option(
    "--only-missing",
    is_flag=True,
    help="There is more of it at the location: only what is missing leaves the books.",
)
@in_hub
async def short(ctx: HubContext, number: int, sku: str, *, reason: str, only_missing: bool) -> None:
    """Say that what the list still asks for of a SKU is not there; its orders get it from elsewhere, or are held."""
    async with ctx.db.transaction() as tx:
        named = await _sku(tx, sku)
    told = Short(uuid7(), named, reason, not only_missing)
    done = await picking.tell_short(ctx, number, told, actor=ACTOR, at=now())
    if not done.missing:
        click.echo(f"pick list {number} asks for no more of {named}: nothing was changed")
        return
    click.echo(
        f"{done.missing} of {named} missing; the books changed by {done.change:+}: hub pick show {number}"
    )


@pick.command()
@number_argument
@in_hub
async def back(ctx: HubContext, number: int) -> None:
    """Say that what was in hand for nothing lies on its shelf again: of orders changed or canceled meanwhile."""
    units = await picking.put_back(ctx, number, actor=ACTOR, at=now())
    click.echo(f"{count_of(units, 'unit')} put back")


@pick.command()
@number_argument
@in_hub
async def drop(ctx: HubContext, number: int) -> None:
    """Give a list up: what was picked goes back to its shelf; the orders keep what is promised to them."""
    await picking.drop_list(ctx, number, actor=ACTOR, at=now())
    click.echo(f"pick list {number} is dropped")


async def _entry(tx: Tx, word: str, by: str) -> Entry:
    """A word that is a SKU or a barcode as it stands is one of it, colons or not."""
    if word in await named_skus(tx, [word]):
        return Entry(uuid7(), await _sku(tx, word), by=by)
    name, _, units = word.rpartition(":")
    try:
        return Entry(uuid7(), await _sku(tx, name or word), int(units), by)
    except ValueError as error:
        msg = f"{word!r} is not a SKU and a number: write it as MUG-BLUE:3"
        raise InputError(msg, field="code") from error


async def _sku(tx: Tx, word: str) -> str:
    named = await named_skus(tx, [word])
    if word not in named:
        msg = f"no SKU or barcode is {word}: see hub sku list"
        raise InputError(msg, field="code")
    return named[word]


def _list_row(each: PickList) -> list[Cell]:
    counts = (each.orders, each.units, each.picked, each.changed or "")
    return [
        each.number,
        each.location,
        tone(each.state),
        *counts,
        age(each.created_at, now()),
        each.created_by,
    ]


def _pick_row(each: PickRow) -> list[Cell]:
    said = {
        f"put {each.surplus} back": each.surplus,
        "order canceled": each.canceled,
        f"held: {', '.join(each.held)}": each.held and not each.canceled,
    }
    why = tone(", ".join(words for words, holds in said.items() if holds))
    counts = (each.needed, each.picked, each.short or "")
    return [f"  {each.shelf}", each.sku, each.name, *counts, each.order, why]
