"""hub location: the places that hold stock, what each is for, and which channels it serves."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, json_option, show_list
from hub.cli.session import in_hub
from hub.flows.stock.place_stock import Wish, place_stock
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.locations import Location, LocationKind
from hub.store.stock import locations

Command = TypeVar("Command", bound=Callable[..., Any])
_COLUMNS = ["Code", "Name", "Kind", ">Priority", "Sells", "Ships", "Pickup", "Serves", "Where"]
_OPTIONS = (
    click.option(
        "--kind",
        type=click.Choice([kind.value for kind in LocationKind]),
        help="What it is; a depot is a third party's.",
    ),
    click.option("--priority", type=int, help="The lowest is asked first; 100 where nothing is said."),
    click.option(
        "--sells/--keeps", "sellable", default=None, help="Whether its stock is sold by the channels."
    ),
    click.option("--ships/--no-ships", default=None, help="Whether parcels leave from here."),
    click.option("--pickup/--no-pickup", default=None, help="Whether customers collect here."),
    click.option("--serves", multiple=True, metavar="SLUG", help="Only these channels; repeat it."),
    click.option("--serves-all", is_flag=True, help="Every channel again."),
    click.option("--country", metavar="DE", help="Two letters of ISO 3166."),
    click.option("--region", help="State or province."),
    click.option("--postcode", help="As on a letter to it."),
    click.option("--time-zone", metavar="ZONE", help="In which a day ends there, such as Europe/Berlin."),
    click.option("--position", metavar="LAT,LONG", help="Such as 52.52,13.40."),
)


def _location_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group()
def location() -> None:
    """Warehouses, shop floors and depots: what fills orders, in which order they are asked, for which channels."""


@location.command("list")
@json_option
@in_hub
async def list_locations(ctx: HubContext, *, as_json: bool) -> None:
    """List locations, first asked first."""
    async with ctx.db.transaction() as tx:
        found = await locations.all_locations(tx)
    empty = "No locations. Add one: hub location add main 'Main warehouse'"
    show_list(found, as_json=as_json, columns=_COLUMNS, row=_row, empty=empty)


@location.command()
@click.argument("code")
@click.argument("name")
@_location_options
@in_hub
async def add(ctx: HubContext, /, code: str, name: str, **said: Any) -> None:
    """Add a location, or change what you say here of the one with this code."""
    await _place(ctx, _wish(code, name, **said))
    click.echo(f"location {code} is there")


@location.command("set")
@click.argument("code")
@click.option("--name", help="What people call it.")
@_location_options
@in_hub
async def set_location(ctx: HubContext, /, code: str, name: str | None, **said: Any) -> None:
    """Change what you say here of a location; the rest stays. Channels whose number moves are told."""
    wish = _wish(code, name, **said)
    async with ctx.db.transaction() as tx:
        known = [each.code for each in await locations.all_locations(tx)]
    if code not in known:
        msg = f"there is no location {code}: the hub knows {', '.join(known) or 'none yet'}; add one: hub location add"
        raise NotFoundError(msg)
    await _place(ctx, wish)
    click.echo(f"location {code} is changed")


async def _place(ctx: HubContext, wish: Wish) -> None:
    async with ctx.db.transaction() as tx:
        touched = await place_stock(tx, [wish], at=now())
    await ring_touched(ctx, touched)


def _wish(
    code: str,
    name: str | None,
    *,
    serves: tuple[str, ...],
    serves_all: bool,
    position: str | None,
    kind: str | None,
    **said: Any,
) -> Wish:
    if serves and serves_all:
        msg = "give either --serves or --serves-all"
        raise InputError(msg, field="serves")
    latitude, longitude = _position(position) if position else (None, None)
    return Wish(
        code,
        name,
        kind=LocationKind(kind) if kind else None,
        channels=serves or (() if serves_all else None),
        latitude=latitude,
        longitude=longitude,
        **said,
    )


def _position(written: str) -> tuple[float, float]:
    try:
        latitude, longitude = map(float, written.split(","))
    except ValueError as error:
        msg = f"{written!r} is no position: write latitude and longitude, such as 52.52,13.40"
        raise InputError(msg, field="position") from error
    return latitude, longitude


def _row(found: Location) -> list[Cell]:
    yes = {True: "yes", False: "no"}
    where = " ".join(word for word in (found.country, found.region, found.postcode) if word)
    serves = ", ".join(found.channels) or "all channels"
    flags = (yes[found.sellable], yes[found.ships], yes[found.pickup])
    return [found.code, found.name, found.kind, found.priority, *flags, serves, where]
