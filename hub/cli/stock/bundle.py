"""hub bundle: SKUs that are sold as one and lie on the shelf as their parts."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, count_of, json_option, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, lines_of, sku_of
from hub.flows.stock.set_components import clear_components, set_components
from hub.kit.clock import now
from hub.model.stock.bundles import Kind, Recipe, sentence
from hub.model.stock.lines import summed
from hub.store.stock.components import Made, list_made

LIMIT = 200
Command = TypeVar("Command", bound=Callable[..., Any])
part_option = click.option(
    "--part", "parts", multiple=True, required=True, metavar="SKU:UNITS", help="What is in each; repeat it."
)
limit_option = click.option(
    "--limit", default=LIMIT, show_default=True, type=click.IntRange(1), help="How many at most."
)


@click.group()
def bundle() -> None:
    """Say what bundles are made of. A bundle has no stock of its own: its figure comes from its parts."""


@bundle.command("set")
@click.argument("sku")
@part_option
@in_hub
async def set_bundle(ctx: HubContext, sku: str, parts: Sequence[str]) -> None:
    """Make SKU a bundle of these parts, in the place of what it was made of. A part may be a bundle itself.

    Orders keep the parts they were taken with.
    """
    await put(ctx, sku, Kind.BUNDLE, parts)


@bundle.command("list")
@limit_option
@json_option
@in_hub
async def list_bundles(ctx: HubContext, limit: int, *, as_json: bool) -> None:
    """List bundles, with their parts."""
    await show(ctx, Kind.BUNDLE, limit, as_json=as_json)


@bundle.command()
@click.argument("sku")
@in_hub
async def clear(ctx: HubContext, sku: str) -> None:
    """Make SKU an item again, with stock of its own. Channels keep what they show until it is counted."""
    await take_back(ctx, sku, Kind.BUNDLE)


async def put(ctx: HubContext, sku: str, kind: Kind, parts: Sequence[str]) -> None:
    async with ctx.db.transaction() as tx:
        named = await lines_of(tx, parts, None)
        recipe = Recipe(await sku_of(tx, sku), kind, summed(named, what=kind))
        touched = await set_components(tx, [recipe], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    told = f"; {count_of(len(touched), 'channel')} to be told" if touched else ""
    click.echo(f"{sentence(recipe)}{told}")


async def take_back(ctx: HubContext, sku: str, kind: Kind) -> None:
    async with ctx.db.transaction() as tx:
        touched = await clear_components(tx, [await sku_of(tx, sku)], kind=kind, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"{sku} is an item")


async def show(ctx: HubContext, kind: Kind, limit: int, *, as_json: bool) -> None:
    async with ctx.db.transaction() as tx:
        found = await list_made(tx, kind=kind, limit=limit + 1)
    empty = f"No {kind}s yet. Make one: hub {kind} set SKU --part MUG-BLUE:1 --part TEA-MINT:2"
    columns = ["SKU", "Name", "Made of", "In the end"]
    show_list(found[:limit], as_json=as_json, columns=columns, row=_row, empty=empty)
    if len(found) > limit and not as_json:
        click.echo(f"\nThere are more than {limit}: raise --limit")


def _row(made: Made) -> list[Cell]:
    nested = dict(made.parts) != dict(made.components)
    return [made.sku, made.name, _said(made.components), _said(made.parts) if nested else ""]


def _said(parts: Any) -> str:
    return ", ".join(f"{units} × {sku}" for sku, units in sorted(parts.items()))
