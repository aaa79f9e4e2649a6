"""What commands say: tables for people, one JSON document for programs, plain text where nobody looks."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from hub.kit.language import LANGUAGES
from hub.model.money import minor_digits
from hub.spec import Probe

T = TypeVar("T")
Cell = str | int | Text | None

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON document instead of a table."
)
lang_option = click.option(
    "--lang",
    default="en",
    show_default=True,
    type=click.Choice([*LANGUAGES]),
    help="Language of what happened.",
)
_encode = msgspec.json.Encoder(decimal_format="string").encode
_WIDE = 100_000  # no line is cut where no terminal is
_FEW = 20
_DATED_AFTER = timedelta(days=14)
_STEPS = ((172_800, 86_400, "d"), (3600, 3600, "h"), (60, 60, "min"), (10, 1, "s"))
_TONES: Mapping[str, str] = {
    **dict.fromkeys(("active", "taken", "paid", "shipped", "allocated", "settled", "✓"), "green"),
    **dict.fromkeys(
        (
            *("waiting", "paused", "pending", "late", "unmatched", "partly allocated", "backordered", "!"),
            *("requested", "received", "inspected"),
        ),
        "yellow",
    ),
    **dict.fromkeys(
        ("parked", "needs login", "oversold", "unsourced", "failed", "unread", "not read", "✗"), "red"
    ),
    **dict.fromkeys(("unchanged", "older", "ignored", "canceled"), "dim"),
}


def show_list(
    items: Sequence[T],
    *,
    as_json: bool,
    columns: Sequence[str],
    row: Callable[[T], Sequence[Cell]],
    empty: str,
) -> None:
    """Write a table, or {"items": […]}; an empty list says in `empty` what to do next."""
    if as_json:
        print_json({"items": items})
    elif items:
        print_table(columns, map(row, items))
    else:
        click.echo(empty)


def print_json(value: object) -> None:
    click.echo(msgspec.json.format(_encode(value), indent=2).decode())


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A column whose title begins with > holds numbers and is aligned to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in columns:
        is_number = title.startswith(">")
        table.add_column(title.removeprefix(">"), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    console = terminal()
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().splitlines()
    click.echo("\n".join(lines if console.is_terminal else (line.rstrip() for line in lines)))


def terminal() -> Console:
    """Standard output: colors and folding on a terminal only."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def _cell(value: Cell) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else str(value))


def tone(word: str) -> Text:
    """A state in the color of its meaning."""
    return Text(word, style=_TONES.get(word, ""))


def bold(text: str) -> str:
    return click.style(text, bold=True)


def money(amount: Decimal, currency: str) -> str:
    """Never rounded; 5 euros are written 5.00, and six decimals stay six."""
    digits = minor_digits(currency)
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else digits
    return f"{amount:.{max(digits, decimals)}f}"


def age(moment: datetime | None, at: datetime) -> str:
    """Coarse and short: now, 12 s, 4 min, 3 h, 5 d, then the date; "never" where it has not happened."""
    if moment is None:
        return "never"
    gone = at - moment
    return f"{moment:%Y-%m-%d}" if gone > _DATED_AFTER else age_s(gone.total_seconds())


def age_s(seconds: float | None) -> str:
    if seconds is None:
        return ""
    steps = ((unit, word) for least, unit, word in _STEPS if seconds >= least)
    unit, word = next(steps, (0, "now"))
    return f"{int(seconds // unit)} {word}" if unit else word


def left(moment: datetime, at: datetime) -> str:
    """How long until then: 45 s, 14 min, 3 h, 2 d; "over" where it has passed."""
    seconds = (moment - at).total_seconds()
    return "over" if seconds <= 0 else age_s(max(seconds, 10))


def count_of(count: int, one: str, many: str = "") -> str:
    """1 order, 2 orders."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def print_probes(probes: Sequence[Probe]) -> None:
    for each in probes:
        mark = click.style("✓", fg="green") if each.ok else click.style("✗", fg="red")
        click.echo(f"  {mark} {each.name}{': ' + each.detail if each.detail else ''}")
        if each.remedy and not each.ok:
            click.echo(f"    → {each.remedy}")


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Yield what to call with each advance; it shows on a terminal, for more than a few things."""
    console = Console(stderr=True)
    hidden = not console.is_terminal or (total is not None and total <= _FEW)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(words, total=total)
        yield lambda more: bar.advance(task, more)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
