"""hub export: write what the hub has into a file that can be imported again."""

from pathlib import Path

import click

from hub.channels.context import HubContext
from hub.channels.files.exporting import export as write_export
from hub.cli.importing import write_out
from hub.cli.output import count_of
from hub.cli.session import in_hub
from hub.kit.sheets import Format
from hub.model.errors import InputError
from hub.model.imports.kinds import EXPORTED, Kind


@click.command()
@click.argument("kind", type=click.Choice([each.value for each in EXPORTED]))
@click.option(
    "--format", "format_", type=click.Choice([each.value for each in Format]), help="csv, if not said."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; without, it is printed.")
@click.option("--location", help="Only this location, of stock.")
@click.option("--channel", help="Only this channel, of listings.")
@in_hub
async def export(
    ctx: HubContext,
    *,
    kind: str,
    format_: str | None,
    output: Path | None,
    location: str | None,
    channel: str | None,
) -> None:
    """Write stock, catalog, prices or listings to a file. Imported again as it is, it changes nothing."""
    if (location and kind != Kind.STOCK) or (channel and kind != Kind.LISTINGS):
        msg = "--location is for stock, and --channel for listings"
        raise InputError(msg, field="kind")
    wanted = Format(format_ or _by_name(output))
    raw, rows = await write_export(ctx, Kind(kind), wanted, only=location or channel)
    write_out(raw, wanted, output)
    if output is not None:
        click.echo(f"{count_of(rows, 'row')} of {kind} in {output}")


def _by_name(output: Path | None) -> Format:
    return Format.XLSX if output and output.suffix.lower() == ".xlsx" else Format.CSV
