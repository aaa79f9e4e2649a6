"""The language that sentences are read in: chosen on a page, remembered by the browser."""

from litestar import post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from hub.web.desk.page import LANGUAGE_COOKIE, AnyRequest, fields_of

_YEAR_S = 365 * 24 * 3600


@post("/language", include_in_schema=False)
async def choose_language(request: AnyRequest) -> Redirect:
    """Back to the page it was chosen on; one the hub does not write leaves it to what the browser asks for."""
    given = await fields_of(request)
    back = given.get("back", "")
    kept = Cookie(
        LANGUAGE_COOKIE, value=given.get("language", "")[:20], max_age=_YEAR_S, httponly=True, samesite="lax"
    )
    own = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    return Redirect(own, status_code=303, cookies=[kept])
