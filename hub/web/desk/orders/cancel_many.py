"""Many orders canceled at once: a look at what would happen, then it happens, and can be taken back as one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from litestar import get, post
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.editing import cancel_and_tell, undo_and_tell
from hub.flows.orders.cancel import Canceled
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.web.desk.orders.returns import form_id
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
MANY_MAX = 1000


class Form(Struct, frozen=True):
    """What was typed; `preview` says what would happen, `made` what did.

    `command_id` makes a double click one cancel.
    """

    orders: str = ""
    reason: str = ""
    problem: str = ""
    preview: Canceled | None = None
    made: Canceled | None = None
    command_id: str = ""


@get("/orders/cancel", include_in_schema=False)
async def cancel_page(request: AnyRequest) -> Template:
    return await _render(request, Form())


@post("/orders/cancel", status_code=200, include_in_schema=False)
async def cancel_many(request: AnyRequest) -> Template:
    """First a look, then it happens. The orders are typed, or ticked in their list."""
    given, ticked = await fields_of(request), (await request.form()).getall("pick", [])
    orders = given.get("orders", "") or " ".join(map(str, ticked))
    reason, sure = given.get("reason", ""), given.get("sure") == "yes"
    try:
        numbers = read_numbers(orders)
        command = form_id(given) if sure else uuid7()
        done = await cancel_and_tell(
            hub_of(request), numbers, reason=reason, command=command, actor=ACTOR, at=now(), preview=not sure
        )
    except REFUSED as error:
        return await _render(request, Form(orders, reason, str(error)), status=422)
    shown = Form(made=done) if sure else Form(orders, reason, preview=done, command_id=str(command))
    return await _render(request, shown)


@post("/orders/cancel/undo", status_code=200, include_in_schema=False)
async def undo_many(request: AnyRequest) -> Template | Redirect:
    """The orders are open again, with their stock promised, or nothing is changed."""
    try:
        await undo_and_tell(hub_of(request), _edits(await fields_of(request)), actor=ACTOR, at=now())
    except REFUSED as error:
        return await _render(request, Form(problem=str(error)), status=422)
    return Redirect("/orders", status_code=303)


def read_numbers(words: str) -> list[int]:
    """Order numbers with anything between them. Raises InputError naming what is none."""
    found = words.replace(",", " ").replace(";", " ").split()
    strange = [each for each in found if not (each.isascii() and each.isdigit() and len(each) < 16)]
    if strange:
        msg = f"{strange[0][:40]!r} is no order number: write 1042 1043"
        raise InputError(msg, field="orders")
    if not 1 <= len(found) <= MANY_MAX:
        msg = f"name 1 to {MANY_MAX} orders, or tick them in the list of orders"
        raise InputError(msg, field="orders")
    return [int(each) for each in found]


def _edits(given: Mapping[str, str]) -> Sequence[UUID]:
    try:
        return [UUID(each) for each in given.get("edits", "").split()]
    except ValueError:
        msg = "these are no edits: undo them on the pages of their orders"
        raise InputError(msg, field="edits") from None


async def _render(request: AnyRequest, form: Form, *, status: int = 200) -> Template:
    async with hub_of(request).db.transaction() as tx:
        frame = Frame("orders")  # a page that moved while somebody decides would forget what they saw
        return await render(
            tx, "cancel_many.html", frame, format_of(request, now()), {"form": form}, status=status
        )


cancel_pages = [cancel_page, cancel_many, undo_many]
