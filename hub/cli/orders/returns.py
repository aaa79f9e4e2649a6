"""hub return: take shipped goods back, decide over those put aside, list them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import click

from hub.channels.context import HubContext
from hub.channels.returning import decide_over_goods, take_goods_back
from hub.cli.output import Cell, age, count_of, json_option, show_list, tone
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.returns import Comeback, Decision, Disposition
from hub.store import returns
from hub.store.returns import LineOut, Return

ACTOR = "command line"
_EMPTY = {
    True: "Nothing waits to be looked at.",
    False: "Nothing has come back. Take goods back: hub return take ORDER --line SKU",
}
_COLUMNS = ["Return", "Order", "Item", ">Units", "State", "Location", "Reason", "By", ">Age"]


@click.group("return")
def return_() -> None:
    """Take shipped goods back."""


@return_.command()
@click.argument("number", type=int)
@click.option(
    "--line", "lines", multiple=True, required=True, metavar="SKU[:UNITS]", help="What came back; repeat it."
)
@click.option(
    "--disposition",
    type=click.Choice([str(each) for each in Disposition]),
    default=str(Disposition.INSPECT),
    show_default=True,
    help="restock: sold again. scrap: gone. inspect: put aside until somebody has looked.",
)
@click.option("--to", "location", metavar="LOCATION", help="Where restocked units lie.")
@click.option("--reason", default="", help="Why it came back.")
@in_hub
async def take(
    ctx: HubContext, number: int, *, lines: Sequence[str], disposition: str, location: str | None, reason: str
) -> None:
    """Take back what an order had shipped, by SKU: hub return take 1042 --line MUG-BLUE:2."""
    async with ctx.db.transaction() as tx:
        out = await returns.lines_out(tx, number)
    if not out:
        msg = f"order {number} has no line that takes stock: see hub order show {number}"
        raise NotFoundError(msg)
    became = Disposition(disposition)
    comebacks = [
        Comeback(uuid7(), line.id, units, became, location, reason)
        for line, units in _chosen(number, out, lines)
    ]
    await take_goods_back(ctx, comebacks, actor=ACTOR, at=now())
    units = sum(each.quantity for each in comebacks)
    click.echo(f"{count_of(units, 'unit')} of order {number} came back: {_becomes(became, location)}")


@return_.command()
@click.argument("return_id", type=click.UUID)
@click.argument("disposition", type=click.Choice(["restock", "scrap"]))
@click.option("--to", "location", metavar="LOCATION", help="Where restocked units lie.")
@in_hub
async def inspect(ctx: HubContext, return_id: UUID, disposition: str, *, location: str | None) -> None:
    """Say what becomes of units that were put aside."""
    became = Disposition(disposition)
    await decide_over_goods(ctx, [Decision(return_id, became, location)], actor=ACTOR, at=now())
    click.echo(f"inspected: {_becomes(became, location)}")


@return_.command("list")
@click.argument("number", type=int, required=False)
@click.option("--to-inspect", is_flag=True, help="Only what waits to be looked at.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_returns(
    ctx: HubContext, number: int | None, *, to_inspect: bool, limit: int, as_json: bool
) -> None:
    """List what came back, the newest first; of one order where NUMBER is given."""
    async with ctx.db.transaction() as tx:
        state = Disposition.INSPECT if to_inspect else None
        found = await returns.list_returns(tx, number=number, state=state, limit=limit)
    show_list(found, as_json=as_json, columns=_COLUMNS, row=_row, empty=_EMPTY[to_inspect])


def _row(each: Return) -> Sequence[Cell]:
    item = each.sku or each.title
    where = each.location or ""
    return [
        str(each.id),
        each.order_number,
        item,
        each.quantity,
        tone(each.disposition),
        where,
        each.reason,
        each.inspected_by or each.actor,
        age(each.at, now()),
    ]


def _becomes(disposition: Disposition, location: str | None) -> str:
    return {
        Disposition.RESTOCK: f"sold again from {location}",
        Disposition.SCRAP: "scrapped, no stock changes",
        Disposition.INSPECT: "put aside; see hub return list --to-inspect",
    }[disposition]


def _chosen(number: int, out: Sequence[LineOut], wanted: Sequence[str]) -> list[tuple[LineOut, int]]:
    """Spread each wish over the lines of its SKU, the first line first; what is too much stays with the last."""
    by_sku: dict[str, list[LineOut]] = defaultdict(list)
    for line in out:
        by_sku[line.sku or line.channel_sku].append(line)
    chosen: list[tuple[LineOut, int]] = []
    for wish in wanted:
        sku, units = _read(wish)
        if sku not in by_sku:
            msg = f"order {number} has no line of {sku}: it has {', '.join(by_sku)}"
            raise InputError(msg, field="line")
        chosen += _spread(by_sku[sku], units)
    return chosen


def _spread(lines: Sequence[LineOut], units: int) -> list[tuple[LineOut, int]]:
    taken: list[tuple[LineOut, int]] = []
    for line in lines[:-1]:
        here = min(units, line.out)
        if here > 0:
            taken.append((line, here))
            units -= here
    return [*taken, (lines[-1], units)] if units or not taken else taken


def _read(wish: str) -> tuple[str, int]:
    sku, colon, units = wish.rpartition(":")
    if not colon:
        return wish, 1
    if not units.isascii() or not units.isdigit() or not 0 < int(units) <= 1_000_000:
        msg = f"{wish!r} does not say how many: write it as {sku or 'SKU'}:2"
        raise InputError(msg, field="line")
    return sku, int(units)
