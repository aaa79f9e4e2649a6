"""Square, a till (point of sale): Square API version 2025-08-20.

Source: Square's OpenAPI document, github.com/square/connect-api-specification, commit 5733f66 (2025-08-19),
and developer.squareup.com/docs/webhooks for signatures and deliveries.
"""

from collections.abc import Callable

from connectors.square.connector import SquareConnector
from hub.spec import Connector, hookimpl


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(SquareConnector())
