"""hub field: what else the retailer wants to know of an order, such as a purchase order's number."""

from collections.abc import Sequence

import click
from msgspec.structs import asdict

from hub.channels.context import HubContext
from hub.cli.output import json_option, show_list
from hub.cli.session import in_hub
from hub.flows.orders.define_fields import define_fields, drop_fields
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.orders.fields import Field, Kind
from hub.store.order_fields import all_fields

ACTOR = "command line"
NONE_YET = 'There are no fields yet. Define one with: hub field define po_number --label "PO number"'


@click.group()
def field() -> None:
    """Define fields of your own on orders."""


@field.command("list")
@json_option
@in_hub
async def list_fields(ctx: HubContext, *, as_json: bool) -> None:
    """List the fields in the order in which orders show them."""
    async with ctx.db.transaction() as tx:
        found = await all_fields(tx)
    show_list(
        found,
        as_json=as_json,
        columns=("Key", "Label", "Kind", ""),
        row=lambda each: [each.key, each.label, _kind(each), _marks(each)],
        empty=NONE_YET,
    )


@field.command()
@click.argument("key")
@click.option("--label", help="What people read; without it, the key.")
@click.option(
    "--kind",
    type=click.Choice([each.value for each in Kind]),
    default=Kind.TEXT.value,
    show_default=True,
    help="What fits in.",
)
@click.option(
    "--choice", "choices", multiple=True, help="One of the choices, for the kind choice; repeat it."
)
@click.option("--required", is_flag=True, help="Who fills in any field cannot leave it empty.")
@click.option("--personal", is_flag=True, help="It is about a person: its values are sealed, for good.")
@click.option("--of-lines", is_flag=True, help="Each line of an order has it, not the order; for good.")
@in_hub
async def define(
    ctx: HubContext,
    /,
    key: str,
    *,
    label: str | None,
    kind: str,
    choices: Sequence[str],
    required: bool,
    personal: bool,
    of_lines: bool,
) -> None:
    """Define a field, or change its label and choices: hub field define tier --kind choice --choice gold."""
    said = label or key.replace("_", " ").capitalize()
    new = Field(key, said, Kind(kind), tuple(choices), required, personal, of_lines)
    async with ctx.db.transaction() as tx:
        await define_fields(tx, [new], actor=ACTOR, at=now())
    how = f"--line-field LINE:{key}=…" if of_lines else f"--field {key}=…"
    click.echo(f"field {key} is there: fill it in with hub order edit 1042 {how}")


@field.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY…")
@in_hub
async def drop(ctx: HubContext, keys: Sequence[str]) -> None:
    """Drop fields: nobody fills them in any more; what was filled in stays with its orders."""
    async with ctx.db.transaction() as tx:
        await drop_fields(tx, list(dict.fromkeys(keys)), actor=ACTOR, at=now())
    click.echo(f"dropped: {', '.join(keys)}; define one again under the same key to have it back")


def _kind(each: Field) -> str:
    return f"{each.kind}: {', '.join(each.choices)}" if each.choices else str(each.kind)


def _marks(each: Field) -> str:
    marks = asdict(each)
    return ", ".join(name.replace("_", " ") for name in ("required", "personal", "of_lines") if marks[name])


def read_value(words: str) -> tuple[str, str | None]:
    """Read KEY=VALUE; nothing behind the sign empties a field. Raises InputError."""
    key, sign, value = words.partition("=")
    if not sign:
        msg = f"{words!r} is no field with a value: write po_number=4711, or po_number= to empty it"
        raise InputError(msg, field="field")
    return key, value or None
