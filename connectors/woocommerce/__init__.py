"""WooCommerce, the shop plugin of WordPress: REST API v3 (`/wp-json/wc/v3`), seen with WooCommerce 11.0.1.

Source: JSON schemas, payloads and webhook deliveries of a running WooCommerce 11.0.1 on WordPress 7.0.4, and
woocommerce/woocommerce-rest-api-docs 13d6196 (source/includes/wp-api-v3).
"""

from collections.abc import Callable

from connectors.woocommerce.connector import WooCommerce
from hub.spec import Connector, hookimpl


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(WooCommerce())
