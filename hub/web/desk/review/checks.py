"""Review: the rules there are, and the checks: which findings hold an order, and by which figures."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from litestar import get, post
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.flows.review.set_checks import set_checks
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.review.checks import ABOUT, Does, Setting, asks, refuse_bad
from hub.store.db import Tx
from hub.store.review.checks import all_settings
from hub.store.review.rules import all_rules
from hub.web.desk.page import AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"


class CheckRow(Struct, frozen=True):
    """One check as the page shows it; `typed` is its figure as it stands in the field."""

    name: str
    finds: str
    does: str
    typed: str
    unit: str
    hold: str
    problem: str = ""


@get("/review", include_in_schema=False)
async def review_page(request: AnyRequest) -> Template:
    async with hub_of(request).db.transaction() as tx:
        rows = [_row(each) for each in await all_settings(tx)]
        return await _show(request, tx, rows, at=now())


@post("/review", status_code=200, include_in_schema=False)
async def save_checks(request: AnyRequest) -> Template | Redirect:
    """All of them at once, or none; what was typed stays where one cannot be so."""
    at, given = now(), await fields_of(request)
    async with hub_of(request).db.transaction() as tx:
        held = await all_settings(tx)
        read = [_read(each, given) for each in held]
        if any(row.problem for _, row in read):
            return await _show(request, tx, [row for _, row in read], at=at, status=422)
        changed = [setting for (setting, _), was in zip(read, held, strict=True) if setting != was]
        if changed:
            await set_checks(tx, changed, actor=ACTOR, at=at)
    return Redirect("/review", status_code=303)


def _read(was: Setting, given: Mapping[str, str]) -> tuple[Setting, CheckRow]:
    """What was typed for one check, and its row with what is wrong."""
    does, typed = given.get(f"{was.check}-does", was.does), given.get(f"{was.check}-figure", "")
    row = _row(was)
    try:
        setting = Setting(was.check, Does(does), _figure(typed) if was.figure is not None else None)
        refuse_bad(setting)
    except (InputError, ValueError) as error:
        return was, CheckRow(row.name, row.finds, does, typed, row.unit, row.hold, str(error))
    return setting, _row(setting)


def _figure(typed: str) -> Decimal:
    try:
        return Decimal(typed)
    except InvalidOperation:
        msg = "A number, such as 30"
        raise InputError(msg, field="figure") from None


def _row(each: Setting) -> CheckRow:
    about = ABOUT[each.check]
    figure = "" if each.figure is None else f"{each.figure:f}"
    return CheckRow(each.check, asks(each), each.does, figure, about.unit, about.hold)


async def _show(
    request: AnyRequest, tx: Tx, rows: list[CheckRow], *, at: datetime, status: int = 200
) -> Template:
    values = {"rules": await all_rules(tx), "checks": rows, "choices": list(Does)}
    return await render(tx, "review.html", Frame("waiting"), format_of(request, at), values, status=status)


review_pages = [review_page, save_checks]
