"""What commands about stock take: SKUs with their numbers, as words or in a file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hub.cli.files import text_of
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


async def lines_of(tx: Tx, pairs: Sequence[str], file: Path | None) -> list[Units]:
    """Both together; a SKU may be written in any case, or as its barcode. Raises InputError."""
    written = [read_pair(each) for each in pairs] + (read_lines(text_of(file)) if file else [])
    return renamed(written, await named_skus(tx, [each.sku for each in written]))


async def sku_of(tx: Tx, word: str) -> str:
    """One SKU, in any case or by its barcode; a word that stands for none is given back as it is."""
    return (await named_skus(tx, [word])).get(word, word)
