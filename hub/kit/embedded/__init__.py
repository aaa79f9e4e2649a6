"""PostgreSQL and Valkey from wheels: started with the hub, kept running, stopped with it. Nothing to install."""

from hub.kit.embedded.endpoints import Endpoints, running_endpoints
from hub.kit.embedded.errors import FolderInUseError, ServerStartError
from hub.kit.embedded.places import wipe
from hub.kit.embedded.servers import Servers, refuse_second_hub
from hub.kit.embedded.supervisor import embedded_servers

__all__ = [
    "Endpoints",
    "FolderInUseError",
    "ServerStartError",
    "Servers",
    "embedded_servers",
    "refuse_second_hub",
    "running_endpoints",
    "wipe",
]
