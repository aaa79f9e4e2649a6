"""The reference page of the API, served from this machine: nothing is fetched from elsewhere."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.static_files import create_static_files_router
from typing_extensions import override

from hub import __version__
from hub.web.security import DOCS_PATH, OPEN

FILES_PATH = "/static-docs"
INTRODUCTION = """
Orders from every channel, stock promised once, and every channel told what is left.

* **Money** is text with its currency beside it: `{"amount": "12.50", "currency": "EUR"}`.
* **Times** carry their time zone (RFC 3339); the hub answers in UTC.
* **Lists** come in pages: pass `next_cursor` on until it is null.
* **Repeats are harmless**: what changes something takes an id that you make; the same id again changes nothing more.
* **Refusals** are problem details (RFC 9457): branch on `type`, show `detail`.
* **The key**: where the hub has one (`HUB_API_KEY`), send `Authorization: Bearer <key>`.
"""
TAGS = [
    Tag("orders", "What was sold, on which channel, and what it waits for"),
    Tag("picking", "What is taken off the shelves for a batch of orders, and what is not there"),
    Tag("stock", "What lies where, and what each channel shows of it"),
    Tag("bundles", "What is made of other SKUs: exploded when sold, or assembled beforehand"),
    Tag("counts", "Sheets of what was counted, and how it differs from the books"),
    Tag("sourcing", "Which locations fill orders, and a dry run of it"),
    Tag("backorders", "What is sold ahead of its stock, up to a limit"),
    Tag("transfers", "Stock on its way from one location to another"),
    Tag("channels", "The places of sale, and how each one does"),
    Tag("notifiers", "Whom the hub tells when nobody is looking"),
    Tag("inbox", "Messages nobody could read or take yet"),
    Tag("catalog", "SKUs and locations"),
    Tag("listings", "SKUs as offered on one channel"),
    Tag("files", "Imports that are looked at before they are applied, and exports"),
]
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The hub: API</title>
<link rel="icon" type="image/png" href="{FILES_PATH}/favicon-32x32.png">
<link rel="stylesheet" href="{FILES_PATH}/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="{FILES_PATH}/swagger-ui-bundle.js"></script>
<script src="/api/v1/docs.js"></script>
</body>
</html>
""".encode()
_SCRIPT = b"""SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""


class ReferencePage(OpenAPIRenderPlugin):
    @override
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE


@get("/api/v1/openapi.json", include_in_schema=False, media_type=MediaType.JSON, sync_to_thread=False)
def show_schema(request: Request[Any, Any, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = request.app.openapi_schema.to_schema()
    return schema


@get("/api/v1/docs.js", include_in_schema=False, sync_to_thread=False)
def show_script() -> Response[bytes]:
    return Response(_SCRIPT, media_type="text/javascript")


def docs_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="The hub",
        version=__version__,
        description=INTRODUCTION,
        license=License("Apache-2.0", "Apache-2.0"),
        path=DOCS_PATH,
        render_plugins=[ReferencePage(path="/")],
        tags=TAGS,
        use_handler_docstrings=True,
        security=[{"key": []}],
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
    )


def docs_files() -> Router:
    """Serve the files of Swagger UI, which a package brings under a folder named after its version."""
    (folder,) = Path(str(files("swagger_ui_bundle"))).glob("vendor/swagger-ui-*")
    return create_static_files_router(FILES_PATH, [folder], opt=OPEN, name="docs")


docs_routes = [show_schema, show_script]
