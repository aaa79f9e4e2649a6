"""What commands about stock take: SKUs with their numbers, as words or in a file."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from hub.cli.files import text_of
from hub.cli.output import json_option
from hub.model.stock.lines import Units, read_lines, read_pair, renamed
from hub.store.db import Tx
from hub.store.stock.skus import named_skus

ACTOR = "command line"

Command = TypeVar("Command", bound=Callable[..., Any])

pairs_argument = click.argument("pairs", nargs=-1, metavar="[SKU:UNITS…]")
_FILE = click.Path(path_type=Path, allow_dash=True)


def file_option(command: Command) -> Command:
    says = "Lines of SKU and number, as a CSV has them; - reads the input."
    return click.option("--file", type=_FILE, help=says)(command)


def listed_by(states: type[StrEnum], where: str) -> Callable[[Command], Command]:
    """The options of a list whose rows have a state and stand `where` a location: of, from or to."""
    state = click.Choice([each.value for each in states])
    options = (
        click.option("--state", type=state, help="Only these."),
        click.option("--location", help=f"Only {where} this location."),
        click.option(
            "--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most."
        ),
        json_option,
    )
    return lambda command: reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


async def lines_of(tx: Tx, pairs: Sequence[str], file: Path | None) -> list[Units]:
    """Both together; a SKU may be written in any case, or as its barcode. Raises InputError."""
    written = [read_pair(each) for each in pairs] + (read_lines(text_of(file)) if file else [])
    return renamed(written, await named_skus(tx, [each.sku for each in written]))


async def sku_of(tx: Tx, word: str) -> str:
    """One SKU, in any case or by its barcode; a word that stands for none is given back as it is."""
    return (await named_skus(tx, [word])).get(word, word)
