"""hub review: the checks that orders go through when they are new, and what each does with what it finds."""

from decimal import Decimal, InvalidOperation

import click

from hub.channels.context import HubContext
from hub.cli.output import Cell, json_option, show_list
from hub.cli.session import in_hub
from hub.flows.review.set_checks import set_checks
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.review.checks import ABOUT, Check, Does, Setting, asks
from hub.store.review.checks import all_settings

ACTOR = "command line"


@click.group()
def review() -> None:
    """Say which orders wait for a look before they go on."""


@review.command("list")
@json_option
@in_hub
async def list_checks(ctx: HubContext, *, as_json: bool) -> None:
    """List the checks: what each looks for, and what it does with what it finds."""
    async with ctx.db.transaction() as tx:
        found = await all_settings(tx)
    show_list(found, as_json=as_json, columns=["Check", "Does", ">Figure", "Finds"], row=_row, empty="")


@review.command("set")
@click.argument("check", type=click.Choice([str(each) for each in Check]))
@click.argument("does", type=click.Choice([str(each) for each in Does]))
@click.option("--figure", help="What it measures by; without it, as it is.")
@in_hub
async def set_check(ctx: HubContext, *, check: str, does: str, figure: str | None) -> None:
    r"""Set one check for all orders taken from now on.

    \b
    off   nobody looks
    note  what it finds is noted with the order, which goes on
    hold  the order waits until a person has looked
    """
    async with ctx.db.transaction() as tx:
        held = next(each for each in await all_settings(tx) if each.check == check)
        setting = Setting(Check(check), Does(does), held.figure if figure is None else _figure(figure))
        await set_checks(tx, [setting], actor=ACTOR, at=now())
    click.echo(f"{check}: {setting.does} where {asks(setting)}")


def _figure(typed: str) -> Decimal:
    try:
        return Decimal(typed)
    except InvalidOperation:
        msg = f"--figure is {typed!r}: it must be a number, such as 30"
        raise InputError(msg, field="figure") from None


def _row(each: Setting) -> list[Cell]:
    unit = ABOUT[each.check].unit
    return [each.check, each.does, "" if each.figure is None else f"{each.figure:f} {unit}", asks(each)]
