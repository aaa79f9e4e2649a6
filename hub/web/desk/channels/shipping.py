"""Say on a channel's page where its orders are shipped."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from hub.channels.shipping import set_ships_here
from hub.kit.clock import now
from hub.web.desk.page import AnyRequest, fields_of, hub_of


@post("/channels/{slug:str}/ships", status_code=200, include_in_schema=False)
async def set_where_shipped(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Raises NotFoundError, or InputError for a channel of the hub's own."""
    here = (await fields_of(request)).get("here") == "yes"
    await set_ships_here(hub_of(request), slug, here=here, actor="desk", at=now())
    return Redirect(f"/channels/{slug}", status_code=303)
