"""hub order edit, cancel, reopen: change orders by hand; hub order edits, undo, settle: look back."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import click
import msgspec

from hub.channels.context import HubContext
from hub.channels.editing import cancel_and_tell, edit_and_tell, undo_and_tell
from hub.cli.orders.field import read_value
from hub.cli.output import Cell, age, count_of, json_option, lang_option, print_json, print_table
from hub.cli.session import in_hub
from hub.flows.orders.cancel import Canceled
from hub.flows.orders.edit import Edit
from hub.flows.orders.kept_edits import open_edit, tell_kept
from hub.flows.orders.versions import read_versions
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.kit.language import Language, locale_of
from hub.model.edits.deeds import (
    AddLine,
    Cancel,
    Deed,
    RemoveLine,
    Reopen,
    SetAddress,
    SetFields,
    SetPrice,
    SetPriority,
    SetRemark,
    SetShipping,
    SetTags,
    Settle,
    SetUnits,
)
from hub.model.edits.editing import Edited
from hub.model.edits.owners import Shipping
from hub.model.edits.seen import Seen, both_in_words, shown_fields
from hub.model.edits.words import in_words, label_of
from hub.model.errors import InputError, NotFoundError, StaleError
from hub.model.incoming import Address, IncomingLine
from hub.store import edits, orders
from hub.store.edits import KeptEdit

ACTOR = "command line"

number_argument = click.argument("number", type=int)
reason_option = click.option("--reason", default="", help="Why; it stays with the edit.")
was_option = click.option(
    "--was",
    metavar="JSON",
    help="Fields as you saw them in hub order edits --json; refused where one is another by now.",
)


@click.command()
@number_argument
@click.option(
    "--units",
    multiple=True,
    metavar="LINE:UNITS",
    help="So many are ordered; LINE is a SKU or the channel's id; repeat it.",
)
@click.option("--price", "prices", multiple=True, metavar="LINE:PRICE", help="What one costs; repeat it.")
@click.option(
    "--discount", "discounts", multiple=True, metavar="LINE:AMOUNT", help="Off the whole line; repeat it."
)
@click.option("--remove", multiple=True, metavar="LINE", help="Take a line off; repeat it.")
@click.option("--add", multiple=True, metavar="SKU:UNITS:PRICE", help="Add a line; repeat it.")
@click.option("--shipping", metavar="METHOD:PRICE", help="How it ships, and the price before tax.")
@click.option(
    "--address", metavar="JSON", help='Where it ships to, such as {"name": …, "street": …, "city": …}.'
)
@click.option("--tag", "tags", multiple=True, help="Add a tag; repeat it.")
@click.option("--untag", "untags", multiple=True, help="Take a tag off; repeat it.")
@click.option("--note", help="A note of your own, which no channel sees.")
@click.option("--field", "fields", multiple=True, metavar="KEY=VALUE", help="A field of your own; repeat it.")
@click.option(
    "--line-field", "line_fields", multiple=True, metavar="LINE:KEY=VALUE", help="Of one line; repeat it."
)
@click.option("--priority", type=int, help="The lowest is filled first when stock arrives; 100 is usual.")
@was_option
@reason_option
@in_hub
async def edit(ctx: HubContext, /, number: int, *, was: str | None, reason: str, **given: Any) -> None:
    """Change an order, of whatever channel: hub order edit 1042 --units MUG-BLUE:3 --tag gift."""
    before = await _version(ctx, number)
    deeds = list(_deeds(before, given))
    if not deeds:
        msg = f"say what to change: hub order edit {number} --units MUG-BLUE:3; see hub order edit --help"
        raise InputError(msg, field="changes")
    await _make(ctx, number, deeds, reason, was)
    after = await _version(ctx, number)
    click.echo(
        f"order {number} is changed: {after.order.total} {after.order.currency}, was {before.order.total}"
    )


@click.command()
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER…")
@click.option(
    "--line", "lines", multiple=True, metavar="LINE:UNITS", help="Only these units of one order; repeat it."
)
@reason_option
@click.option("--preview", is_flag=True, help="Say what would happen, and change nothing.")
@in_hub
async def cancel(
    ctx: HubContext, numbers: Sequence[int], *, lines: Sequence[str], reason: str, preview: bool
) -> None:
    """Cancel orders, or some units of one; what has not left comes free, once."""
    if lines and (preview or len(numbers) > 1):
        msg = "units are canceled of one order at a time: name one order, or leave --line out"
        raise InputError(msg, field="line")
    if lines:
        units = await read_units(ctx, numbers[0], lines)
        await edit_and_tell(ctx, [Edit(uuid7(), numbers[0], [Cancel(units)], reason)], actor=ACTOR, at=now())
        what = f"{count_of(sum(units.values()), 'unit')} of order {numbers[0]}"
        click.echo(f"{what} canceled; undo it with: hub order undo {numbers[0]}")
        return
    done = await cancel_and_tell(ctx, numbers, reason=reason, actor=ACTOR, at=now(), preview=preview)
    click.echo(_canceled(done, preview=preview))


def _canceled(done: Canceled, *, preview: bool) -> str:
    counted, units = count_of(len(done.numbers), "order"), count_of(done.units, "unit")
    said = [
        f"{counted} would be canceled, {units} would come free; nothing was changed"
        if preview
        else f"{counted} canceled, {units} came free"
    ]
    if done.before:
        said.append(f"{count_of(len(done.before), 'order')} had been canceled before")
    if done.partly:
        said.append(f"of {', '.join(map(str, done.partly))} something has left: that stays so")
    if done.numbers and not preview:
        said.append(f"undo it with: hub order undo {done.numbers[0]}")
    return "\n".join(said)


@click.command()
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER…")
@reason_option
@in_hub
async def reopen(ctx: HubContext, numbers: Sequence[int], *, reason: str) -> None:
    """Reopen canceled orders: what has not left is promised again, or nothing is reopened."""
    wanted = [Edit(uuid7(), number, [Reopen()], reason) for number in dict.fromkeys(numbers)]
    await edit_and_tell(ctx, wanted, actor=ACTOR, at=now())
    click.echo(f"{count_of(len(wanted), 'order')} open again, with stock promised")


@click.command("edits")
@number_argument
@lang_option
@json_option
@in_hub
async def list_edits(ctx: HubContext, number: int, *, lang: str, as_json: bool) -> None:
    """List what people changed of an order, and where the channel has changed its mind since."""
    version = await _version(ctx, number)
    order_id = await _id(ctx, number)
    async with ctx.db.transaction() as tx:
        found = await edits.edits_of(tx, order_id)
        others = await edits.others_of(tx, found)
    if as_json:
        items = [_json(ctx, each) for each in found]
        owned = {name: msgspec.structs.asdict(each) for name, each in version.owners.items()}
        said = {"tags": version.tags, "remark": version.remark, "fields": shown_fields(version)}
        print_json({"items": items, "owned": owned, **said})
        return
    for name, each in version.owners.items():
        if each.asks:
            ours, theirs = in_words(name, each.ours), in_words(name, each.theirs)
            click.echo(f"{label_of(name, version)}: ours {ours}; theirs {theirs}")
            click.echo(f"  settle it: hub order settle {number} {name} --ours, or --theirs")
    if not found:
        click.echo(f"Nobody has changed order {number}. Change it: hub order edit {number} --units SKU:2")
        return
    language = Language(locale_of(lang))
    rows = (_row(each, language.write(tell_kept(ctx.vault, each, version, others))) for each in found)
    print_table(["Edit", "Changed", "Reason", "By", ">Age", ""], rows)


@click.command()
@number_argument
@click.option("--edit", "edit_id", type=click.UUID, help="Which one; without it, the newest.")
@in_hub
async def undo(ctx: HubContext, number: int, *, edit_id: UUID | None) -> None:
    """Undo an edit of an order: each field is as it was, or as the channel has it by now."""
    order_id = await _id(ctx, number)
    async with ctx.db.transaction() as tx:
        found = [each for each in await edits.edits_of(tx, order_id) if each.undone_at is None]
        others = await edits.others_of(tx, found)
    chosen = next((each for each in found if edit_id in {None, each.id}), None)
    if chosen is None:
        msg = f"order {number} has no such edit to undo: see hub order edits {number}"
        raise NotFoundError(msg)
    await undo_and_tell(ctx, [chosen.id], actor=ACTOR, at=now())
    version = await _version(ctx, number)
    what = Language(locale_of("en")).write(tell_kept(ctx.vault, chosen, version, others))
    click.echo(f"undone, of order {number}: {what}")


@click.command()
@number_argument
@click.argument("field")
@click.option("--ours/--theirs", "ours", required=True, help="Whose word counts from now on.")
@was_option
@in_hub
async def settle(ctx: HubContext, number: int, field: str, *, ours: bool, was: str | None) -> None:
    """End a conflict over a field that a person and the channel both changed: hub order settle 1042 address --ours."""
    await _make(ctx, number, [Settle(field, follow=not ours)], "", was)
    click.echo(f"order {number}: {field} is {'ours' if ours else 'as the channel says'}")


async def read_units(ctx: HubContext, number: int, lines: Sequence[str]) -> dict[str, int]:
    """LINE:UNITS of an order, by the channel's id of the line."""
    version = await _version(ctx, number)
    return {line.channel_line_id: _count(rest, words) for line, rest, words in _lines(version, lines)}


async def _make(
    ctx: HubContext, number: int, deeds: Sequence[Deed], reason: str, was: str | None = None
) -> None:
    """Raises StaleError with both values where a field is another than it `was`."""
    wanted = Edit(uuid7(), number, deeds, reason, _seen(was))
    try:
        await edit_and_tell(ctx, [wanted], actor=ACTOR, at=now())
    except StaleError as error:
        for words in both_in_words(error):
            click.echo(f"  you saw {words}", err=True)
        raise


def _seen(was: str | None) -> Seen:
    try:
        return msgspec.json.decode(was or "{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        msg = f'--was is no object of fields ({error}): write {{"line/1": {{"quantity": 3}}}}'
        raise InputError(msg, field="was") from error


async def _id(ctx: HubContext, number: int) -> UUID:
    async with ctx.db.transaction() as tx:
        ids = await orders.ids_of(tx, [number])
    if number not in ids:
        msg = f"there is no order {number}: see hub order list"
        raise NotFoundError(msg)
    return ids[number]


async def _version(ctx: HubContext, number: int) -> Edited:
    order_id = await _id(ctx, number)
    async with ctx.db.transaction() as tx:
        return (await read_versions(tx, ctx.vault, [order_id]))[order_id]


def _deeds(version: Edited, given: Mapping[str, Any]) -> Iterator[Deed]:
    def of(name: str) -> list[tuple[IncomingLine, str, str]]:
        return list(_lines(version, given[name]))

    yield from (SetUnits(line.channel_line_id, _count(rest, words)) for line, rest, words in of("units"))
    yield from (SetPrice(line.channel_line_id, _amount(rest, words)) for line, rest, words in of("prices"))
    yield from (
        SetPrice(line.channel_line_id, discount=_amount(rest, words)) for line, rest, words in of("discounts")
    )
    yield from (RemoveLine(line.channel_line_id) for line, _, _ in of("remove"))
    own: dict[str, dict[str, str | None]] = {}
    for line, rest, _ in of("line_fields"):
        own.setdefault(line.channel_line_id, {}).update([read_value(rest)])
    yield from (SetFields(values, line_id) for line_id, values in own.items())
    yield from map(_added, given["add"])
    yield from _of_the_whole(given)


def _of_the_whole(given: Mapping[str, Any]) -> Iterator[Deed]:
    if shipping := given["shipping"]:
        method, _, price = shipping.rpartition(":")
        yield SetShipping(Shipping(method, _amount(price, shipping)))
    if address := given["address"]:
        yield SetAddress(_address(address))
    if given["tags"] or given["untags"]:
        yield SetTags(list(given["tags"]), list(given["untags"]))
    if given["note"] is not None:
        yield SetRemark(given["note"])
    if given["fields"]:
        yield SetFields(dict(read_value(words) for words in given["fields"]))
    if given["priority"] is not None:
        yield SetPriority(given["priority"])


def _added(words: str) -> AddLine:
    sku, _, rest = words.partition(":")
    count, _, price = rest.partition(":")
    return AddLine(sku, _count(count, words), _amount(price, words), sku)


def _address(text: str) -> Address:
    try:
        return msgspec.json.decode(text, type=Address)
    except msgspec.DecodeError as error:
        msg = f'--address is no address ({error}): write {{"name": "…", "street": "…", "city": "…", "country": "DE"}}'
        raise InputError(msg, field="address") from error


def _lines(version: Edited, given: Sequence[str]) -> Iterator[tuple[IncomingLine, str, str]]:
    """The line each text names, by our or their SKU or by the channel's id, and what stands after the colon."""
    for words in given:
        found = [
            (line, words.removeprefix(name).removeprefix(":"))
            for line in version.order.lines
            for name in (line.channel_sku, line.channel_line_id)
            if name and (words == name or words.startswith(f"{name}:"))
        ]
        if not found:
            known = ", ".join(line.channel_sku or line.channel_line_id for line in version.order.lines)
            msg = f"the order has no line {words!r}: it has {known}"
            raise InputError(msg, field="line")
        yield (*found[0], words)


def _count(text: str, words: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        msg = f"{words!r} is no number of units: write MUG-BLUE:3"
        raise InputError(msg, field="units")
    return int(text)


def _amount(text: str, words: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        msg = f"{words!r} has no amount: write it as 12.50"
        raise InputError(msg, field="amount") from error


def _json(ctx: HubContext, each: KeptEdit) -> dict[str, object]:
    kept = {name: value for name, value in msgspec.structs.asdict(each).items() if name != "sealed"}
    return kept | {"fields": open_edit(ctx.vault, each).fields}


def _row(each: KeptEdit, what: str) -> list[Cell]:
    state = f"undone by {each.undone_by}" if each.undone_at else ""
    return [str(each.id), what, each.reason, each.actor, age(each.at, now()), state]
