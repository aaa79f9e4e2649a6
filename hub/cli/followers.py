"""What `hub exporter` and `hub observer` have in common: test, set, pause, resume, remove."""

import re
import sys
from collections.abc import Sequence

import click
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.followers import (
    config_type_of,
    find_follower,
    open_exporter,
    open_observer,
    ring_follower,
    set_follower,
    switch_follower,
)
from hub.channels.joining import SLUG
from hub.cli.output import bold, print_probes
from hub.cli.session import in_hub
from hub.cli.settings import ask, read_pairs
from hub.model.errors import HubError, InputError
from hub.spec import Probe
from hub.store import followers
from hub.store.followers import FollowerRow, Role

PACE = re.compile(r"(\d{1,6})\s*(s|m|min|h|d)")
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}

set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the kind; repeat it."
)
start_option = click.option(
    "--from-start", is_flag=True, help="Begin with all there is, not with what comes."
)


def refuse_slug(slug: str, role: Role, example: str) -> None:
    if not SLUG.fullmatch(slug):
        msg = f"{slug!r} cannot name an {role}: use small letters, digits and hyphens, for example {example}"
        raise InputError(msg, field="slug")


def pace_s(text: str) -> int:
    """Seconds of 30s, 15m, 1h, 1d; "never" is 0. Raises InputError."""
    if text == "never":
        return 0
    found = PACE.fullmatch(text.strip())
    if found is None or not int(found[1]):
        msg = f"{text!r} is no pace: say 30s, 15m, 1h or 1d, or never"
        raise InputError(msg, field="every")
    return int(found[1]) * UNITS[found[2]]


async def probe(ctx: HubContext, row: FollowerRow) -> bool:
    """Show what its check says, and how to mend it; True where all is well."""
    probes = await _probes(ctx, row)
    print_probes(probes)
    fine = all(each.ok for each in probes)
    if not fine:
        click.echo(f"Correct a setting with: hub {row.role} set {row.slug} NAME=VALUE")
    return fine


async def _probes(ctx: HubContext, row: FollowerRow) -> list[Probe]:
    try:
        opened = (open_exporter if row.role is Role.EXPORTER else open_observer)(ctx, row)
        return await opened.check()
    except HubError as error:
        return [Probe("settings", ok=False, detail=str(error))]


async def change(
    ctx: HubContext,
    role: Role,
    slug: str,
    settings: Sequence[str],
    *,
    topics: Sequence[str] | None = None,
    every_s: int | None = None,
) -> None:
    row = await find_follower(ctx, role, slug)
    config_type = config_type_of(ctx, role, row.kind)
    asked = {name: value or ask(config_type, name) for name, value in read_pairs(settings).items()}
    if not asked and topics is None and every_s is None:
        msg = f"say what to change: hub {role} set {slug} NAME=VALUE"
        raise InputError(msg)
    wanted = replace(
        row,
        topics=row.topics if topics is None else list(topics),
        every_s=row.every_s if every_s is None else every_s,
    )
    await set_follower(ctx, wanted, asked)
    click.echo(f"{slug} is changed. Look whether it can work: hub {role} test {slug}")


def common_commands(group: click.Group, role: Role) -> None:
    """Add to the group the commands that are the same for both."""

    @group.command()
    @click.argument("slug")
    @in_hub
    async def test(ctx: HubContext, slug: str) -> None:
        """Look whether it can work, without doing anything."""
        if not await probe(ctx, await find_follower(ctx, role, slug)):
            sys.exit(1)

    @group.command()
    @click.argument("slug")
    @in_hub
    async def pause(ctx: HubContext, slug: str) -> None:
        """Let it rest until it is resumed; nothing is lost meanwhile."""
        await switch_follower(ctx, await find_follower(ctx, role, slug), state="paused")
        click.echo(f"{slug} is paused. Go on with: hub {role} resume {slug}")

    @group.command()
    @click.argument("slug")
    @in_hub
    async def resume(ctx: HubContext, slug: str) -> None:
        """Go on where it was, at once also after a failure."""
        row = await find_follower(ctx, role, slug)
        await switch_follower(ctx, row, state="active")
        await ring_follower(ctx, role, row.id)
        click.echo(f"{bold(slug)} goes on where it was")

    @group.command()
    @click.argument("slug")
    @in_hub
    async def remove(ctx: HubContext, slug: str) -> None:
        """Remove it with its settings, and how far it was."""
        row = await find_follower(ctx, role, slug)
        async with ctx.db.transaction() as tx:
            await followers.remove_follower(tx, row.id)
        click.echo(f"{slug} is removed")
