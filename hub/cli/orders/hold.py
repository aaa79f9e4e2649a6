"""hub hold: put orders on hold, see what waits, say whose it is, resolve many at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import click
from msgspec.structs import asdict

from hub.channels.context import HubContext
from hub.channels.holding import hold_orders, resolve_orders
from hub.cli.output import Cell, age, count_of, json_option, left, show_list, tone
from hub.cli.session import in_hub
from hub.flows.orders.hold import assign_holds
from hub.kit.clock import now
from hub.model.orders.holds import USUAL, Hold, Stock
from hub.store import holds
from hub.store.holds import HeldFor

ACTOR = "command line"
COLUMNS = ("Order", "Channel", "Waits for", "Stock", "Owner", "Due", "Note", "By", ">Age")

numbers_argument = click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER…")
reason_option = click.option(
    "--reason", required=True, help=f"{', '.join(USUAL)}, or a few words of your own, such as: gift wrap."
)
due_option = click.option("--due", "due_h", type=click.IntRange(1), help="Within how many hours from now.")


@click.group()
def hold() -> None:
    """Keep orders back until somebody has looked."""


@hold.command()
@numbers_argument
@reason_option
@click.option("--note", default="", help="What is known.")
@click.option("--owner", default="", help="Who looks after it.")
@due_option
@click.option("--release", is_flag=True, help="Give the stock back until it is resolved.")
@in_hub
async def put(
    ctx: HubContext,
    numbers: Sequence[int],
    *,
    reason: str,
    note: str,
    owner: str,
    due_h: int | None,
    release: bool,
) -> None:
    """Put orders on hold: hub hold put 1042 --reason fraud --owner ada --due 24."""
    at = now()
    stock = Stock.RELEASED if release else Stock.KEPT
    wanted = [Hold(number, reason, note, owner, _due(due_h, at), stock) for number in numbers]
    done = await hold_orders(ctx, wanted, actor=ACTOR, at=at)
    what = "its stock is given back" if release else "its stock stays promised"
    click.echo(f"{count_of(len(done.new), 'order')} held for {reason}; {what}")
    if before := len(set(numbers)) - len(done.new):
        click.echo(f"  {count_of(before, 'order')} had this hold before, and took over what is new")


@hold.command("list")
@click.option("--reason", help="Only these.")
@click.option("--owner", help='Only what this person looks after; "" is nobody.')
@click.option("--overdue", is_flag=True, help="Only those whose time is over.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_held(
    ctx: HubContext, *, reason: str | None, owner: str | None, overdue: bool, limit: int, as_json: bool
) -> None:
    """List what orders wait for, the oldest hold first."""
    at = now()
    async with ctx.db.transaction() as tx:
        found = await holds.list_holds(
            tx, reason=reason, owner=owner, due_before=at if overdue else None, limit=limit
        )
    empty = "No order is held. Put one on hold: hub hold put NUMBER --reason review"
    if as_json:
        items = [
            {name: value for name, value in asdict(each).items() if name != "personal"} for each in found
        ]
        show_list(items, as_json=True, columns=COLUMNS, row=lambda _: [], empty=empty)
        return
    show_list(found, as_json=False, columns=COLUMNS, row=lambda each: _row(each, at), empty=empty)


def _row(each: HeldFor, at: datetime) -> list[Cell]:
    due = left(each.due_at, at) if each.due_at else ""
    return [
        each.order_number,
        each.channel,
        tone(each.reason),
        each.stock,
        each.owner,
        due,
        each.note,
        each.put_by,
        age(each.since, at),
    ]


@hold.command()
@numbers_argument
@reason_option
@click.option("--owner", help="Who looks after it.")
@click.option("--note", help="What is known.")
@due_option
@in_hub
async def assign(
    ctx: HubContext,
    numbers: Sequence[int],
    *,
    reason: str,
    owner: str | None,
    note: str | None,
    due_h: int | None,
) -> None:
    """Say who looks after a hold, and until when: hub hold assign 1042 1043 --reason fraud --owner ada."""
    at = now()
    async with ctx.db.transaction() as tx:
        found = await assign_holds(
            tx, numbers, reason, owner=owner, note=note, due_at=_due(due_h, at), actor=ACTOR, at=at
        )
    await ctx.bell.announce("orders")
    click.echo(f"{count_of(len(found), 'order')} of {len(set(numbers))} held for {reason}: noted")


@hold.command()
@numbers_argument
@reason_option
@click.option("--preview", is_flag=True, help="Say what would happen, and change nothing.")
@in_hub
async def resolve(ctx: HubContext, numbers: Sequence[int], *, reason: str, preview: bool) -> None:
    """Somebody has looked: the hold goes, and stock that was given back is promised again."""
    done = await resolve_orders(ctx, numbers, reason, actor=ACTOR, at=now(), preview=preview)
    resolved = count_of(len(done.numbers), "order")
    words = (
        f"would be resolved for {resolved}; nothing was changed" if preview else f"resolved for {resolved}"
    )
    click.echo(f"{reason} {words}")
    if done.again:
        numbers_again = ", ".join(map(str, done.again))
        click.echo(f"  stock {'would be' if preview else 'is'} promised again to {numbers_again}")
    if others := sorted(set(numbers) - set(done.numbers)):
        click.echo(f"  without this hold: {', '.join(map(str, others))}")


def _due(hours: int | None, at: datetime) -> datetime | None:
    return None if hours is None else at + timedelta(hours=hours)
