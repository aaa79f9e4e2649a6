"""hub channel close: take a channel out of service, with all that was kept; hub channel open: go on with it."""

import click

from hub.channels.closing import Switched, close_channel, reopen_channel
from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.cli.output import json_option, print_json, print_probes
from hub.cli.session import in_hub
from hub.kit.clock import now

ACTOR = "command line"


@click.command()
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@in_hub
async def close(ctx: HubContext, slug: str, *, yes: bool, as_json: bool) -> None:
    """Take a channel out of service: nothing is asked, told or taken any more; its orders and their history stay."""
    row = await find_channel(ctx, slug)
    if not (yes or as_json):
        click.confirm(
            f"Close {row.name}? It is asked and told nothing more, and its webhooks are removed", abort=True
        )
    done = await close_channel(ctx, slug, actor=ACTOR, at=now())
    _tell(done, f"{slug} is closed. Open it again with: hub channel open {slug}", as_json=as_json)


@click.command("open")
@click.argument("slug")
@json_option
@in_hub
async def open_again(ctx: HubContext, slug: str, *, as_json: bool) -> None:
    """Go on with a closed channel: what was sold there meanwhile is read, and every number is told."""
    done = await reopen_channel(ctx, slug, actor=ACTOR, at=now())
    _tell(done, f"{slug} is open: a pull and all its numbers are due now", as_json=as_json)


def _tell(done: Switched, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    click.echo(words)
    print_probes(done.webhooks)
