"""What a bench says: progress while it runs, a table at its end, and one line of JSON as its very last."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

WIDTH_PIPED = 110
console = Console(width=None if sys.stdout.isatty() else WIDTH_PIPED)


class Line(Struct, frozen=True):
    """One figure beside its limit; `verdict` says how to read the ratio."""

    what: str
    figure: str
    limit: str = ""
    ratio: str = ""
    verdict: str = ""


def progress() -> Progress:
    words = TextColumn("{task.description}")
    return Progress(words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)


def show(title: str, lines: Sequence[Line], facts: Mapping[str, Any]) -> None:
    """The table for people, then the line for programs."""
    table = Table(title=title, title_justify="left")
    for heading in ("", "measured", "limit, same run", "ratio", ""):
        table.add_column(heading, overflow="fold")
    for line in lines:
        table.add_row(line.what, line.figure, line.limit, line.ratio, line.verdict)
    console.print(table)
    print(msgspec.json.encode(facts).decode(), flush=True)
