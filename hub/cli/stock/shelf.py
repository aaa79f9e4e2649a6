"""hub stock shelf: say where SKUs lie at a location, and see it."""

from collections.abc import Sequence
from pathlib import Path

import click

from hub.channels.context import HubContext
from hub.cli.files import text_of
from hub.cli.output import count_of, json_option, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR
from hub.flows.stock.set_shelves import set_shelves
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.picking import Shelved, shelves_of
from hub.store.stock.skus import named_skus

_FILE = click.Path(path_type=Path, allow_dash=True)
SHOWN_MAX = 100_000


@click.command()
@click.argument("location")
@click.argument("places", nargs=-1, metavar="[SKU:PLACE…]")
@click.option("--file", type=_FILE, help="Lines of SKU:PLACE; - reads the input.")
@json_option
@in_hub
async def shelf(
    ctx: HubContext, location: str, places: Sequence[str], *, file: Path | None, as_json: bool
) -> None:
    """Say where SKUs lie: hub stock shelf main MUG-BLUE:A-03-2. MUG-BLUE: forgets it. Without a place, list them."""
    written = (
        [*places, *(line.strip() for line in text_of(file).splitlines() if line.strip())]
        if file
        else [*places]
    )
    async with ctx.db.transaction() as tx:
        if written:
            pairs = [_pair(each) for each in written]
            names = await named_skus(tx, [sku for sku, _ in pairs])
            rows = [Shelved(names.get(sku, sku), location, place) for sku, place in pairs]
            await set_shelves(tx, rows, actor=ACTOR, at=now())
        found = await shelves_of(tx, location, limit=SHOWN_MAX)
    if written and not as_json:
        click.echo(
            f"{count_of(len(written), 'SKU')} at {location}: pick lists follow the shelves in order of their names"
        )
        return
    empty = f"Nobody has said where anything lies at {location}: hub stock shelf {location} SKU:PLACE"
    show_list(
        found, as_json=as_json, columns=["Place", "SKU"], row=lambda each: [each.shelf, each.sku], empty=empty
    )


def _pair(written: str) -> tuple[str, str]:
    sku, colon, place = written.rpartition(":")
    if not colon:
        msg = f"{written!r} is not a SKU and its place: write it as MUG-BLUE:A-03-2"
        raise InputError(msg, field="places")
    return sku, place
