"""hub notifier: whom the hub tells when nobody is looking, and by which way."""

import sys
from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.notifiers import (
    add_notifier,
    find_notifier,
    probe_notifier,
    refuse_slug,
    ring_notifiers,
    set_notifier,
    tell_test,
)
from hub.cli.output import Cell, age, bold, json_option, print_probes, show_list, tone
from hub.cli.session import in_hub
from hub.cli.settings import ask, complete, read_pairs
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.spec import Severity
from hub.store import notices

COLUMNS = ("Notifier", "Kind", "Hears from", "State", "Last told", ">Waiting", ">Failed", "Problem")
NONE_YET = "Nobody is told yet. Add one with: hub notifier add mail owner, or: hub notifier add webhook chat"
NOTHING_TOLD = "There was nothing to tell yet. Try a notifier with: hub notifier test NAME"

set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the kind; repeat it."
)
from_option = click.option(
    "--from", "least", type=click.Choice([each.value for each in Severity]), help="What it hears at least."
)


@click.group()
def notifier() -> None:
    """Say whom the hub tells when nobody is looking: e-mail, signed webhooks."""


@notifier.command()
@click.argument("kind")
@click.argument("slug")
@set_option
@from_option
@in_hub
async def add(ctx: HubContext, kind: str, slug: str, *, settings: Sequence[str], least: str | None) -> None:
    """Add a notifier: its KIND, such as mail or webhook, and a short name of your own."""
    refuse_slug(slug)
    found = ctx.registry.notifier(kind)
    given = complete(found.config_type, read_pairs(settings), what=f"a notifier of kind {kind}")
    row = await add_notifier(ctx, kind=kind, slug=slug, settings=given, least=least or Severity.INFO)
    click.echo(f"notifier {bold(slug)} is added ({found.title}); it hears from {row.least} on")
    print_probes(await probe_notifier(ctx, row))
    click.echo(f"Next: hub notifier test {slug}")


@notifier.command("list")
@json_option
@in_hub
async def list_notifiers(ctx: HubContext, *, as_json: bool) -> None:
    """List the notifiers: what each hears, when it last told something, what waits or failed."""
    async with ctx.db.transaction() as tx:
        found = await notices.notifier_health(tx)
    show_list(found, as_json=as_json, columns=COLUMNS, row=_row, empty=NONE_YET)


@notifier.command()
@click.argument("slug")
@in_hub
async def test(ctx: HubContext, slug: str) -> None:
    """Check the settings, then tell one notice that says it is a test."""
    row = await find_notifier(ctx, slug)
    probes = await probe_notifier(ctx, row)
    print_probes(probes)
    if not all(each.ok for each in probes):
        click.echo(f"Correct a setting with: hub notifier set {slug} NAME=VALUE")
        sys.exit(1)
    await tell_test(ctx, row)
    click.echo(f"a test went out by {slug}: look whether it arrived")


@notifier.command("set")
@click.argument("slug")
@click.argument("settings", nargs=-1, metavar="NAME=VALUE…")
@from_option
@in_hub
async def set_settings(ctx: HubContext, slug: str, *, settings: Sequence[str], least: str | None) -> None:
    """Change settings of a notifier; `NAME=` alone asks for a secret without showing it."""
    row = await find_notifier(ctx, slug)
    config_type = ctx.registry.notifier(row.kind).config_type
    asked = {name: value or ask(config_type, name) for name, value in read_pairs(settings).items()}
    if not asked and least is None:
        msg = f"say what to change: hub notifier set {slug} NAME=VALUE, or --from warning"
        raise InputError(msg)
    await set_notifier(ctx, row, asked)
    if least is not None:
        async with ctx.db.transaction() as tx:
            await notices.change_notifier(tx, row.id, least=least)
    await ring_notifiers(ctx, {row.id})
    click.echo(f"{slug} is changed. Try it: hub notifier test {slug}")


@notifier.command()
@click.argument("slug")
@in_hub
async def pause(ctx: HubContext, slug: str) -> None:
    """Tell nothing by this notifier until it is resumed; what comes meanwhile is not told later."""
    row = await find_notifier(ctx, slug)
    async with ctx.db.transaction() as tx:
        await notices.change_notifier(tx, row.id, state="paused")
    click.echo(f"{slug} is paused. Go on with: hub notifier resume {slug}")


@notifier.command()
@click.argument("slug")
@in_hub
async def resume(ctx: HubContext, slug: str) -> None:
    """Go on with a paused notifier."""
    row = await find_notifier(ctx, slug)
    async with ctx.db.transaction() as tx:
        await notices.change_notifier(tx, row.id, state="active")
    await ring_notifiers(ctx, {row.id})
    click.echo(f"{slug} goes on")


@notifier.command()
@click.argument("slug")
@in_hub
async def remove(ctx: HubContext, slug: str) -> None:
    """Remove a notifier with its settings, and what it still had to tell."""
    row = await find_notifier(ctx, slug)
    async with ctx.db.transaction() as tx:
        await notices.remove_notifier(tx, row.id)
    click.echo(f"{slug} is removed")


@notifier.command()
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@json_option
@in_hub
async def told(ctx: HubContext, *, limit: int, as_json: bool) -> None:
    """List what there was to tell, the newest first, and what became of it at each notifier."""
    async with ctx.db.transaction() as tx:
        found = await notices.latest_notices(tx, limit=limit)
    show_list(
        found,
        as_json=as_json,
        columns=("At", "Severity", "Title", "Told by"),
        row=_told_row,
        empty=NOTHING_TOLD,
    )


def _row(each: notices.NotifierHealth) -> list[Cell]:
    return [
        each.slug,
        each.kind,
        each.least,
        tone(each.state),
        age(each.told_at, now()),
        each.waiting,
        each.failed,
        each.problem,
    ]


def _told_row(each: notices.Posted) -> list[Cell]:
    told_by = ", ".join(f"{slug} {state}" for slug, state in sorted(each.tellings.items()))
    return [age(each.at, now()), each.severity, each.title, told_by or "nobody was to hear it"]
