"""hub order split: units leave as an order of their own; hub order merge: orders of one customer leave as one."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.editing import merge_and_tell, split_and_tell
from hub.cli.orders.editing import ACTOR, number_argument, read_units, reason_option
from hub.cli.output import count_of
from hub.cli.session import in_hub
from hub.flows.orders.split import Merge, Split
from hub.kit.clock import now
from hub.kit.ids import uuid7


@click.command()
@number_argument
@click.option(
    "--line", "lines", multiple=True, required=True, metavar="LINE:UNITS", help="What goes; repeat it."
)
@reason_option
@in_hub
async def split(ctx: HubContext, number: int, *, lines: Sequence[str], reason: str) -> None:
    """Split units off an order, with their stock and what they cost: hub order split 1042 --line MUG-BLUE:1."""
    units = await read_units(ctx, number, lines)
    done = await split_and_tell(ctx, [Split(uuid7(), number, units, reason)], actor=ACTOR, at=now())
    click.echo(f"order {done.numbers[0]} has {count_of(sum(units.values()), 'unit')} of order {number} now")


@click.command()
@number_argument
@click.argument("others", nargs=-1, required=True, type=int, metavar="OTHER…")
@reason_option
@in_hub
async def merge(ctx: HubContext, number: int, *, others: Sequence[int], reason: str) -> None:
    """Put all of the other orders into this one: of the same customer, to the same address, paid alike."""
    await merge_and_tell(ctx, Merge(uuid7(), number, others, reason), actor=ACTOR, at=now())
    gone = ", ".join(map(str, others))
    click.echo(f"order {number} has all of {gone}; take it apart again with: hub order undo {number}")
