"""Notifiers: how the hub tells people who are not looking at it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from hub.spec.capabilities import Probe
from hub.spec.config import Settings
from hub.spec.mail import Mail
from hub.spec.transport import Http


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Notice(Struct, frozen=True):
    """One thing told. Ids and counts only: no names, no addresses (L17).

    `id` is the same however often it is tried, so that whoever gets it twice can tell. `topic` is a constant of dotted
    words for programs ("channel.needs_login"), `title` one line for people, `text` says what to do, `link` leads there.
    """

    id: str
    topic: str
    severity: Severity
    title: str
    text: str
    link: str
    at: datetime


class OpenNotifier(Protocol):
    """A notifier with its settings."""

    async def check(self) -> list[Probe]:
        """Named probes, each with its remedy; nobody is told anything."""

    async def notify(self, notice: Notice) -> None:
        """Tell it once. Raises RetryLaterError, UnauthorizedError, or RejectedError where trying again is useless."""


class Notifier(Protocol):
    """One way to tell people: what `register_notifiers` registers. Stateless."""

    @property
    def kind(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def config_type(self) -> type[Settings]: ...

    def open(self, http: Http, mail: Mail, config: Any) -> OpenNotifier:
        """Bind the hub's transports and the settings; no network yet. `http` speaks to `config.base_url`."""
