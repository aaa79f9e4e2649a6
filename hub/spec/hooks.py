"""The whole hook surface. pluggy registers; typed objects work (hook calls are untyped and go to every plugin)."""

from collections.abc import Callable

import pluggy

from hub.spec.capabilities import Connector
from hub.spec.carriers import Carrier
from hub.spec.exporters import Exporter
from hub.spec.notices import Notifier
from hub.spec.observers import Observer

PROJECT = "hub"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_connectors(register: Callable[[Connector], None]) -> None:
    """Call `register` once for each kind of channel this package speaks."""


@hookspec
def register_notifiers(register: Callable[[Notifier], None]) -> None:
    """Call `register` once for each way this package can tell people something."""


@hookspec
def register_carriers(register: Callable[[Carrier], None]) -> None:
    """Call `register` once for each carrier this package knows."""


@hookspec
def register_exporters(register: Callable[[Exporter], None]) -> None:
    """Call `register` once for each way this package can write orders and stock out."""


@hookspec
def register_observers(register: Callable[[Observer], None]) -> None:
    """Call `register` once for each way this package can watch what happens."""
