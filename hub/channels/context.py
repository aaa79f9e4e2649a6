"""What every edge opens once: database, vault, registry, doorbell, and the way out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from msgspec import Struct, field

from hub.channels.lanes import queue_of
from hub.channels.registry import Registry, load_registry
from hub.channels.transport import Outside, open_outside
from hub.kit.config import Config
from hub.kit.embedded import Endpoints
from hub.kit.queue import Doorbell, connect
from hub.kit.secrets import Vault, open_vault
from hub.store.db import Database


class HubContext(Struct, frozen=True):
    """`paces`: the seconds a channel took for a batch of stock, as this process saw it last."""

    config: Config
    endpoints: Endpoints
    db: Database
    vault: Vault
    registry: Registry
    bell: Doorbell
    outside: Outside
    paces: dict[UUID, float] = field(default_factory=dict)


@asynccontextmanager
async def open_context(
    config: Config, endpoints: Endpoints, *, pool_size: int = 10
) -> AsyncIterator[HubContext]:
    """Open everything, and close it in the opposite order."""
    db = Database(endpoints.database_url, pool_size=pool_size)
    redis = connect(endpoints.redis_url)
    try:
        async with open_outside(redis) as outside:
            bell = Doorbell(redis, queue_of)
            yield HubContext(config, endpoints, db, open_vault(config), load_registry(), bell, outside)
    finally:
        await redis.aclose(close_connection_pool=True)
        await db.close()
