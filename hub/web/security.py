"""Who may come in: one key guards a public address; on this machine alone, the hub needs none.

Routes are guarded unless they say `opt={"open": True}` (webhooks are signed; health is no secret). The key comes
as `Authorization: Bearer <key>`, or as the password of HTTP Basic for the user `hub`, which browsers ask for.
"""

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard, Message, Scope

from hub.kit.config import Config
from hub.spec import Secret
from hub.web.address import host_of, is_loopback

OPEN = {"open": True}
USER = "hub"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
DOCS_PATH = "/api/v1/docs"

Connection = ASGIConnection[Any, Any, Any, Any]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Swagger UI sets styles itself.
_CSP_DOCS = _CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def guard_with(config: Config, key: Secret | None) -> Guard:
    """Build the one guard of the app: key, name of the host, and no writing from foreign pages.

    It awaits nothing, and is async all the same: Litestar sends a plain function to a thread for each request.
    """
    names = {host_of(config.url)}

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        if handler.opt.get("open"):
            return
        if key is None:
            _refuse_foreign_name(connection, names)
        else:
            _refuse_without_key(connection, key)
        _refuse_foreign_page(connection)

    return guard


async def add_headers(message: Message, scope: Scope) -> None:
    """Set the security headers on every answer, also on those of errors and static files."""
    if message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    csp = _CSP_DOCS if scope["path"].rstrip("/") == DOCS_PATH else _CSP
    for name, value in {**_HEADERS, "content-security-policy": csp}.items():
        headers.append((name.encode(), value.encode()))
    message["headers"] = headers


def _refuse_foreign_name(connection: Connection, names: set[str]) -> None:
    """A foreign page can point its own name at 127.0.0.1 (DNS rebinding), so names must be known."""
    host = host_of("//" + connection.headers.get("host", ""))
    if not (is_loopback(host) or host in names):
        msg = f"without a key this hub answers on its own machine only, not as {host!r}: set HUB_API_KEY"
        raise PermissionDeniedException(msg)


def _refuse_without_key(connection: Connection, key: Secret) -> None:
    given = _given_key(connection.headers.get("authorization", ""))
    if hmac.compare_digest(given.encode(), key.value.encode()):
        return
    program = connection.scope["path"].startswith(("/api/", "/metrics"))
    browser = "text/html" in connection.headers.get("accept", "")
    scheme = "Bearer" if program and not browser else f'Basic realm="{USER}"'
    msg = "this address needs the hub's key: send Authorization: Bearer <HUB_API_KEY>"
    raise NotAuthorizedException(msg, headers={"www-authenticate": scheme})


def _refuse_foreign_page(connection: Connection) -> None:
    """No page of another site may write: browsers say where a request comes from, programs say nothing."""
    if connection.scope.get("method") in SAFE_METHODS:
        return
    site = connection.headers.get("sec-fetch-site", "")
    origin = connection.headers.get("origin", "")
    own = not origin or urlsplit(origin).netloc == connection.headers.get("host", "")
    if site in {"same-origin", "none"} or (not site and own):
        return
    msg = "this request was sent by a page of another site: open the hub itself and try again"
    raise PermissionDeniedException(msg)


def _given_key(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if user == USER else ""
