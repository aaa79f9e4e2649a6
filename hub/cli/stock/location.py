"""hub location: the places that hold stock."""

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, json_option, show_list
from hub.cli.session import in_hub
from hub.flows.stock.place_stock import place_stock
from hub.kit.clock import now
from hub.store.stock import skus
from hub.store.stock.skus import Location


@click.group()
def location() -> None:
    """Warehouses and shop floors: what fills orders, and in which order they are asked."""


@location.command("list")
@json_option
@in_hub
async def list_locations(ctx: HubContext, *, as_json: bool) -> None:
    """List locations, first asked first."""
    async with ctx.db.transaction() as tx:
        found = await skus.all_locations(tx)
    empty = "No locations. Add one: hub location add main 'Main warehouse'"
    show_list(found, as_json=as_json, columns=["Code", "Name", ">Priority", "Sells"], row=_row, empty=empty)


@location.command()
@click.argument("code")
@click.argument("name")
@click.option("--priority", default=100, show_default=True, help="The lowest is asked first.")
@click.option("--sells/--keeps", default=True, help="Whether its stock is sold by the channels.")
@in_hub
async def add(ctx: HubContext, code: str, name: str, priority: int, *, sells: bool) -> None:
    """Add a location, or change the one with this code."""
    async with ctx.db.transaction() as tx:
        touched = await place_stock(tx, [Location(code, name, priority, sells)], at=now())
    await ring_touched(ctx, touched)
    click.echo(f"location {code} is there")


def _row(found: Location) -> list[Cell]:
    return [found.code, found.name, found.priority, "yes" if found.sellable else "no"]
