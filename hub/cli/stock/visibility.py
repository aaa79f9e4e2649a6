"""hub visibility: what channels may see of stock, said in rules."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.cli.output import count_of, json_option, print_json
from hub.cli.session import in_hub
from hub.flows.stock.set_products import variants_of
from hub.flows.stock.set_visibility import (
    Clearing,
    Wish,
    clear_rules,
    keep_safety_stock,
    put_in_group,
    set_rules,
)
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.stock.visibility import FIELDS, Rule, Scope, read_risk, sentence
from hub.store.stock import visibility as store
from hub.store.stock.visibility import Keep, RuleRow

ACTOR = "command line"
LIMIT = 200
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def visibility() -> None:
    """What channels may see: buffers, caps, allotments, minimums, locations, safety stock."""


def scope_options(command: Command) -> Command:
    """Name what the rule is about; nothing named is every channel."""
    for option in (
        click.option(
            "--listing", metavar="ID", help="Only this listing of the channel, by the channel's own id."
        ),
        click.option("--group", metavar="NAME", help="Only the SKUs of this group."),
        click.option("--channel", metavar="SLUG", help="Only this channel; without it, every channel."),
    ):
        command = option(command)
    return command


@visibility.command("list")
@click.option("--channel", metavar="SLUG", help="Only rules that name this channel.")
@click.option("--limit", default=LIMIT, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_rules(ctx: HubContext, channel: str | None, limit: int, *, as_json: bool) -> None:
    """Say every rule in a sentence, the most general first."""
    if channel is not None:
        await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        found = await store.list_rules(tx, after=UUID(int=0), channel=channel, limit=limit + 1)
    rules = sorted(found[:limit], key=_generality)
    if as_json:
        print_json({"items": rules})
    elif not rules:
        click.echo("No rules: every channel sees all that is available. Set one: hub visibility set --help")
    else:
        click.echo("\n".join(sentence(each.scope, each.rule) for each in rules))
    if len(found) > limit and not as_json:
        click.echo(f"\nThere are more than {limit}: name a channel, or raise --limit")


@visibility.command("set")
@scope_options
@click.option("--buffer", help="Kept back from what is shown: 2, or a share such as 20%.")
@click.option(
    "--adaptive",
    metavar="PERCENT",
    help="Keep back just what keeps the chance of overselling within so much: 1%.",
)
@click.option("--at-most", "buffer_max", type=click.IntRange(0), help="The most that --adaptive keeps back.")
@click.option("--cap", type=click.IntRange(0), help="The most that is shown.")
@click.option("--allotment", type=click.IntRange(0), help="Units of each SKU that other channels do not see.")
@click.option("--minimum", type=click.IntRange(0), help="Below it, 0 is shown.")
@click.option("--location", "locations", multiple=True, help="Only these locations count; repeat it.")
@in_hub
async def set_rule(
    ctx: HubContext,
    /,
    channel: str | None,
    group: str | None,
    listing: str | None,
    buffer: str | None,
    adaptive: str | None,
    locations: Sequence[str],
    **counts: int | None,
) -> None:
    """Say what channels may see. What is not named stays as it was; the most specific rule wins, field by field.

    Buffer, cap and minimum count what the listing shows (packs, where it is a pack); an allotment counts stock units.
    Where too little is known for an adaptive buffer, the fixed one is kept back.
    """
    units, percent = _buffer(buffer) if buffer is not None else (None, None)
    places = tuple(sorted(set(locations))) or None
    risk = read_risk(adaptive) if adaptive is not None else None
    rule = Rule(units, percent, locations=places, risk_percent=risk, **counts)
    wish = Wish(Scope(channel, group, listing), rule)
    async with ctx.db.transaction() as tx:
        touched = await set_rules(tx, [wish], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"{sentence(wish.scope, wish.rule)}{_told(touched)}")


@visibility.command()
@scope_options
@click.argument("fields", nargs=-1, type=click.Choice(FIELDS), metavar="[FIELD…]")
@in_hub
async def clear(
    ctx: HubContext, channel: str | None, group: str | None, listing: str | None, fields: tuple[str, ...]
) -> None:
    """Take a rule back, or only some of what it says: buffer, adaptive, cap, allotment, minimum, locations."""
    clearing = Clearing(Scope(channel, group, listing), fields)
    async with ctx.db.transaction() as tx:
        touched = await clear_rules(tx, [clearing], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    what = f"the rule for {clearing.scope}"
    click.echo(f"{what} says no more of {', '.join(fields)}" if fields else f"{what} is gone", nl=False)
    click.echo(_told(touched))


@visibility.command()
@click.argument("sku")
@click.argument("location")
@click.argument("units", type=click.IntRange(0))
@in_hub
async def safety(ctx: HubContext, sku: str, location: str, units: int) -> None:
    """Keep units of a SKU at a location back from all channels and from phone orders: its safety stock."""
    async with ctx.db.transaction() as tx:
        touched = await keep_safety_stock(tx, [Keep(sku, location, units)], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"{count_of(units, 'unit')} of {sku} at {location} kept back as safety stock{_told(touched)}")


@visibility.command()
@click.argument("name")
@click.argument("skus", nargs=-1, metavar="[SKU…]")
@click.option("--product", "products", multiple=True, metavar="CODE", help="All its variants; repeat it.")
@in_hub
async def group(ctx: HubContext, name: str, skus: tuple[str, ...], products: tuple[str, ...]) -> None:
    """Put SKUs into a group that rules can name. A SKU is in one group at most: the last one counts."""
    if not (skus or products):
        msg = "name the SKUs of the group, or a product with --product CODE"
        raise InputError(msg, field="sku")
    if not name.strip():
        msg = "a group has a name: hub visibility group NAME SKU…; to take SKUs out of theirs: hub visibility ungroup"
        raise InputError(msg, field="group")
    await _put_in_group(ctx, skus, name, products)


@visibility.command()
@click.argument("skus", nargs=-1, required=True, metavar="SKU…")
@in_hub
async def ungroup(ctx: HubContext, skus: tuple[str, ...]) -> None:
    """Take SKUs out of their group."""
    await _put_in_group(ctx, skus, "")


async def _put_in_group(
    ctx: HubContext, skus: tuple[str, ...], name: str, products: tuple[str, ...] = ()
) -> None:
    async with ctx.db.transaction() as tx:
        members = {*skus, *await variants_of(tx, products)}
        touched = await put_in_group(tx, sorted(members), name, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    where = f"in group {name}" if name else "in no group"
    click.echo(f"{count_of(len(members), 'SKU')} {where} now{_told(touched)}")


def _buffer(written: str) -> tuple[int | None, int | None]:
    """Units, or percent."""
    found = re.fullmatch(r"(\d{1,7})\s*(%?)", written.strip())
    if found is None:
        msg = f"{written!r} is no buffer: write units as 2, or a share of what is left as 20%"
        raise InputError(msg, field="buffer")
    count = int(found[1])
    return (None, count) if found[2] else (count, None)


def _generality(row: RuleRow) -> tuple[bool, bool, bool, str]:
    scope = row.scope
    return (scope.listing is not None, scope.group is not None, scope.channel is not None, str(scope))


def _told(touched: set[UUID]) -> str:
    return f"; {count_of(len(touched), 'channel')} to be told" if touched else ""
