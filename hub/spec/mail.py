"""The way out by e-mail. As with HTTP, the connection, its encryption and its time limits are the hub's."""

from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from hub.spec.config import Secret


class Encryption(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailServer(Struct, frozen=True):
    """An SMTP server; without a `user` the hub does not log in."""

    host: str
    port: int = 587
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""
    password: Secret = Secret("")


class Mail(Protocol):
    """Raises RetryLaterError, UnauthorizedError or RejectedError, by what the server says."""

    async def reach(self, server: MailServer) -> None:
        """Connect, encrypt and log in, and send nothing."""

    async def send(self, server: MailServer, letter: EmailMessage) -> None:
        """Send to everybody in the letter's To, Cc and Bcc."""
