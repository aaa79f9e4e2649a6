"""Observers: told of what has happened, after it is committed. They watch, and never answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from hub.spec.capabilities import Probe
from hub.spec.config import Settings
from hub.spec.transport import Http


class Event(Struct, frozen=True):
    """One thing that happened. Ids and counts only: no names, no addresses (L17).

    `id` is the same however often it is told, and later events have a higher one. `topic` is for programs, such as
    "order.taken"; `order_number` and `channel` are 0 and "" where it is about none.
    """

    id: int
    topic: str
    at: datetime
    actor: str
    order_number: int = 0
    channel: str = ""
    facts: Mapping[str, Any] = {}


class OpenObserver(Protocol):
    """An observer with its settings."""

    async def check(self) -> list[Probe]:
        """Named probes, each with its remedy; nobody is told anything."""

    async def observe(self, event: Event) -> None:
        """Take note of it. A raised RejectedError passes over this event; after any other error it comes again."""


class Observer(Protocol):
    """One way to watch: what `register_observers` registers. Stateless."""

    @property
    def kind(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def config_type(self) -> type[Settings]: ...

    def open(self, http: Http, config: Any) -> OpenObserver:
        """Bind the hub's transport and the settings; no network yet. `http` speaks to `config.base_url`."""
