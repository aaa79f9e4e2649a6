"""hub stock plan: a dry run of what an order would get, from where and why. Nothing is written."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.cli.output import Cell, bold, json_option, print_json, print_table
from hub.cli.session import in_hub
from hub.flows.stock.foresee import Asked, foresee
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.incoming import Pickup
from hub.model.stock.forecast import Forecast
from hub.model.stock.lines import read_pair
from hub.model.stock.nearness import Destination


@click.command()
@click.option("--line", "lines", multiple=True, required=True, metavar="SKU:UNITS", help="Repeat it.")
@click.option("--channel", metavar="SLUG", help="As an order of this channel.")
@click.option("--to", "place", metavar="COUNTRY[-POSTCODE]", help="Where it would go, such as DE-10115.")
@click.option(
    "--pickup",
    is_flag=False,
    flag_value="",
    metavar="[PLACE]",
    help="The customer collects it: there, or wherever that is done.",
)
@json_option
@in_hub
async def plan(
    ctx: HubContext,
    *,
    lines: Sequence[str],
    channel: str | None,
    place: str | None,
    pickup: str | None,
    as_json: bool,
) -> None:
    """Show what an order would get: from which location, why, why not from the others, what would be short."""
    pairs = [read_pair(each) for each in lines]
    asked = [Asked(each.sku, each.units) for each in pairs]
    to = read_destination(place) if place else None
    async with ctx.db.transaction() as tx:
        where = None if pickup is None else Pickup(name=pickup)
        told = await foresee(tx, asked, channel=channel, to=to, pickup=where, at=now())
    show_forecast(told, as_json=as_json)


def read_destination(written: str) -> Destination:
    """Read DE or DE-10115; raises InputError."""
    country, _, postcode = written.strip().upper().partition("-")
    if len(country) != 2 or not country.isalpha():
        msg = (
            f"{written!r} is no destination: write the country, and the postcode if you know it, as DE-10115"
        )
        raise InputError(msg, field="to")
    return Destination(country, postcode=postcode)


def show_forecast(told: Forecast, *, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    click.echo(f"{bold('Locations are asked')}: {told.policy}\n")
    print_table(["SKU", ">Wanted", "Gets"], [[each.sku, each.wanted, each.says] for each in told.lines])
    click.echo()
    titles = ["Location", "Name", "Could give", "Gives", "Because"]
    rows: list[list[Cell]] = [
        [each.location, each.name, _units(each.could_give), _units(each.gives), each.says]
        for each in told.locations
    ]
    print_table(titles, rows)
    click.echo("\nNothing was written.")


def _units(by_sku: dict[str, int]) -> str:
    return ", ".join(f"{units} {sku}" for sku, units in by_sku.items())
