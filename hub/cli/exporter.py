"""hub exporter: orders and stock written out for other programs, by a pace or by command."""

import sys
from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.followers import add_follower, find_follower
from hub.cli.followers import change, common_commands, pace_s, probe, refuse_slug, set_option
from hub.cli.output import Cell, age, bold, count_of, json_option, print_json, show_list, tone
from hub.cli.session import in_hub
from hub.cli.settings import complete, read_pairs
from hub.jobs.run_exporter import run_exporter
from hub.kit.clock import now
from hub.store import followers
from hub.store.followers import FollowerHealth, Role

COLUMNS = ("Exporter", "Kind", "Every", "State", "Last ran", ">Events to come", "Problem")
NONE_YET = "Nothing is exported yet. Begin with: hub exporter add files books --set folder=/srv/export"
every_option = click.option("--every", metavar="PACE", help="30s, 15m, 1h, 1d; never: by command only.")


@click.group()
def exporter() -> None:
    """Write orders and stock out for other programs."""


@exporter.command()
@click.argument("kind")
@click.argument("slug")
@set_option
@every_option
@in_hub
async def add(ctx: HubContext, kind: str, slug: str, *, settings: Sequence[str], every: str | None) -> None:
    """Add an exporter: its KIND, such as files, and a short name of your own. It begins with all there is."""
    refuse_slug(slug, Role.EXPORTER, "books")
    found = ctx.registry.exporter(kind)
    given = complete(found.config_type, read_pairs(settings), what=f"an exporter of kind {kind}")
    row = await add_follower(
        ctx,
        Role.EXPORTER,
        kind=kind,
        slug=slug,
        settings=given,
        every_s=pace_s(every or "1h"),
        from_start=True,
    )
    click.echo(f"exporter {bold(slug)} is added ({found.title}); it runs {_pace(row.every_s)}")
    if not await probe(ctx, row):
        sys.exit(1)
    click.echo(f"Next: hub exporter run {slug}")


@exporter.command("list")
@json_option
@in_hub
async def list_exporters(ctx: HubContext, *, as_json: bool) -> None:
    """List the exporters: when each last ran, what is to come, what hinders it."""
    async with ctx.db.transaction() as tx:
        found = await followers.follower_health(tx, Role.EXPORTER)
    show_list(found, as_json=as_json, columns=COLUMNS, row=_row, empty=NONE_YET)


@exporter.command()
@click.argument("slug")
@json_option
@in_hub
async def run(ctx: HubContext, slug: str, *, as_json: bool) -> None:
    """Write out now what has changed since it last ran."""
    row = await find_follower(ctx, Role.EXPORTER, slug)
    done = await run_exporter(ctx, row.id)
    if as_json:
        print_json(done)
    elif not done.problem:
        click.echo(f"{slug} wrote {count_of(done.orders, 'order')} and {count_of(done.levels, 'level')}")
    if done.problem:
        click.secho(f"{slug} did not finish: {done.problem}", fg="red", err=True)
        sys.exit(1)


@exporter.command("set")
@click.argument("slug")
@click.argument("settings", nargs=-1, metavar="NAME=VALUE…")
@every_option
@in_hub
async def set_settings(ctx: HubContext, slug: str, *, settings: Sequence[str], every: str | None) -> None:
    """Change settings or the pace; `NAME=` alone asks for a secret without showing it."""
    await change(ctx, Role.EXPORTER, slug, settings, every_s=None if every is None else pace_s(every))


common_commands(exporter, Role.EXPORTER)


def _row(each: FollowerHealth) -> list[Cell]:
    pace = _pace(each.every_s)
    return [
        each.slug,
        each.kind,
        pace,
        tone(each.state),
        age(each.went_at, now()),
        each.behind,
        each.problem,
    ]


def _pace(every_s: int) -> str:
    if not every_s:
        return "by command"
    unit, word = next(
        (unit, word)
        for unit, word in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
        if every_s % unit == 0
    )
    return f"every {every_s // unit} {word}"
