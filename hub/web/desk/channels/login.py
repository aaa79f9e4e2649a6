"""To a channel's own log-in page, and back with what becomes tokens."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from hub.channels.logging_in import GOOD_FOR, begin_login, complete_login
from hub.channels.opening import find_channel
from hub.web.desk.page import AnyRequest, hub_of

COOKIE = "hub_login"
BACK = "/log-in/back"


@get("/channels/{slug:str}/log-in", include_in_schema=False)
async def log_in(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Raises NotFoundError, and WrongStateError for a channel nobody logs in to."""
    ctx = hub_of(request)
    begun = begin_login(ctx, await find_channel(ctx, slug))
    kept = Cookie(
        COOKIE,
        path=BACK,
        value=begun.proof,
        max_age=int(GOOD_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=ctx.config.url.startswith("https:"),
    )
    return Redirect(begun.url, status_code=303, cookies=[kept], headers={"cache-control": "no-store"})


@get(BACK, include_in_schema=False)
async def logged_in(request: AnyRequest) -> Response[Any]:
    """The channel sends the person here. Raises InputError where this browser did not begin it."""
    ctx = hub_of(request)
    answer = {name: str(value) for name, value in request.query_params.items()}
    row = await complete_login(ctx, answer, proof=request.cookies.get(COOKIE, ""))
    gone = Cookie(COOKIE, path=BACK, value="", max_age=0)
    return Redirect(f"/channels/{row.slug}", status_code=303, cookies=[gone])
