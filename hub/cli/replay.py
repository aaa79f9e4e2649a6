"""hub inbox replay: read stored messages anew with the connector as it is now, and see what would differ."""

from datetime import UTC, datetime

import click

from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel, find_channel, open_channel
from hub.channels.replaying import Difference, replay_pages
from hub.cli.output import bold, count_of, print_json, progress
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.store import replays
from hub.store.replays import Span

ORDERS_SHOWN = 50
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"])


@click.command()
@click.option("--channel", required=True, help="The channel whose messages are read.")
@click.option("--since", type=MOMENT, help="Only orders with messages received since then; a date is of UTC.")
@click.option(
    "--until", type=MOMENT, help="Only orders with messages received before then; a date is of UTC."
)
@click.option("--dry-run", is_flag=True, help="Show what would differ, and change nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON document, with every order that differs."
)
@in_hub
async def replay(
    ctx: HubContext,
    *,
    channel: str,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read stored messages anew with the installed connector, and bring the orders to what it says.

    Look first with --dry-run. Only what differs is changed, and a second replay finds nothing to do.
    """
    opened = open_channel(ctx, await find_channel(ctx, channel))
    count, found = await _replay(ctx, opened, Span(_aware(since), _aware(until)), apply=not dry_run)
    if as_json:
        print_json({"orders": count, "applied": not dry_run, "items": found})
        return
    for each in found[:ORDERS_SHOWN]:
        _show(each)
    _sum_up(opened, count, found, dry_run=dry_run)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


async def _replay(
    ctx: HubContext, opened: OpenedChannel, span: Span, *, apply: bool
) -> tuple[int, list[Difference]]:
    async with ctx.db.transaction() as tx:
        total = await replays.count_orders(tx, opened.row.id, span)
    count, found = 0, list[Difference]()
    with progress(f"reading {opened.row.slug} anew", total) as advance:
        async for page in replay_pages(ctx, opened, span, apply=apply, at=now()):
            count += page.orders
            found += page.differences
            advance(page.orders)
    return count, found


def _show(each: Difference) -> None:
    click.echo(f"{bold(f'order {each.number}')} (theirs: {each.channel_order_id})")
    if each.reason:
        click.secho(f"  left as it is: {each.reason}", fg="yellow")
    for field in each.fields:
        click.echo(f"  {field.path}: {field.before or '(none)'} → {field.after or '(none)'}")


def _sum_up(opened: OpenedChannel, count: int, found: list[Difference], *, dry_run: bool) -> None:
    slug, manifest = opened.row.slug, opened.connector.manifest
    left = sum(bool(each.reason) for each in found)
    differ = len(found) - left
    if len(found) > ORDERS_SHOWN:
        click.echo(f"… and {len(found) - ORDERS_SHOWN} more; --json lists all")
    read = f"{count_of(count, 'order')} of {slug} read by {manifest.title} {manifest.api_version}"
    done = "would differ" if dry_run else "changed"
    click.echo(f"{read}: {differ or 'none'} {done}{f', {left} left as they are' if left else ''}")
    if dry_run and differ:
        click.echo(f"Bring them to it: hub inbox replay --channel {slug}")
