"""Move an order's stock to another location, by a button on its page."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.intake import ring_touched
from hub.flows.stock.reallocate import Wish, reallocate
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.web.desk.orders.order import render_order
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of

ACTOR = "desk"
ID_MAX = 100


@post("/orders/{number:int}/reallocate", status_code=200, include_in_schema=False)
async def reallocate_order(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """All that has not left is given back and promised anew, once for each form; or the page says why it cannot be."""
    ctx, given = hub_of(request), await fields_of(request)
    command_id = given.get("command_id", "")[:ID_MAX] or str(uuid7())
    wish = Wish(number, command_id, given.get("location") or None)
    try:
        async with ctx.db.transaction() as tx:
            moved = await reallocate(tx, [wish], actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    await ring_touched(ctx, moved.touched)
    return Redirect(f"/orders/{number}", status_code=303)
