"""Close a channel from its page, after a second look, and open it again."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Template

from hub.channels.closing import close_channel, reopen_channel
from hub.kit.clock import now
from hub.web.desk.channels.channel import Tried, render_channel
from hub.web.desk.page import AnyRequest, hub_of

ACTOR = "desk"


@post("/channels/{slug:str}/close", status_code=200, include_in_schema=False)
async def close(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What could not be removed over there is said on the page."""
    done = await close_channel(hub_of(request), slug, actor=ACTOR, at=now())
    return await render_channel(request, slug, Tried(probes=done.webhooks or None), at=now())


@post("/channels/{slug:str}/open", status_code=200, include_in_schema=False)
async def open_again(request: AnyRequest, slug: FromPath[str]) -> Template:
    done = await reopen_channel(hub_of(request), slug, actor=ACTOR, at=now())
    return await render_channel(request, slug, Tried(probes=done.webhooks or None), at=now())
