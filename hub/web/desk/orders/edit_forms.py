"""The forms that change an order: only what somebody typed over is changed, the rest stays whoever's it is."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.context import HubContext
from hub.channels.editing import edit_and_tell, merge_and_tell, split_and_tell, undo_and_tell
from hub.flows.orders.edit import Edit
from hub.flows.orders.split import Merge, Split
from hub.kit.clock import now
from hub.model.edits.deeds import (
    AddLine,
    Cancel,
    Deed,
    Refund,
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
from hub.model.edits.owners import LINE, OF_LINE, OWN, Shipping
from hub.model.edits.seen import THEIRS, Seen, both_in_words
from hub.model.errors import InputError, StaleError
from hub.model.incoming import NO_MONEY, Address
from hub.store.desk.stock import find_items
from hub.web.desk.orders.draft import OWN_INPUT, OWN_LINE_INPUT, read_amount, read_quantity
from hub.web.desk.orders.order import render_order
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of

ACTOR = "desk"
PLACE = tuple(name for name in Address.__struct_fields__ if name not in {"latitude", "longitude"})
LINE_FIELDS = {"units": "quantity", "price": "unit_price", "discount": "discount"}
WHOLE_FIELDS = {
    "shipping": {"shipping_method": "method", "shipping_price": "price", "shipping_tax": "tax"},
    "address": {name: name for name in PLACE},
}
"""What a field of the form is called in the fields of an order."""
_DIGITS_MAX = 5


@post("/orders/{number:int}/edit", status_code=200, include_in_schema=False)
async def edit_order(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Change what was typed over."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        deeds = [*_of_lines(given), *await _added(ctx, given), *_of_the_whole(given)]
        await _make(ctx, number, deeds, given, seen={**_lines_seen(given), **_whole_seen(given)})
    except StaleError as error:
        return await _show_both(request, number, error)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else ""
        return await render_order(request, number, problem=str(error), wrong_field=field, status=422)
    return Redirect(f"/orders/{number}", status_code=303)


@post("/orders/{number:int}/do", status_code=200, include_in_schema=False)
async def do_one(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """One of the buttons: cancel, reopen, refund, or end a conflict."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        seen = {f"{THEIRS}{given['field']}": _json(given["theirs"])} if "theirs" in given else {}
        await _make(ctx, number, [_deed(given)], given, seen=seen)
    except StaleError as error:
        return await _show_both(request, number, error)
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{number}", status_code=303)


@post("/orders/{number:int}/undo", status_code=200, include_in_schema=False)
async def undo_edit(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    ctx, given = hub_of(request), await fields_of(request)
    try:
        await undo_and_tell(ctx, [_id(given.get("edit", ""))], actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{number}", status_code=303)


@post("/orders/{number:int}/split", status_code=200, include_in_schema=False)
async def split_order(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """What is typed beside its lines becomes an order of its own, which is shown."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        rows = [name.removeprefix("line-") for name in given if name.startswith("line-")]
        units = {
            given[f"line-{row}"]: _units(given[f"units-{row}"])
            for row in rows
            if given.get(f"units-{row}", "") not in {"", "0"}
        }
        wanted = Split(_id(given.get("command_id", "")), number, units, given.get("reason", ""))
        done = await split_and_tell(ctx, [wanted], actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{done.numbers[0] if done.numbers else number}", status_code=303)


@post("/orders/{number:int}/merge", status_code=200, include_in_schema=False)
async def merge_order(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """All of the orders that were named leaves with this one."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        words = given.get("orders", "").replace(",", " ").split()
        others = [_number(each) for each in words]
        wanted = Merge(_id(given.get("command_id", "")), number, others, given.get("reason", ""))
        await merge_and_tell(ctx, wanted, actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{number}", status_code=303)


async def _show_both(request: AnyRequest, number: int, error: StaleError) -> Template:
    said = "; ".join(both_in_words(error))
    return await render_order(request, number, problem=f"{error}. You saw {said}.", status=409)


async def _make(
    ctx: HubContext, number: int, deeds: list[Deed], given: Mapping[str, str], *, seen: Seen
) -> None:
    if not deeds:
        msg = "nothing was typed over, so nothing is changed"
        raise InputError(msg, field="changes")
    wanted = Edit(_id(given.get("command_id", "")), number, deeds, given.get("reason", ""), seen)
    await edit_and_tell(ctx, [wanted], actor=ACTOR, at=now())


def _deed(given: Mapping[str, str]) -> Deed:
    match given.get("do"):
        case "cancel":
            return Cancel()
        case "reopen":
            return Reopen()
        case "refund":
            return Refund(_amount(given, "amount"))
        case "ours" | "theirs" as word:
            return Settle(given.get("field", ""), follow=word == "theirs")
        case _:
            msg = "this form is not one of the hub: load the page again"
            raise InputError(msg, field="do")


def _of_lines(given: Mapping[str, str]) -> Iterator[Deed]:
    for row in range(len([name for name in given if name.startswith("line-")])):
        line = given.get(f"line-{row}", "")
        if _typed_over(given, f"units-{row}"):
            words = given[f"units-{row}"]
            yield (
                RemoveLine(line)
                if words in {"", "0"}
                else SetUnits(line, _units(words, f"units-{row}", or_else="; 0 takes the line off"))
            )
        price, discount = _typed_over(given, f"price-{row}"), _typed_over(given, f"discount-{row}")
        if price or discount:
            yield SetPrice(
                line,
                _amount(given, f"price-{row}") if price else None,
                _amount(given, f"discount-{row}") if discount else None,
            )
        own = {key: given[name] or None for key, name in _own_of_line(given, row)}
        if own:
            yield SetFields(own, line)


def _lines_seen(given: Mapping[str, str]) -> dict[str, Any]:
    """The lines that were typed over, each as the page showed it."""
    seen: dict[str, Any] = {}
    for name, line in given.items():
        row = name.removeprefix("line-")
        if row != name and row.isdecimal():
            own = _own_of_line(given, int(row))
            seen |= {f"{OF_LINE}{key}/{line}": given.get(f"was-{each}") or None for key, each in own}
        if row == name or not any(_typed_over(given, f"{each}-{row}") for each in LINE_FIELDS):
            continue
        shown = {member: given.get(f"was-{each}-{row}") for each, member in LINE_FIELDS.items()}
        seen[f"{LINE}{line}"] = {
            member: int(was) if member == "quantity" and was.isdecimal() else was
            for member, was in shown.items()
            if was is not None
        }
    return seen


def _whole_seen(given: Mapping[str, str]) -> dict[str, Any]:
    """As _lines_seen, of what the whole order has; tags come and go one by one, so that none overwrites another."""
    seen: dict[str, Any] = {}
    for field, names in WHOLE_FIELDS.items():
        if any(_typed_over(given, name) for name in names):
            seen[field] = {
                name: given[f"was-{each}"] for each, name in names.items() if f"was-{each}" in given
            }
    for name in _own_typed(given):
        seen[f"{OWN}{name.removeprefix(OWN_INPUT)}"] = given.get(f"was-{name}") or None
    if _typed_over(given, "remark"):
        seen["remark"] = given.get("was-remark", "").replace("\r\n", "\n")
    if _typed_over(given, "priority") and given.get("was-priority", "").isdecimal():
        seen["priority"] = int(given["was-priority"])
    return seen


def _json(words: str) -> Any:
    try:
        return msgspec.json.decode(words)
    except msgspec.DecodeError as error:
        msg = "this form is not one of the hub: load the page again"
        raise InputError(msg, field="theirs") from error


async def _added(ctx: HubContext, given: Mapping[str, str]) -> list[Deed]:
    """A SKU, its name or its barcode; with a price of its own, or the SKU's."""
    word = given.get("add", "")
    if not word:
        return []
    async with ctx.db.transaction() as tx:
        item = (await find_items(tx, [word])).get(word)
    if item is None:
        msg = f"no SKU, barcode or name is “{word}”: type the SKU as it stands on Stock"
        raise InputError(msg, field="add")
    price = item.price if not given.get("add_price") else _amount(given, "add_price")
    if price is None:
        msg = f"{item.sku} has no price of its own: type one"
        raise InputError(msg, field="add_price")
    return [AddLine(item.name, _units(given.get("add_units", ""), "add_units"), price, item.sku)]


def _of_the_whole(given: Mapping[str, str]) -> Iterator[Deed]:
    if any(_typed_over(given, name) for name in ("shipping_method", "shipping_price", "shipping_tax")):
        price, tax = _amount(given, "shipping_price"), _amount(given, "shipping_tax")
        yield SetShipping(Shipping(given.get("shipping_method", ""), price, tax))
    if any(_typed_over(given, name) for name in PLACE):
        place = {name: given.get(name, "")[:500] for name in PLACE}
        yield SetAddress(msgspec.convert({**place, "country": _country(given)}, Address))
    if _typed_over(given, "tags"):
        tags, before = _tags(given.get("tags", "")), _tags(given.get("was-tags", ""))
        yield SetTags(sorted(tags - before), sorted(before - tags))
    if _typed_over(given, "remark"):
        yield SetRemark(given["remark"])
    own = {name.removeprefix(OWN_INPUT): given[name] or None for name in _own_typed(given)}
    if own:
        yield SetFields(own)
    if _typed_over(given, "priority"):
        words = given["priority"]
        if not (words.isascii() and words.isdigit() and len(words) <= _DIGITS_MAX):
            msg = f"{words[:20]!r} is no priority: 100 is usual, the lowest comes first"
            raise InputError(msg, field="priority")
        yield SetPriority(int(words))


def _own_of_line(given: Mapping[str, str], row: int) -> list[tuple[str, str]]:
    """Key and name of each of the retailer's own fields of a line that was typed over; row and key are in the name."""
    begins = f"{OWN_LINE_INPUT}{row}-"
    names = [name for name in given if name.startswith(begins) and _typed_over(given, name)]
    return [(name.removeprefix(begins), name) for name in names]


def _own_typed(given: Mapping[str, str]) -> list[str]:
    return [name for name in given if name.startswith(OWN_INPUT) and _typed_over(given, name)]


def _typed_over(given: Mapping[str, str], name: str) -> bool:
    """Line ends are the browser's own."""
    now_there, was = (given.get(each, "").replace("\r\n", "\n") for each in (name, f"was-{name}"))
    return name in given and now_there != was


def _tags(words: str) -> set[str]:
    return {each.strip().lower() for each in words.split(",") if each.strip()}


def _country(given: Mapping[str, str]) -> str:
    """Two letters where it was typed over; a channel's own word stays."""
    if not _typed_over(given, "country"):
        return given.get("country", "")
    country = given["country"].upper()
    if re.fullmatch("([A-Z]{2})?", country) is None:
        msg = f"{given['country'][:20]!r} is no country: type its two letters, such as DE"
        raise InputError(msg, field="country")
    return country


def _units(words: str, field: str = "units", *, or_else: str = "") -> int:
    units = read_quantity(words)
    if units is None:
        msg = f"{words[:20]!r} is no number of units: type 1 or more{or_else}"
        raise InputError(msg, field=field)
    return units


def _number(words: str) -> int:
    if not (words.isascii() and words.isdigit() and len(words) < 16):
        msg = f"{words[:20]!r} is no number of an order: write 1042, with blanks between several"
        raise InputError(msg, field="orders")
    return int(words)


def _amount(given: Mapping[str, str], name: str) -> Decimal:
    words = given.get(name, "")
    amount = read_amount(words) if words else NO_MONEY
    if amount is None:
        msg = f"{words[:20]!r} is no amount: write 12.50"
        raise InputError(msg, field=name)
    return amount


def _id(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError as error:
        msg = "the form has no id of its own: load the page again"
        raise InputError(msg, field="command_id") from error


edit_pages = [edit_order, do_one, undo_edit, split_order, merge_order]
