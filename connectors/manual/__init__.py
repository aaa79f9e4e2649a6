"""Orders a clerk types in: phone, e-mail, fair. No network; the form in `wire.py` is the channel's API.

Source: this hub's own form, version 1.
"""

from collections.abc import Callable

from connectors.manual.connector import ManualConnector
from hub.spec import Connector, hookimpl


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(ManualConnector())
