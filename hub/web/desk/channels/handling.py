"""Say on a channel's page how long its orders may take to leave."""

from collections.abc import Mapping
from datetime import time

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.opening import find_channel
from hub.flows.fulfillment.keep_time import set_handling
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.fulfillment.ship_by import WEEK, Handling
from hub.web.desk.channels.channel import Tried, render_channel
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of


@post("/channels/{slug:str}/handling", status_code=200, include_in_schema=False)
async def set_how_fast(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Without hours, nothing is promised. Raises NotFoundError."""
    ctx, given, at = hub_of(request), await fields_of(request), now()
    row = await find_channel(ctx, slug)
    try:
        handling = _read(given)
        async with ctx.db.transaction() as tx:
            await set_handling(tx, row.id, handling, actor="desk", at=at)
    except REFUSED as error:
        return await render_channel(
            request, slug, Tried(problems={"handling": str(error)}), at=at, status=422
        )
    await ctx.bell.announce("orders")
    return Redirect(f"/channels/{slug}", status_code=303)


def _read(given: Mapping[str, str]) -> Handling:
    """Raises InputError that says what is no hour, or no hour of the day."""
    hours, cutoff = given.get("hours", ""), given.get("cutoff", "")
    if not hours:
        return Handling()
    try:
        return Handling(
            int(hours),
            time.fromisoformat(cutoff) if cutoff else None,
            tuple(day for day in WEEK if given.get(f"day-{day}")),
            given.get("time_zone") or "UTC",
        )
    except ValueError as error:
        msg = f"{hours[:20]!r} hours from {cutoff[:20]!r} cannot be counted: write 24, and 14:00 or nothing"
        raise InputError(msg, field="hours") from error
