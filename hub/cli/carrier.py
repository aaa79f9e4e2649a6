"""hub carrier: who brings the parcels, and where one can be followed."""

import click
from msgspec import Struct

from hub.channels.carriers import track as find_parcel
from hub.channels.registry import load_registry
from hub.cli.output import Cell, json_option, print_json, show_list
from hub.spec import Carrier

NONE_YET = "No package brings a carrier."


class CarrierOut(Struct, frozen=True):
    key: str
    title: str
    names: list[str]


@click.group()
def carrier() -> None:
    """List the carriers the hub knows, and find the page of a parcel."""


@carrier.command("list")
@json_option
def list_carriers(*, as_json: bool) -> None:
    """List the carriers, and the names they go by."""
    found = [carrier_out(each) for _, each in sorted(load_registry().carriers.items())]
    show_list(found, as_json=as_json, columns=("Key", "Carrier", "Also called"), row=_row, empty=NONE_YET)


@carrier.command()
@click.argument("number")
@click.option("--carrier", "name", help="Its key or any of its names; without it, where the number says so.")
@json_option
def track(number: str, *, name: str | None, as_json: bool) -> None:
    """Show where a parcel can be followed."""
    found = find_parcel(load_registry().carriers, number, name)
    if as_json:
        print_json(found)
    else:
        click.echo(f"{found.title}: {found.url or 'no page to follow a parcel on'}")


def carrier_out(each: Carrier) -> CarrierOut:
    return CarrierOut(each.key, each.title, list(each.names))


def _row(each: CarrierOut) -> list[Cell]:
    return [each.key, each.title, ", ".join(each.names)]
