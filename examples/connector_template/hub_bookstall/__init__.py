"""Bookstall, API v1: see README.md."""

from collections.abc import Callable

from hub import spec
from hub_bookstall.connector import Bookstall


@spec.hookimpl
def register_connectors(register: Callable[[spec.Connector], None]) -> None:
    register(Bookstall())
