"""hub count: count what lies there, look at the differences, post them."""

import sys
from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import (
    Cell,
    age,
    bold,
    count_of,
    json_option,
    money,
    print_json,
    print_table,
    show_list,
    tone,
)
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, listed_by
from hub.flows.stock import count_sheets as flow
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.counts import Entry, State, read_units
from hub.store.api.counts import SEEN, WHICH, Sheet, SheetLine, list_sheets, read_sheet, sheet_lines
from hub.store.db import Tx
from hub.store.stock.counts import Risky, riskiest
from hub.store.stock.skus import named_skus

LINES_MAX = 100_000
number_argument = click.argument("number", type=click.IntRange(1))
skus_argument = click.argument("skus", nargs=-1, metavar="[SKU…]")


@click.group()
def count() -> None:
    """Count stock: a whole location, its riskiest SKUs, or some you name."""


@count.command()
@click.argument("location")
@skus_argument
@click.option("--riskiest", default=0, metavar="N", help="Only the N riskiest SKUs: hub count risk LOCATION.")
@click.option("--blind", is_flag=True, help="Do not show who counts what the books expect.")
@click.option("--note", default="", help="For whoever counts.")
@in_hub
async def new(
    ctx: HubContext, location: str, skus: Sequence[str], *, riskiest: int, blind: bool, note: str
) -> None:
    """Begin a sheet. Stock may move on meanwhile: each SKU is held against the books of its own moment."""
    async with ctx.db.transaction() as tx:
        chosen = await _named(tx, skus)
        plan = flow.Plan(uuid7(), location, riskiest, chosen, blind, note)
        begun = await flow.begin_count(tx, plan, actor=ACTOR, at=now())
    click.echo(
        f"count sheet {begun.number} holds {count_of(begun.lines, 'SKU')}: hub count enter {begun.number} SKU:UNITS"
    )


@count.command("list")
@listed_by(State, "of")
@in_hub
async def list_them(
    ctx: HubContext, *, state: str | None, location: str | None, limit: int, as_json: bool
) -> None:
    """List count sheets, the newest first."""
    async with ctx.db.transaction() as tx:
        found = await list_sheets(tx, state=state, location=location, limit=limit)
    columns = [">Number", "Location", "State", "What", ">SKUs", ">Counted", ">Differ", "Begun", "Note"]
    empty = "No count sheets. Begin one: hub count new LOCATION   ·   what to count first: hub count risk LOCATION"
    seen = [each.seen_by_counter() for each in found]
    show_list(seen, as_json=as_json, columns=columns, row=_sheet_row, empty=empty)


@count.command()
@click.argument("location")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1, flow.RISKIEST_MAX),
    help="At most so many.",
)
@json_option
@in_hub
async def risk(ctx: HubContext, location: str, *, limit: int, as_json: bool) -> None:
    """List what should be counted first: of high value, much moved, long not counted, often wrong."""
    async with ctx.db.transaction() as tx:
        found = await riskiest(tx, location, limit=limit, at=now())
    columns = ["SKU", "Name", ">Risk", ">Value", ">Moved, 90 days", ">Days since count", ">Off in a year"]
    empty = f"Nothing lies at {location} that is not being counted already."
    show_list(found, as_json=as_json, columns=columns, row=_risk_row, empty=empty)


@count.command()
@number_argument
@click.argument("entries", nargs=-1, metavar="[SKU[:UNITS]…]")
@click.option("--scan", is_flag=True, help="Read SKUs or barcodes from the input, one a line; each adds one.")
@click.option("--none-left", is_flag=True, help="Of all that nobody has counted there is none.")
@click.option("--by", default=ACTOR, help="Who counts.")
@in_hub
async def enter(
    ctx: HubContext, number: int, entries: Sequence[str], *, scan: bool, none_left: bool, by: str
) -> None:
    """Enter what lies there: MUG:12 is twelve in all, MUG:+3 three more, MUG one more. A barcode does as well."""
    words = [*entries, *(line.strip() for line in sys.stdin if line.strip())] if scan else [*entries]
    async with ctx.db.transaction() as tx:
        if words or not none_left:
            await flow.enter_counts(tx, number, await _entries(tx, words, by), at=now())
        if none_left:
            await flow.find_none(tx, number, by=by, at=now())
        found = await _read(tx, number)
    await ctx.bell.announce("counts")
    click.echo(f"count sheet {number}: {found.counted} of {count_of(found.lines, 'SKU')} counted")


@count.command()
@number_argument
@click.option(
    "--lines", "which", type=click.Choice(WHICH), default="differing", show_default=True, help="Only these."
)
@click.option(
    "--accept", "accepted", multiple=True, metavar="SKU", help="Take its difference as it is; repeat it."
)
@click.option("--again", multiple=True, metavar="SKU", help="Have it counted again; repeat it.")
@click.option("--reason", default="", help="Why the accepted ones differ.")
@json_option
@in_hub
async def review(
    ctx: HubContext,
    number: int,
    *,
    which: str,
    accepted: Sequence[str],
    again: Sequence[str],
    reason: str,
    as_json: bool,
) -> None:
    """Look at the differences; accept some with a reason, have others counted again."""
    async with ctx.db.transaction() as tx:
        if accepted:
            await flow.accept(tx, number, await _named(tx, accepted), reason, actor=ACTOR, at=now())
        if again:
            await flow.count_again(tx, number, await _named(tx, again), actor=ACTOR, at=now())
        found = await _read(tx, number)
        lines = await sheet_lines(tx, number, which=which, limit=LINES_MAX)
    if accepted or again:
        await ctx.bell.announce("counts")
    _show(
        found, lines, as_json=as_json, empty="Nothing differs so far.", next_step=f"hub count post {number}"
    )


@count.command()
@number_argument
@click.option(
    "--lines", "which", type=click.Choice(SEEN), default="all", show_default=True, help="Only these."
)
@json_option
@in_hub
async def show(ctx: HubContext, number: int, *, which: str, as_json: bool) -> None:
    """Show a sheet, as whoever counts sees it: a blind one keeps what is expected to itself while it is open."""
    async with ctx.db.transaction() as tx:
        found = await _read(tx, number)
        lines = await sheet_lines(tx, number, which=which, limit=LINES_MAX)
    seen = [each.seen_by_counter(found) for each in lines]
    next_step = f"hub count review {number}"
    _show(found.seen_by_counter(), seen, as_json=as_json, empty="Nothing stands on it.", next_step=next_step)


@count.command()
@number_argument
@click.option("--reason", default="", help="For the differences that have none of their own.")
@in_hub
async def post(ctx: HubContext, number: int, *, reason: str) -> None:
    """Post the differences, once. What nobody counted stays as it is."""
    async with ctx.db.transaction() as tx:
        posted = await flow.post_count(tx, number, reason=reason, actor=ACTOR, at=now())
    await ring_touched(ctx, posted.touched)
    await ctx.bell.announce("counts")
    if not posted.counted:
        click.echo(f"count sheet {number} was posted before: nothing was done again")
        return
    left = f"; {count_of(posted.left_out, 'SKU')} not counted, and as before" if posted.left_out else ""
    click.echo(f"{count_of(posted.counted, 'SKU')} counted, {posted.changed} of them changed{left}")


@count.command()
@number_argument
@in_hub
async def drop(ctx: HubContext, number: int) -> None:
    """Give a sheet up: it moves nothing."""
    async with ctx.db.transaction() as tx:
        await flow.drop_count(tx, number, actor=ACTOR, at=now())
    await ctx.bell.announce("counts")
    click.echo(f"count sheet {number} is dropped")


async def _read(tx: Tx, number: int) -> Sheet:
    found = await read_sheet(tx, number)
    if found is None:
        msg = f"there is no count sheet {number}: see hub count list"
        raise NotFoundError(msg)
    return found


async def _named(tx: Tx, words: Sequence[str]) -> list[str]:
    names = await named_skus(tx, words)
    strange = sorted({*words} - names.keys())
    if strange:
        msg = f"no SKU or barcode is {', '.join(strange[:5])}: see hub sku list"
        raise InputError(msg, field="sku")
    return [names[word] for word in words]


async def _entries(tx: Tx, words: Sequence[str], by: str) -> list[Entry]:
    """A word that is a SKU or a barcode as it stands is one more of it, colons or not."""
    whole = await named_skus(tx, words)
    pairs = [(word, "") if word in whole else _parted(word) for word in words]
    skus = await _named(tx, [word for word, _ in pairs])
    counted = [read_units(units) for _, units in pairs]
    return [Entry(uuid7(), sku, units, adds, by) for sku, (units, adds) in zip(skus, counted, strict=True)]


def _parted(word: str) -> tuple[str, str]:
    name, colon, units = word.rpartition(":")
    return (name, units) if colon else (word, "")


def _show(found: Sheet, lines: Sequence[SheetLine], *, as_json: bool, empty: str, next_step: str) -> None:
    if as_json:
        print_json({"sheet": found, "items": lines})
        return
    far = f"{found.counted} of {count_of(found.lines, 'SKU')} counted"
    click.echo(f"{bold(f'Count sheet {found.number}')}  {found.location}  {found.state}  {far}")
    columns = ["  SKU", "Name", ">Expected", ">Counted", ">Differs", ">Value", "Counted", "By", "Reason", ""]
    if lines:
        print_table(columns, map(_line_row, lines))
    else:
        click.echo(empty)
    if found.state is State.OPEN:
        click.echo(f"\nNext: {next_step}")


def _line_row(each: SheetLine) -> list[Cell]:
    differs = f"{each.difference:+}" if each.difference else ""
    value = money(each.value, each.currency) if each.value and each.currency else ""
    hints = {"moved while it was counted": each.moved_meanwhile, "changed since": each.changed_since}
    said = tone(", ".join(hint for hint, holds in hints.items() if holds))
    when = age(each.counted_at, now()) if each.counted_at else ""
    return [
        f"  {each.sku}",
        each.name,
        each.expected,
        each.counted,
        differs,
        value,
        when,
        each.counted_by,
        each.reason,
        said,
    ]


def _sheet_row(each: Sheet) -> list[Cell]:
    what = {"location": "all that lies there", "riskiest": "the riskiest", "chosen": "chosen SKUs"}[
        each.scope
    ]
    counts = (each.lines, each.counted, each.differing)
    when = age(each.created_at, now())
    blind = ", blind" if each.blind else ""
    return [each.number, each.location, tone(each.state), what + blind, *counts, when, each.note]


def _risk_row(each: Risky) -> list[Cell]:
    return [
        each.sku,
        each.name,
        f"{each.score:.1f}",
        f"{each.value:.2f}",
        each.moved,
        each.days,
        each.differed,
    ]
