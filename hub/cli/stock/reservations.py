"""hub stock reservations: what is promised until a moment only, whose it is, and how long it lasts."""

import click

from hub.channels.context import HubContext
from hub.cli.output import Cell, age, json_option, left, show_list
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.stock.reserving import Lasting
from hub.store.stock import skus
from hub.store.stock.reservations import list_lasting

COLUMNS = ("SKU", "Location", ">Units", "Kept for", "By", "Since", "Ends in")


@click.command()
@click.argument("sku", required=False)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def reservations(ctx: HubContext, sku: str | None, *, limit: int, as_json: bool) -> None:
    """List what is reserved, whose it is and until when; what ends first comes first."""
    async with ctx.db.transaction() as tx:
        if sku is not None and not await skus.kinds_of(tx, [sku]):
            msg = f"there is no SKU {sku}: see hub stock show"
            raise NotFoundError(msg)
        found = await list_lasting(tx, sku=sku, limit=limit + 1)
    of = f" of {sku}" if sku else ""
    empty = f"Nothing{of} is reserved. Drafts reserve what they ask for: see hub order drafts"
    show_list(found[:limit], as_json=as_json, columns=COLUMNS, row=_row, empty=empty)
    if len(found) > limit and not as_json:
        click.echo(
            f"\nThere are more; these are the {limit} that end first. See more with: --limit {limit * 10}"
        )


def _row(each: Lasting) -> list[Cell]:
    at = now()
    whose = f"{each.owner_kind} {each.owner}"
    return [
        each.sku,
        each.location,
        each.units,
        whose,
        each.actor,
        age(each.since, at),
        left(each.expires_at, at),
    ]
