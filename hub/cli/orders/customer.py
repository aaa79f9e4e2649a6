"""hub customer: who they are across channels, what is known of them, and whose orders wait for a look."""

from collections.abc import Sequence
from uuid import UUID

import click
from msgspec import Struct

from hub.channels.context import HubContext
from hub.cli.output import bold, count_of, json_option, print_json, show_list
from hub.cli.session import in_hub
from hub.flows.customers import (
    Customer,
    block,
    blocked_list,
    merge,
    show_customer,
    suggest_same,
    unblock,
    unmerge,
    write_about,
)
from hub.flows.orders.keep_people import find_people, read_identity
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.store.db import Tx
from hub.store.desk.customer import past_orders

ACTOR = "command line"
BLOCKED_MAX = 500
who_argument = click.argument("who", metavar="EMAIL|PHONE|ID")


class CustomerItem(Struct, frozen=True):
    """One customer as `--json` gives it; `also` are the other names the person goes by."""

    id: UUID
    name: str
    email: str
    phone: str
    blocked: bool
    why_blocked: str
    note: str
    tags: list[str]
    also: list[str]


@click.group()
def customer() -> None:
    """Know customers across channels: note, tag, block, merge."""


@customer.command()
@who_argument
@json_option
@in_hub
async def show(ctx: HubContext, who: str, *, as_json: bool) -> None:
    """Show a customer: what is known, the last orders, and who may be the same person."""
    async with ctx.db.transaction() as tx:
        found = await _find(tx, ctx, who)
        orders = await past_orders(tx, found.ids)
        maybe = await suggest_same(tx, ctx.vault, found)
    item = _item(found)
    if as_json:
        print_json(item)
        return
    click.echo(f"{bold(item.name or item.email or item.phone)}  {item.email} {item.phone}  {item.id}")
    known = (
        ("blocked", item.why_blocked if item.blocked else ""),
        ("note", item.note),
        ("tags", ", ".join(item.tags)),
        ("also", "; ".join(item.also)),
        ("orders", ", ".join(str(each.number) for each in orders)),
        (
            "maybe the same",
            "; ".join(f"{each.person.email or each.person.phone} {each.ids[0]}" for each in maybe),
        ),
    )
    for title, words in known:
        if words:
            click.echo(f"  {title:<14} {words}")


@customer.command("block")
@who_argument
@click.option("--why", required=True, help="In a few words, such as: sent three parcels back.")
@in_hub
async def block_customer(ctx: HubContext, who: str, *, why: str) -> None:
    """Let new orders of a customer wait for a look, as the check `blocked` is set."""
    async with ctx.db.transaction() as tx:
        found = await _find(tx, ctx, who)
        await block(tx, ctx.vault, found.id, why=why, actor=ACTOR, at=now())
    click.echo(f"{who} is blocked: new orders wait for a look")


@customer.command("unblock")
@who_argument
@in_hub
async def unblock_customer(ctx: HubContext, who: str) -> None:
    """Let their orders go on again."""
    async with ctx.db.transaction() as tx:
        found = await _find(tx, ctx, who)
        await unblock(tx, ctx.vault, found.id, actor=ACTOR, at=now())
    click.echo(f"{who} is blocked no more")


@customer.command("blocked")
@json_option
@in_hub
async def list_blocked(ctx: HubContext, *, as_json: bool) -> None:
    """List who is blocked, the last one first."""
    async with ctx.db.transaction() as tx:
        items = [_item(each) for each in await blocked_list(tx, ctx.vault, limit=BLOCKED_MAX)]
    show_list(
        items,
        as_json=as_json,
        columns=["Customer", "E-mail", "Phone", "Why"],
        row=lambda each: [each.name, each.email, each.phone, each.why_blocked],
        empty="Nobody is blocked. Block somebody with: hub customer block EMAIL --why …",
    )


@customer.command()
@who_argument
@click.option("--note", help="What is known; it replaces the note there is.")
@click.option("--tag", "tags", multiple=True, help="A tag; all of them replace those there are. Repeat it.")
@in_hub
async def note(ctx: HubContext, who: str, *, note: str | None, tags: Sequence[str]) -> None:
    """Write a note, or tags, of a customer; what is not named stays."""
    async with ctx.db.transaction() as tx:
        found = await _find(tx, ctx, who)
        words = found.about.note if note is None else note
        chosen = list(tags) or found.tags
        await write_about(tx, ctx.vault, found.id, note=words, tags=chosen, actor=ACTOR, at=now())
    click.echo(f"noted; {count_of(len(chosen), 'tag')}")


@customer.command("merge")
@who_argument
@click.argument("into", metavar="EMAIL|PHONE|ID")
@in_hub
async def merge_customers(ctx: HubContext, who: str, into: str) -> None:
    """Say that WHO is the same person as INTO, who stays. No order is moved."""
    async with ctx.db.transaction() as tx:
        one, other = await _find(tx, ctx, who), await _find(tx, ctx, into)
        await merge(tx, ctx.vault, one.id, other.id, actor=ACTOR, at=now())
    click.echo(f"{who} and {into} are one person; take it back with: hub customer unmerge {one.id}")


@customer.command("unmerge")
@click.argument("customer_id", metavar="ID", type=click.UUID)
@in_hub
async def unmerge_customer(ctx: HubContext, customer_id: UUID) -> None:
    """Take a merge back: the customer with this ID is somebody else after all."""
    async with ctx.db.transaction() as tx:
        await unmerge(tx, ctx.vault, customer_id, actor=ACTOR, at=now())
    click.echo("they are two people again")


async def _find(tx: Tx, ctx: HubContext, who: str) -> Customer:
    """Raises NotFoundError; InputError where several people have this phone."""
    try:
        return await show_customer(tx, ctx.vault, UUID(who))
    except ValueError:
        typed = read_identity(who)
    found = await find_people(tx, ctx.vault, typed) if typed else []
    if not found:
        msg = f"nobody is known as {who!r}: give the e-mail or phone of an order, or a customer's id"
        raise NotFoundError(msg)
    if len(found) > 1:
        ids = ", ".join(f"{each.person.email or each.person.phone} ({each.ids[0]})" for each in found)
        msg = f"{len(found)} customers have this phone: {ids}; name one by its id"
        raise InputError(msg, field="who")
    return await show_customer(tx, ctx.vault, found[0].ids[0])


def _item(each: Customer) -> CustomerItem:
    person, also = each.person, [other.person.email or other.person.phone for other in each.identities[1:]]
    return CustomerItem(
        each.id,
        person.name,
        person.email,
        person.phone,
        each.blocked_at is not None,
        each.about.why_blocked,
        each.about.note,
        each.tags,
        also,
    )
