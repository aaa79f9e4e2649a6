"""hub import: look at what a file would change, and take it over."""

import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.files.importing import look_at, take_over
from hub.channels.files.reading import File, read_file, refused_rows, template
from hub.cli.files import bytes_of
from hub.cli.output import Cell, count_of, json_option, print_json, print_table, progress, tone
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR
from hub.flows.imports.taking import By
from hub.kit.ids import uuid7
from hub.kit.sheets import Format
from hub.kit.sheets.delimited import ENCODINGS
from hub.model.errors import InputError
from hub.model.imports.drastic import is_drastic, needs_a_word, sentence
from hub.model.imports.kinds import Kind
from hub.model.imports.lines import Line, Outcome, Tally, tally
from hub.model.imports.rows import How

SOME_REFUSED = 3
"""The exit code where rows were refused; 1 is for a file that cannot be read at all."""
SHOWN = 20  # rows of each outcome that are listed, without --all
Command = TypeVar("Command", bound=Callable[..., Any])


class Answer(Struct, frozen=True):
    """What `--json` gives; without `applied`, what would become of the rows."""

    applied: bool
    counts: Tally
    notes: list[str]
    refused_file: str
    lines: list[Line]


class Wish(Struct, frozen=True, kw_only=True):
    """The options that all kinds have."""

    file: Path
    apply: bool
    sure: bool
    encoding: str | None
    refused: Path | None
    show_all: bool
    as_json: bool

    @property
    def name(self) -> str:
        return "input" if str(self.file) == "-" else self.file.name


@click.group("import")
def import_() -> None:
    """Look at what a file would change, and take it over with --apply. CSV and XLSX.

    Exit code 3 says that some rows were refused, 1 that nothing could be done.
    """


def _options(command: Command) -> Command:
    for option in reversed(
        [
            click.argument("file", type=click.Path(path_type=Path, allow_dash=True)),
            click.option("--apply", is_flag=True, help="Write it; without, nothing is written."),
            click.option(
                "--sure", is_flag=True, help="Also where it empties stock, or moves prices tenfold."
            ),
            click.option("--encoding", type=click.Choice(ENCODINGS), help="Of a CSV that is not UTF-8."),
            click.option(
                "--refused", type=click.Path(path_type=Path), help="Where the refused rows go, with why."
            ),
            click.option("--all", "show_all", is_flag=True, help="List every row, not only the first ones."),
            json_option,
        ]
    ):
        command = option(command)
    return command


@import_.command()
@_options
@click.option("--location", default="", help="For rows that name none.")
@click.option("--reason", default="", help="Why, for the movements; without, the name of the file.")
@in_hub
async def stock(ctx: HubContext, /, *, location: str, reason: str, **wish: Any) -> None:
    """Set what lies where. Nothing is added up: opening stock and counts come so."""
    await _import(ctx, Kind.STOCK, How(location=location, reason=reason), Wish(**wish))


@import_.command()
@_options
@in_hub
async def catalog(ctx: HubContext, /, **wish: Any) -> None:
    """Add SKUs, or change their names, barcodes, groups and tracking. An empty cell leaves what is there."""
    await _import(ctx, Kind.CATALOG, How(), Wish(**wish))


@import_.command()
@_options
@click.option("--decimal-comma", is_flag=True, help="Amounts are written 12,50.")
@in_hub
async def prices(ctx: HubContext, /, *, decimal_comma: bool, **wish: Any) -> None:
    """Set the list price of each SKU."""
    await _import(ctx, Kind.PRICES, How(decimal_comma=decimal_comma), Wish(**wish))


@import_.command()
@_options
@click.option("--channel", default="", help="For rows that name none.")
@in_hub
async def listings(ctx: HubContext, /, *, channel: str, **wish: Any) -> None:
    """Say which SKU each listing is. Orders that waited for it go on by themselves."""
    await _import(ctx, Kind.LISTINGS, How(channel=channel), Wish(**wish))


@import_.command()
@_options
@in_hub
async def parcels(ctx: HubContext, /, **wish: Any) -> None:
    """Take a carrier's file: orders leave, parcels get their numbers, and it is told what became of them."""
    await _import(ctx, Kind.PARCELS, How(), Wish(**wish))


@import_.command()
@_options
@click.option("--decimal-comma", is_flag=True, help="Amounts are written 12,50.")
@in_hub
async def bank(ctx: HubContext, /, *, decimal_comma: bool, **wish: Any) -> None:
    """Take a bank statement: what came in is kept once, sealed, and waits to be matched with the orders it pays."""
    await _import(ctx, Kind.BANK, How(decimal_comma=decimal_comma), Wish(**wish))


@import_.command("template")
@click.argument("kind", type=click.Choice([each.value for each in Kind]))
@click.option(
    "--format",
    "format_",
    type=click.Choice([each.value for each in Format]),
    default="csv",
    help="What the file is.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; without, it is printed.")
def show_template(kind: str, format_: str, output: Path | None) -> None:
    """Print an example of a file that can be imported."""
    write_out(template(Kind(kind), Format(format_)), Format(format_), output)


async def _import(ctx: HubContext, kind: Kind, how: How, wish: Wish) -> None:
    file = read_file(kind, bytes_of(wish.file), how, encoding=wish.encoding or "")
    by = By(uuid7(), ACTOR, how.reason.strip() or f"import of {wish.name}")
    lines = await _follow(look_at(ctx, file), "looking", file)
    warning = _warning(file, lines)
    if wish.apply:
        if warning and not wish.sure:
            msg = (
                f"{warning} Look at it without --apply; if it is so, say --apply --sure. Nothing was written"
            )
            raise InputError(msg, field="sure")
        lines = await _follow(take_over(ctx, file, by), "importing", file)
    elif warning:
        file.notes.append(warning)
    where = _write_refused(file, lines, wish)
    counts = tally(lines)
    if wish.as_json:
        print_json(Answer(wish.apply, counts, file.notes, str(where or ""), lines))
    else:
        _say(file, lines, counts, wish)
    if where is not None:
        click.echo(
            f"The refused rows are in {where}: mend them there, and import that file.", err=wish.as_json
        )
    if counts.refused:
        sys.exit(SOME_REFUSED)


async def _follow(steps: AsyncIterator[list[Line]], words: str, file: File) -> list[Line]:
    lines: list[Line] = []
    with progress(words, len(file.rows)) as advance:
        async for batch in steps:
            lines += batch
            advance(len(batch))
    return lines


def _warning(file: File, lines: Sequence[Line]) -> str:
    drastic, rows = sum(map(is_drastic, lines)), len(lines) - tally(lines).refused
    if not needs_a_word(file.kind, drastic, rows):
        return ""
    told = sentence(file.kind, drastic, rows)
    return told[0].upper() + told[1:]


def write_out(raw: bytes, format_: Format, output: Path | None) -> None:
    """To a file, or to where the output goes; raises InputError where it cannot be written."""
    if output is None and format_ is Format.XLSX and sys.stdout.isatty():
        msg = "a workbook cannot be shown on a terminal: say where it goes, with -o FILE"
        raise InputError(msg, field="output")
    if output is None:
        click.echo(raw.removeprefix(b"\xef\xbb\xbf") if format_ is Format.CSV else raw, nl=False)
        return
    try:
        output.write_bytes(raw)
    except OSError as error:
        msg = f"{output}: {error.strerror or error}: say another place with -o"
        raise InputError(msg, field="output") from error


def _write_refused(file: File, lines: Sequence[Line], wish: Wish) -> Path | None:
    """Beside the file once it is applied; before that, only where somebody says so."""
    name = f"{Path(wish.name).stem}-refused.{file.sheet.format}"
    beside = wish.file.with_name(name) if wish.apply else None
    where = wish.refused or beside
    if where is None or not tally(lines).refused:
        return None
    write_out(refused_rows(file.sheet, lines), file.sheet.format, where)
    return where


def _say(file: File, lines: Sequence[Line], counts: Tally, wish: Wish) -> None:
    for note in file.notes:
        click.secho(note, fg="yellow", err=True)
    shown = [line for line in lines if line.writes or line.why]
    seen: Counter[Outcome] = Counter()
    listed = []
    for line in sorted(shown, key=lambda each: (each.outcome is not Outcome.REFUSED, each.row)):
        seen[line.outcome] += 1
        if wish.show_all or seen[line.outcome] <= SHOWN:
            listed.append(line)
    if listed:
        print_table([">Row", "", "What", "Column", "Change, or what to do"], map(_row, listed))
    if len(listed) < len(shown):
        click.echo(f"… and {len(shown) - len(listed):,} more: --all lists them")
    click.echo(_summary(counts, wish))


def _row(line: Line) -> list[Cell]:
    changes = ", ".join(f"{each.what} {_old(each.old)}{each.new or '–'}" for each in line.changes)
    return [line.row, tone(line.outcome), line.key, line.column, line.why or changes]


def _old(old: str) -> str:
    return f"{old} → " if old else ""


def _summary(counts: Tally, wish: Wish) -> str:
    parts = ", ".join(f"{getattr(counts, outcome):,} {outcome}" for outcome in Outcome)
    rows = count_of(counts.rows, "row")
    if wish.apply:
        return f"{rows} imported: {parts}."
    if not counts.new + counts.changed:
        return f"{rows}: {parts}. There is nothing to import."
    return f"{rows}: {parts}. Nothing is written yet; --apply does it."
