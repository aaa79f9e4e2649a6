"""hub alarm: what runs low, is out, oversold, aging or below zero; who was told; and when an alarm is given."""

from datetime import datetime

import click
import msgspec
from rich.text import Text

from hub.channels.context import HubContext
from hub.cli.output import Cell, age, count_of, json_option, print_json, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, sku_of
from hub.flows.stock.set_alarms import dismiss_alarms, set_bounds, set_thresholds
from hub.flows.stock.watch_stock import SEVERITIES
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.stock.alarm_words import NAMES
from hub.model.stock.alarms import Bounds, Kind
from hub.spec import Severity
from hub.store.stock import alarms
from hub.store.stock.alarms import Alarm, Threshold

_COLUMNS = ["Alarm", "SKU", "Name", "What", "Since", "Told"]
_KINDS = click.Choice([str(each) for each in Kind])
_STYLES = {Severity.CRITICAL: "red", Severity.WARNING: "yellow", Severity.INFO: ""}
_EMPTY = "No alarm is open. What is low is said by: hub alarm thresholds"
_NO_THRESHOLDS = "No SKU has a threshold of its own. Give it one with: hub alarm threshold SKU UNITS"


@click.group()
def alarm() -> None:
    """Stock that is low, out, oversold, aging or below zero."""


@alarm.command("list")
@click.option("--kind", type=_KINDS, help="Only of this kind.")
@click.option("--sku", help="Only of this SKU.")
@click.option("--all", "everything", is_flag=True, help="Those that ended or were dismissed as well.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_them(
    ctx: HubContext, kind: str | None, sku: str | None, *, everything: bool, limit: int, as_json: bool
) -> None:
    """List open alarms, the newest first, and who was told of each."""
    at = now()
    async with ctx.db.transaction() as tx:
        found = await alarms.list_alarms(
            tx,
            kind=Kind(kind) if kind else None,
            skus=[await sku_of(tx, sku)] if sku else None,
            everything=everything,
            limit=limit,
        )
    show_list(found, as_json=as_json, columns=_COLUMNS, row=lambda each: _row(each, at), empty=_EMPTY)


@alarm.command()
@click.argument("sku")
@click.argument("units", type=int, required=False)
@click.option("--location", help="What is low there, whatever lies elsewhere.")
@click.option("--clear", is_flag=True, help="No threshold of its own any more.")
@in_hub
async def threshold(
    ctx: HubContext, sku: str, units: int | None, *, location: str | None, clear: bool
) -> None:
    """Say that a SKU is low at UNITS left or fewer; 0: never, or at a location: when none is left there."""
    if clear == (units is not None):
        msg = "say at how many units it is low, or --clear"
        raise InputError(msg, field="units")
    async with ctx.db.transaction() as tx:
        wanted = Threshold(await sku_of(tx, sku), location, units)
        await set_thresholds(tx, [wanted], actor=ACTOR, at=now())
        usual = await alarms.read_bounds(tx)
    click.echo(_said(wanted, usual))


@alarm.command()
@click.option("--sku", help="Only of this SKU.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def thresholds(ctx: HubContext, sku: str | None, *, limit: int, as_json: bool) -> None:
    """Show what holds for every SKU, and the SKUs with a threshold of their own."""
    async with ctx.db.transaction() as tx:
        usual = await alarms.read_bounds(tx)
        own = await alarms.list_thresholds(tx, sku=await sku_of(tx, sku) if sku else None, limit=limit)
    if as_json:
        print_json({"defaults": usual, "items": own})
        return
    click.echo(_usual(usual))
    columns = ["SKU", "Location", ">Low at"]
    show_list(own, as_json=False, columns=columns, row=_threshold_row, empty=_NO_THRESHOLDS)


@alarm.command()
@click.option("--low-stock", type=int, help="Low at so many units left or fewer; 0: never.")
@click.option("--unmoved-days", type=int, help="Aging once none has moved out for so many days.")
@click.option("--expiry-days", type=int, help="Aging once a lot expires within so many days.")
@in_hub
async def defaults(
    ctx: HubContext, low_stock: int | None, unmoved_days: int | None, expiry_days: int | None
) -> None:
    """Set what holds for every SKU that has no threshold of its own."""
    given = {"low_stock": low_stock, "unmoved_days": unmoved_days, "expiry_days": expiry_days}
    said = {name: value for name, value in given.items() if value is not None}
    async with ctx.db.transaction() as tx:
        bounds = msgspec.structs.replace(await alarms.read_bounds(tx), **said)
        if said:
            await set_bounds(tx, bounds, actor=ACTOR, at=now())
    click.echo(_usual(bounds))
    if said:
        click.echo("A running worker looks at every SKU anew: hub alarm list")


@alarm.command()
@click.argument("sku")
@click.argument("kind", type=_KINDS, required=False)
@in_hub
async def dismiss(ctx: HubContext, sku: str, kind: str | None) -> None:
    """Put the open alarms of a SKU aside until they end; the next time it is an alarm again."""
    async with ctx.db.transaction() as tx:
        named = await sku_of(tx, sku)
        count = await dismiss_alarms(tx, sku=named, kind=Kind(kind) if kind else None, actor=ACTOR, at=now())
    click.echo(f"{count_of(count, 'alarm')} of {named} dismissed; what begins after it ended is told again")


def _row(each: Alarm, at: datetime) -> list[Cell]:
    kind = Text(NAMES[each.kind], style=_STYLES[SEVERITIES[each.kind]])
    if each.closed_at:
        since: Cell = f"ended {age(each.closed_at, at)}"
    elif each.dismissed_at:
        since = f"dismissed by {each.dismissed_by} {age(each.dismissed_at, at)}"
    else:
        since = age(each.opened_at, at)
    return [kind, each.sku, each.name, each.says, since, told(each, at)]


def told(each: Alarm, at: datetime) -> str:
    """Who was told when: owner 4 min, chat waiting."""
    if each.told_at is None:
        return "not yet"
    said = [f"{one.notifier} {age(one.at, at) if one.state == 'told' else one.state}" for one in each.told]
    return ", ".join(said) or "nobody: hub notifier add"


def _threshold_row(each: Threshold) -> list[Cell]:
    return [each.sku, each.location or "all", each.units]


def _said(each: Threshold, usual: Bounds) -> str:
    where = f" at {each.location}" if each.location else ""
    if each.units is None and each.location:
        return f"{each.sku} has no threshold of its own{where} any more"
    if each.units is None:
        return f"{each.sku} has no threshold of its own any more: low at {usual.low_stock} or fewer, as all"
    if each.units == 0 and not each.location:
        return f"{each.sku} is never low; it is still told when it is out of stock"
    return f"{each.sku} is low{where} when {each.units} or fewer are left"


def _usual(bounds: Bounds) -> str:
    low = f"low at {bounds.low_stock} units left or fewer" if bounds.low_stock else "never low"
    return (
        f"Every SKU: {low}; aging once none has moved out for {bounds.unmoved_days} days,"
        f" or a lot expires within {bounds.expiry_days} days"
    )
