"""hub kit: SKUs that are assembled of others beforehand, and have stock of their own."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import count_of, json_option
from hub.cli.session import in_hub
from hub.cli.stock.bundle import limit_option, part_option, put, show, take_back
from hub.cli.stock.words import ACTOR, sku_of
from hub.flows.stock.assemble_kits import Work, assemble_kits
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.bundles import Kind

count_argument = click.argument("count", type=click.IntRange(1))


@click.group()
def kit() -> None:
    """Say what kits are made of, assemble them, take them apart."""


@kit.command("set")
@click.argument("sku")
@part_option
@in_hub
async def set_kit(ctx: HubContext, sku: str, parts: Sequence[str]) -> None:
    """Make SKU a kit of these parts. A part may be a bundle: its parts are taken."""
    await put(ctx, sku, Kind.KIT, parts)


@kit.command("list")
@limit_option
@json_option
@in_hub
async def list_kits(ctx: HubContext, limit: int, *, as_json: bool) -> None:
    """List kits, with their parts."""
    await show(ctx, Kind.KIT, limit, as_json=as_json)


@kit.command()
@click.argument("sku")
@in_hub
async def clear(ctx: HubContext, sku: str) -> None:
    """Make SKU an item again: its stock stays, and nothing is assembled of it any more."""
    await take_back(ctx, sku, Kind.KIT)


@kit.command()
@click.argument("sku")
@click.argument("location")
@count_argument
@in_hub
async def assemble(ctx: HubContext, sku: str, location: str, count: int) -> None:
    """Assemble COUNT of a kit at a location: its parts there become kits. Promised parts stay."""
    await _work(ctx, sku, location, count, apart=False)


@kit.command()
@click.argument("sku")
@click.argument("location")
@count_argument
@in_hub
async def apart(ctx: HubContext, sku: str, location: str, count: int) -> None:
    """Take COUNT of a kit at a location apart: its parts go back on the shelf."""
    await _work(ctx, sku, location, count, apart=True)


async def _work(ctx: HubContext, sku: str, location: str, count: int, *, apart: bool) -> None:
    async with ctx.db.transaction() as tx:
        work = Work(await sku_of(tx, sku), location, count, str(uuid7()), apart)
        touched = await assemble_kits(tx, [work], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    told = f"; {count_of(len(touched), 'channel')} to be told" if touched else ""
    click.echo(f"{count} × {work.kit} {'taken apart' if apart else 'assembled'} at {location}{told}")
