"""Puts the web together: routes, guard, problems, templates, static files, live feed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from hub.channels.context import HubContext
from hub.spec import Secret
from hub.web.api.docs import docs_config, docs_files, docs_routes
from hub.web.api.routes import api_routes
from hub.web.desk import desk_routes
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
    meters, feed = Meters(), LiveFeed(ctx.bell.redis)

    @asynccontextmanager
    async def live(_app: Litestar) -> AsyncIterator[None]:
        await feed.start()
        try:
            yield
        finally:
            await feed.stop()

    return Litestar(
        route_handlers=[
            *MACHINES,
            webhook_routes,
            api_routes,
            *docs_routes,
            *desk_routes,
            live_route,
            *files(),
        ],
        state=State({"hub": ctx, "live": feed}),
        lifespan=[live],
        dependencies={
            "hub": Provide(lambda: ctx, sync_to_thread=False),
            "meters": Provide(lambda: meters, sync_to_thread=False),
        },
        guards=[guard_with(ctx.config, api_key)],
        before_send=[add_headers],
        exception_handlers=EXCEPTION_HANDLERS,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment())),
        openapi_config=docs_config(),
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,
    )


def files() -> list[Router]:
    return [docs_files(), create_static_files_router("/static", [HERE / "static"], opt=OPEN)]


def environment() -> Environment:
    """The desk's templates; a plain problem page stands in where they have none."""
    loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), DictLoader({"problem.html": _PROBLEM_PAGE})])
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
