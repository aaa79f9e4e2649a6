"""hub work: one worker."""

import asyncio
import os

import click
from uvicorn.loops.auto import auto_loop_factory

from hub.channels.context import open_context
from hub.cli.serving.processes import end_with_parent, endpoints_of
from hub.jobs.worker import run_worker
from hub.kit.config import Config, read_config
from hub.kit.log import configure_logs


@click.command()
def work() -> None:
    """Run one worker; run as many as you like."""
    end_with_parent()
    configure_logs()
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_work(read_config(os.environ)))


async def _work(config: Config) -> None:
    async with open_context(config, endpoints_of(config), pool_size=20) as ctx:
        await run_worker(ctx)
