"""Fields of the retailer's own on orders: what there is, defined and dropped."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.flows.orders.define_fields import define_fields, drop_fields
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.orders.fields import Field, Kind
from hub.store.order_fields import all_fields
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
WORDS: Mapping[Kind, str] = {
    Kind.TEXT: "Text",
    Kind.NUMBER: "Number",
    Kind.DATE: "Date",
    Kind.CHOICE: "One of these",
}


@get("/fields", include_in_schema=False)
async def fields_page(request: AnyRequest) -> Template:
    return await _show(request, {}, {}, at=now())


@post("/fields", status_code=200, include_in_schema=False)
async def define_field(request: AnyRequest) -> Template | Redirect:
    """Or change one: its key says which."""
    at, given = now(), await fields_of(request)
    try:
        async with hub_of(request).db.transaction() as tx:
            await define_fields(tx, [_read(given)], actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "key"
        return await _show(request, given, {field: str(error)}, at=at)
    return Redirect("/fields", status_code=303)


@post("/fields/{key:str}/drop", status_code=200, include_in_schema=False)
async def drop_field(request: AnyRequest, key: FromPath[str]) -> Redirect:
    """Raises NotFoundError for one that was dropped before."""
    async with hub_of(request).db.transaction() as tx:
        await drop_fields(tx, [key], actor=ACTOR, at=now())
    return Redirect("/fields", status_code=303)


def _read(given: Mapping[str, str]) -> Field:
    label = given.get("label", "")
    key = given.get("key", "") or "_".join(label.lower().split())
    kind = Kind(given["kind"]) if given.get("kind") in set(Kind) else Kind.TEXT
    choices = tuple(each.strip() for each in given.get("choices", "").split(",") if each.strip())
    return Field(key, label, kind, choices, "required" in given, "personal" in given, "of_lines" in given)


async def _show(
    request: AnyRequest, typed: Mapping[str, str], problems: Mapping[str, str], *, at: datetime
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        shown = {"label": "", "key": "", "kind": "", "choices": "", **typed}
        values = {"fields": await all_fields(tx), "typed": shown, "problems": problems, "words": WORDS}
        status = 422 if problems else 200
        return await render(
            tx, "fields.html", Frame("waiting"), format_of(request, at), values, status=status
        )


field_pages = [fields_page, define_field, drop_field]
