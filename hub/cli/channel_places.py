"""hub channel locations: the places of stock a channel has over there, with the ids its settings ask for."""

import click

from hub.channels.context import HubContext
from hub.channels.opening import find_open_channel, open_channel
from hub.channels.places import Place, places_of
from hub.cli.output import json_option, show_list
from hub.cli.session import in_hub

COLUMNS = ("Id", "Name", "Ours")


@click.command("locations")
@click.argument("slug")
@json_option
@in_hub
async def locations_there(ctx: HubContext, slug: str, *, as_json: bool) -> None:
    """List the places of stock the channel has, and which of our locations has the same name."""
    places = await places_of(ctx, open_channel(ctx, await find_open_channel(ctx, slug)))
    empty = f"{slug} has no place of stock: make one over there, then look again"
    show_list(places, as_json=as_json, columns=COLUMNS, row=_row, empty=empty)


def _row(each: Place) -> list[str]:
    return [each.channel_location_id, each.name, each.ours or "–"]
