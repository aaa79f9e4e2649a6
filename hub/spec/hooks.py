"""The whole hook surface. pluggy registers; typed objects work (hook calls are untyped and go to every plugin)."""

from collections.abc import Callable

import pluggy

from hub.spec.capabilities import Connector

PROJECT = "hub"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_connectors(register: Callable[[Connector], None]) -> None:
    """Call `register` once for each kind of channel this package speaks."""
