"""Review a count: accept differences with a reason or have them counted again, post them once, or drop the sheet."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.intake import ring_touched
from hub.flows.stock import count_sheets as flow
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.api import counts as store
from hub.store.db import Tx
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, format_of, hub_of, render
from hub.web.desk.places.counts import ACTOR, FRAME, SCOPES, progress, read

PAGE_ROWS = 100


class Lines(StrEnum):
    DIFFERING = "differing"
    COUNTED = "counted"
    UNCOUNTED = "uncounted"
    ALL = "all"


_TABS = {
    Lines.DIFFERING: "Differences",
    Lines.COUNTED: "Counted",
    Lines.UNCOUNTED: "Not counted",
    Lines.ALL: "All",
}


class Asked(Struct, frozen=True):
    """A form of the page that comes back: which SKUs were ticked, the reason, and what is wrong."""

    ticked: frozenset[str] = frozenset()
    reason: str = ""
    problems: dict[str, str] = {}


@get("/counts/{number:int}/review", include_in_schema=False)
async def review_page(
    request: AnyRequest,
    number: FromPath[int],
    lines: FromQuery[Lines] = Lines.DIFFERING,
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Template:
    return await render_review(request, number, lines, after, at=now())


@post("/counts/{number:int}/review", status_code=200, include_in_schema=False)
async def settle_differences(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """Accept what is ticked with a reason, or have it counted again."""
    at, sent = now(), await request.form()
    skus, reason = [str(each) for each in sent.getall("pick", [])], str(sent.get("reason", "")).strip()[:500]
    again = sent.get("do") == "again"
    try:
        _refuse_none(skus)
        async with hub_of(request).db.transaction() as tx:
            if again:
                await flow.count_again(tx, number, skus, actor=ACTOR, at=at)
            else:
                await flow.accept(tx, number, skus, reason, actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "pick"
        asked = Asked(frozenset(skus), reason, {field: str(error)})
        return await render_review(request, number, Lines.DIFFERING, "", at=at, asked=asked, status=422)
    await hub_of(request).bell.announce("counts")
    return Redirect(f"/counts/{number}/review", status_code=303)


def _refuse_none(skus: list[str]) -> None:
    if not skus:
        msg = "Tick the SKUs you mean"
        raise InputError(msg, field="pick")


@post("/counts/{number:int}/post", status_code=200, include_in_schema=False)
async def post_count(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """The differences become movements, once; a second press changes nothing. Raises NotFoundError."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    reason = given.get("post_reason", "")[:500]
    try:
        async with ctx.db.transaction() as tx:
            posted = await flow.post_count(tx, number, reason=reason, actor=ACTOR, at=at)
    except REFUSED as error:
        asked = Asked(problems={"post_reason": str(error)})
        return await render_review(request, number, Lines.DIFFERING, "", at=at, asked=asked, status=422)
    await ring_touched(ctx, posted.touched)
    await ctx.bell.announce("counts")
    return Redirect(f"/counts/{number}/review", status_code=303)


@post("/counts/{number:int}/none", status_code=200, include_in_schema=False)
async def find_none(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """Say that of all that nobody has counted there is none."""
    at, given = now(), await fields_of(request)

    async def story(tx: Tx) -> None:
        await flow.find_none(tx, number, by=given.get("by") or ACTOR, at=at)

    return await _do(request, number, story, at=at)


@post("/counts/{number:int}/drop", status_code=200, include_in_schema=False)
async def drop_count(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    at = now()

    async def story(tx: Tx) -> None:
        await flow.drop_count(tx, number, actor=ACTOR, at=at)

    return await _do(request, number, story, at=at)


async def _do(
    request: AnyRequest, number: int, story: Callable[[Tx], Awaitable[None]], *, at: datetime
) -> Template | Redirect:
    ctx = hub_of(request)
    try:
        async with ctx.db.transaction() as tx:
            await story(tx)
    except REFUSED as error:
        asked = Asked(problems={"post_reason": str(error)})
        return await render_review(request, number, Lines.DIFFERING, "", at=at, asked=asked, status=422)
    await ctx.bell.announce("counts")
    return Redirect(f"/counts/{number}/review", status_code=303)


async def render_review(
    request: AnyRequest,
    number: int,
    which: Lines,
    after: str,
    *,
    at: datetime,
    asked: Asked | None = None,
    status: int = 200,
) -> Template:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        sheet = await read(tx, number)
        lines = await store.sheet_lines(tx, number, which=which, after=after, limit=PAGE_ROWS + 1)
        more = lines[PAGE_ROWS - 1].sku if len(lines) > PAGE_ROWS else ""
        values = {
            "sheet": sheet,
            "bar": progress(sheet),
            "scopes": SCOPES,
            "lines": lines[:PAGE_ROWS],
            "which": which,
            "asked": asked or Asked(),
            "tabs": {label: (_address(number, each), each is which) for each, label in _TABS.items()},
            "first": _address(number, which) if after else "",
            "more": _address(number, which, more) if more else "",
        }
        return await render(tx, "count_review.html", FRAME, format_of(request, at), values, status=status)


def _address(number: int, which: Lines, after: str = "") -> str:
    given = {"lines": which, "after": after}
    return f"/counts/{number}/review?{urlencode({name: value for name, value in given.items() if value})}"
