"""Puts the web together: routes, guard, problems, templates, static files, live feed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from hub.channels.context import HubContext
from hub.spec import Secret
from hub.web.api.docs import docs_config, docs_files, docs_routes
from hub.web.api.routes import api_routes
from hub.web.desk import desk_routes
from hub.web.desk.page import AnyRequest, hub_of
from hub.web.intake.webhooks import webhook_routes
from hub.web.live import LiveFeed, live_route
from hub.web.metrics import Meters, is_alive, is_ready, show_metrics
from hub.web.problems import EXCEPTION_HANDLERS
from hub.web.security import OPEN, add_headers, guard_with

HERE = Path(__file__).parent
BODY_BYTES_MAX = 5_000_000
MACHINES = [is_alive, is_ready, show_metrics]

_PROBLEM_PAGE = (
    "<!doctype html><title>{{ problem.title }}</title><h1>{{ problem.title }}</h1><p>{{ problem.detail }}</p>"
)


def create_app(ctx: HubContext, *, api_key: Secret | None = None) -> Litestar:
    """Build the app over an open context; whoever opened the context closes it."""
    app = Litestar(
        route_handlers=[
            *MACHINES,
            webhook_routes,
            api_routes,
            *docs_routes,
            *desk_routes,
            live_route,
            *files(),
        ],
        lifespan=[_live],
        dependencies={
            "hub": Provide(hub_of, sync_to_thread=False),
            "meters": Provide(_meters_of, sync_to_thread=False),
        },
        guards=[guard_with(ctx.config, api_key)],
        before_send=[add_headers],
        exception_handlers=EXCEPTION_HANDLERS,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment())),
        openapi_config=docs_config(),
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,
    )
    attach(app, ctx)
    return app


def attach(app: Litestar, ctx: HubContext) -> None:
    """Let an app that does not run serve this context from now on: to build one takes a third of a second."""
    app.state.hub, app.state.live, app.state.meters = ctx, LiveFeed(ctx.bell.redis), Meters()


@asynccontextmanager
async def _live(app: Litestar) -> AsyncIterator[None]:
    feed: LiveFeed = app.state.live
    await feed.start()
    try:
        yield
    finally:
        await feed.stop()


def _meters_of(request: AnyRequest) -> Meters:
    meters: Meters = request.app.state.meters
    return meters


def files() -> list[Router]:
    return [docs_files(), create_static_files_router("/static", [HERE / "static"], opt=OPEN)]


def environment() -> Environment:
    """The desk's templates; a plain problem page stands in where they have none."""
    loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), DictLoader({"problem.html": _PROBLEM_PAGE})])
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
