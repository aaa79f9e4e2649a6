"""hub channel: join channels, test them, pull their orders."""

import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import click
import msgspec

from hub.channels.context import HubContext
from hub.channels.health import watched
from hub.channels.intake import ring_touched
from hub.channels.joining import probe, refuse_bad, ring_all, try_again
from hub.channels.opening import (
    OpenedChannel,
    add_channel,
    find_channel,
    find_open_channel,
    open_channel,
    set_channel,
    webhook_url,
)
from hub.channels.webhooks import ensure_webhooks
from hub.cli.channel_calls import calls
from hub.cli.channel_closing import close, open_again
from hub.cli.channel_places import locations_there
from hub.cli.fulfillment.handling import handling
from hub.cli.offers import pull_offers
from hub.cli.orders.settle import settle_all, summary
from hub.cli.orders.shipping import ships
from hub.cli.orders.unpaid import unpaid
from hub.cli.output import (
    Cell,
    age,
    age_s,
    bold,
    count_of,
    json_option,
    print_json,
    print_probes,
    progress,
    show_list,
    tone,
)
from hub.cli.session import in_hub
from hub.cli.settings import ask, complete, read_pairs
from hub.cli.shadow import shadow
from hub.cli.sync.write_backs import tells
from hub.jobs.pull_orders import pull_pages
from hub.kit.clock import now
from hub.model.errors import WrongStateError
from hub.spec import (
    FetchesOrders,
    ListsListings,
    Message,
    Page,
    ReceivesWebhooks,
)
from hub.store import channels
from hub.store.api import channels as health
from hub.store.locks import only_worker

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NEEDS_LOGIN = "needs login"

set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the connector; repeat it."
)


COLUMNS = (
    *("Channel", "Kind", "State", "Last pull", ">Inbox", ">Parked", ">Unmatched", ">To push"),
    *(">Oldest", "Problem"),
)
NO_CHANNELS = (
    "No channels yet. Join one with: hub channel add KIND SLUG, for example: hub channel add manual phone"
)


@click.group()
def channel() -> None:
    """Join channels, test them, pull their orders."""


channel.add_command(unpaid)
channel.add_command(ships)
channel.add_command(handling)
channel.add_command(tells)
channel.add_command(shadow)


@channel.command()
@click.argument("kind")
@click.argument("slug")
@click.option("--name", help="What people call it; without it, the slug.")
@set_option
@click.option("--location", help="Where it sells from: a till's own shelf. Without it, by priority.")
@click.option(
    "--pull-every",
    default=60,
    show_default=True,
    type=click.IntRange(5),
    metavar="SECONDS",
    help="How often its orders are asked for, whatever webhooks bring.",
)
@in_hub
async def add(
    ctx: HubContext,
    kind: str,
    slug: str,
    *,
    name: str | None,
    settings: Sequence[str],
    location: str | None,
    pull_every: int,
) -> None:
    """Join a channel: its KIND, such as woocommerce, square or manual, and a short name of your own."""
    connector = ctx.registry.connector(kind)
    await refuse_bad(ctx, slug, location)
    what = f"a {connector.manifest.title} channel"
    given = complete(connector.config_type, read_pairs(settings), what=what)
    row = await add_channel(
        ctx,
        kind=kind,
        slug=slug,
        name=name or slug,
        settings=given,
        location=location,
        pull_every_s=pull_every,
    )
    click.echo(f"channel {bold(slug)} is joined ({connector.manifest.title})")
    opened = open_channel(ctx, row)
    if isinstance(opened.channel, ReceivesWebhooks):
        click.echo(f"  webhooks to: {webhook_url(ctx, row)}")
    print_probes(await probe(opened))
    click.echo(f"Next: {_next_step(opened)}")


@channel.command("list")
@click.option("--addresses", is_flag=True, help="Only where each channel sends its webhooks.")
@json_option
@in_hub
async def list_channels(ctx: HubContext, *, addresses: bool, as_json: bool) -> None:
    """List the channels: how each one does, and what of it waits."""
    async with ctx.db.transaction() as tx:
        found = await health.channels(tx, at=now())
        rows = {row.id: row for row in await channels.all_channels(tx)}
    urls = {each.slug: webhook_url(ctx, rows[each.id]) for each in found}
    if as_json:
        items = [msgspec.structs.asdict(each) | {"webhook_url": urls[each.slug]} for each in found]
        print_json({"items": items})
    elif addresses:
        show_list(
            found,
            as_json=False,
            columns=["Channel", "Webhooks to"],
            row=lambda each: [each.slug, urls[each.slug]],
            empty=NO_CHANNELS,
        )
    else:
        show_list(found, as_json=False, columns=COLUMNS, row=_row, empty=NO_CHANNELS)
        for each in found:
            if each.shares_limits_with:
                click.echo(f"{each.slug} shares its limits with: {', '.join(each.shares_limits_with)}")


@channel.command()
@click.argument("slug")
@in_hub
async def test(ctx: HubContext, slug: str) -> None:
    """Try the connection, probe by probe. One that had to log in again and now can goes on by itself."""
    row = await find_open_channel(ctx, slug)
    probes, goes_on = await try_again(ctx, row)
    print_probes(probes)
    if not all(each.ok for each in probes):
        click.echo(f"Correct a setting with: {_correct(slug)}")
        sys.exit(1)
    if goes_on:
        click.echo(f"{slug} is connected again: what waited for it goes on")


@channel.command("set")
@click.argument("slug")
@click.argument("settings", nargs=-1, required=True, metavar="NAME=VALUE…")
@in_hub
async def set_settings(ctx: HubContext, slug: str, *, settings: Sequence[str]) -> None:
    """Change settings of a channel, such as a new key; `NAME=` alone asks for a secret without showing it."""
    row = await find_channel(ctx, slug)
    config_type = ctx.registry.connector(row.kind).config_type
    wanted = read_pairs(settings)
    asked = {name: value or ask(config_type, name) for name, value in wanted.items()}
    await set_channel(ctx, row, asked)
    click.echo(f"{', '.join(asked)} of {slug}: changed. Try it: hub channel test {slug}")


@channel.command()
@click.argument("slug")
@click.option("--listings", is_flag=True, help="Pull what the channel offers, not its orders.")
@click.option("--believe", is_flag=True, help="With --listings: most of the shop may be gone, if it says so.")
@in_hub
async def pull(ctx: HubContext, slug: str, *, listings: bool, believe: bool) -> None:
    """Pull now what is new on the channel, and take it."""
    opened = open_channel(ctx, await find_open_channel(ctx, slug))
    if listings:
        await pull_offers(ctx, opened, believe=believe)
    else:
        await _pull_orders(ctx, opened)


channel.add_command(calls)
channel.add_command(close)
channel.add_command(open_again)
channel.add_command(locations_there)


@channel.command()
@click.argument("slug")
@in_hub
async def pause(ctx: HubContext, slug: str) -> None:
    """Stop talking to the channel until it is resumed. What it sends meanwhile is kept and taken."""
    row = await find_open_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        await channels.pause(tx, row.id, at=now())
    await ctx.bell.announce("channels")
    click.echo(f"{slug} is paused: no pull, no stock told. Go on with: hub channel resume {slug}")


@channel.command()
@click.argument("slug")
@in_hub
async def resume(ctx: HubContext, slug: str) -> None:
    """Go on with a paused channel; what waited is due at once."""
    row = await find_open_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        await channels.resume(tx, row.id, at=now())
    await ring_all(ctx, row)
    click.echo(f"{slug} goes on: a pull and what waits to be pushed are due now")


@channel.command()
@click.argument("slug")
@in_hub
async def webhooks(ctx: HubContext, slug: str) -> None:
    """Have the channel send its webhooks here; running it again revives what the channel switched off."""
    row = await find_open_channel(ctx, slug)
    opened = open_channel(ctx, row)
    url = webhook_url(ctx, row)
    _warn_of_loopback(url, opened.config.base_url)
    probes = await ensure_webhooks(ctx, opened, at=now())
    click.echo(f"webhooks of {slug} to {url}")
    print_probes(probes)
    if not all(each.ok for each in probes):
        sys.exit(1)


async def _pull_orders(ctx: HubContext, opened: OpenedChannel) -> None:
    slug = opened.row.slug
    if not isinstance(opened.channel, FetchesOrders):
        msg = f"a {opened.connector.manifest.title} channel cannot be asked: its orders are typed or added as files"
        raise WrongStateError(msg)
    keys: list[str] = []
    done, new, began = False, 0, now()
    async with only_worker(ctx.db, "pull", opened.row.id) as alone:
        if not alone:
            click.echo(f"a worker pulls {slug} at this moment: it takes what it finds")
            return
        async with watched(ctx, opened.row, "pull_orders"):
            new, done = await _pull_with_progress(ctx, opened, keys), True
    if not done:
        raise WrongStateError(await _why_not(ctx, slug))
    click.echo(f"{count_of(len(keys), 'message')} pulled from {slug}, {new or 'nothing'} new")
    letters, touched = await settle_all(ctx, opened, keys)
    await ring_touched(ctx, touched)
    if states := [each.state for each in letters.values() if each.received_at >= began]:
        click.echo(summary(states))


async def _why_not(ctx: HubContext, slug: str) -> str:
    row = await find_channel(ctx, slug)
    remedy = f"; correct it with: {_correct(slug)}, then: hub channel test {slug}"
    return f"pulling {slug} failed: {row.problem}{remedy if row.account_state == NEEDS_LOGIN else ''}"


def _correct(slug: str) -> str:
    return f"hub channel set {slug} NAME=VALUE"


async def _pull_with_progress(ctx: HubContext, opened: OpenedChannel, keys: list[str]) -> int:
    with progress(f"pulling {opened.row.slug}") as advance:

        def seen(page: Page[Message]) -> None:
            keys.extend(each.delivery_key for each in page.items)
            advance(len(page.items))

        return await pull_pages(ctx, opened, seen)


def _next_step(opened: OpenedChannel) -> str:
    slug = opened.row.slug
    if not opened.connector.manifest.orders_are_facts:
        return f"hub order new --channel {slug} --line SKU:1:9.90"
    steps = [f"hub channel pull {slug} --listings"] if isinstance(opened.channel, ListsListings) else []
    if isinstance(opened.channel, ReceivesWebhooks):
        steps.append(f"hub channel webhooks {slug}")
    return "   then: ".join([*steps, f"hub channel pull {slug}"])


def _row(each: health.ChannelHealth) -> list[Cell]:
    at = now()
    return [
        each.slug,
        each.kind,
        tone(_state(each)),
        age(each.pulled_at, at),
        each.inbox_waiting,
        each.inbox_parked,
        each.listings_unmatched,
        each.publications_waiting,
        age_s(each.oldest_waiting_s),
        each.problem,
    ]


def _state(each: health.ChannelHealth) -> str:
    """The first of these that holds: dead credentials, paused by a person, backing off, active."""
    if each.account_state != "ok":
        return each.account_state
    if each.state != "active":
        return each.state
    if each.paused_until and (left := (each.paused_until - now()).total_seconds()) > 0:
        return f"tries again in {left:.0f} s"
    return each.state


def _warn_of_loopback(url: str, base_url: str) -> None:
    ours, theirs = urlsplit(url).hostname, urlsplit(base_url).hostname
    if ours in LOOPBACK and theirs not in LOOPBACK:
        click.secho(
            f"! {url} is only reachable on this machine: set HUB_URL to the address the channel can reach",
            fg="yellow",
        )
