"""The event loop that the hub's own processes run in."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from uvicorn.loops.auto import auto_loop_factory

T = TypeVar("T")


def run(story: Coroutine[Any, Any, T]) -> T:
    """As `hub web` and `hub work` run theirs."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(story)
