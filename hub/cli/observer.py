"""hub observer: programs that are told of what happens, once it is committed."""

import sys
from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.followers import add_follower
from hub.cli.followers import change, common_commands, probe, refuse_slug, set_option, start_option
from hub.cli.output import Cell, age, bold, json_option, show_list, tone
from hub.cli.session import in_hub
from hub.cli.settings import complete, read_pairs
from hub.kit.clock import now
from hub.store import followers
from hub.store.followers import FollowerHealth, Role

COLUMNS = ("Observer", "Kind", "Topics", "State", "Last told", ">To come", ">Refused", "Problem")
NONE_YET = "Nobody watches yet. Begin with: hub observer add webhook erp"
topic_option = click.option(
    "--topic", "topics", multiple=True, help="Only these, such as order.taken or 'order.*'; repeat it."
)


@click.group()
def observer() -> None:
    """Tell other programs what happens: orders taken, stock received, listings matched."""


@observer.command()
@click.argument("kind")
@click.argument("slug")
@set_option
@topic_option
@start_option
@in_hub
async def add(
    ctx: HubContext,
    kind: str,
    slug: str,
    *,
    settings: Sequence[str],
    topics: Sequence[str],
    from_start: bool,
) -> None:
    """Add an observer: its KIND, such as webhook, and a short name of your own."""
    refuse_slug(slug, Role.OBSERVER, "erp")
    found = ctx.registry.observer(kind)
    given = complete(found.config_type, read_pairs(settings), what=f"an observer of kind {kind}")
    row = await add_follower(
        ctx, Role.OBSERVER, kind=kind, slug=slug, settings=given, topics=topics, from_start=from_start
    )
    told = ", ".join(topics) or "everything that happens"
    click.echo(f"observer {bold(slug)} is added ({found.title}); it is told {told}")
    if not await probe(ctx, row):
        sys.exit(1)


@observer.command("list")
@json_option
@in_hub
async def list_observers(ctx: HubContext, *, as_json: bool) -> None:
    """List the observers: what each is told, how much is to come, what hinders it."""
    async with ctx.db.transaction() as tx:
        found = await followers.follower_health(tx, Role.OBSERVER)
    show_list(found, as_json=as_json, columns=COLUMNS, row=_row, empty=NONE_YET)


@observer.command("set")
@click.argument("slug")
@click.argument("settings", nargs=-1, metavar="NAME=VALUE…")
@topic_option
@in_hub
async def set_settings(ctx: HubContext, slug: str, *, settings: Sequence[str], topics: Sequence[str]) -> None:
    """Change settings or topics (--topic '*' is all); `NAME=` alone asks for a secret without showing it."""
    await change(ctx, Role.OBSERVER, slug, settings, topics=topics or None)


common_commands(observer, Role.OBSERVER)


def _row(each: FollowerHealth) -> list[Cell]:
    return [
        each.slug,
        each.kind,
        ", ".join(each.topics) or "all",
        tone(each.state),
        age(each.went_at, now()),
        each.behind,
        each.passed_over,
        each.problem,
    ]
