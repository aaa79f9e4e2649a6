"""Quayside, API v2: see README.md."""

from collections.abc import Callable

from hub import spec
from hub_quayside.connector import Quayside


@spec.hookimpl
def register_connectors(register: Callable[[spec.Connector], None]) -> None:
    register(Quayside())
