"""A notice goes out as one plain letter over SMTP; what the server refuses is told by what must happen next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from msgspec import structs

from connectors.mail.notifier import MailConfig, MailNotifier, letter_of
from hub.channels.mail import MailTransport
from hub.model.errors import HubError
from hub.spec import Encryption, Notice, RejectedError, RetryLaterError, Secret, Severity, UnauthorizedError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTICE = Notice(
    "0197",
    "channel.needs_login",
    Severity.CRITICAL,
    "Shop DE\nneeds login",
    "Réconnect it",
    "https://h/c",
    NOON,
)
CONFIG = MailConfig(
    host="127.0.0.1",
    encryption=Encryption.NONE,
    sender="hub@shop.example",
    recipients="a@x.example, b@x.example",
)


class Server:
    """Speaks as much SMTP as a letter needs; `refuses` maps the first word of a command to an answer."""

    def __init__(self, refuses: dict[str, str]) -> None:
        self.refuses = refuses
        self.letters: list[EmailMessage] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            known = {"EHLO": "250-here\r\n250 AUTH PLAIN", "DATA": "354 go on"}
            answer = self.refuses.get(word) or known.get(word, "250 well")
            writer.write(f"{answer}\r\n".encode())
            if answer.startswith("354"):
                raw = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(message_from_bytes(raw[:-5], policy=policy.default))
                writer.write(b"250 kept\r\n")
        writer.close()


@asynccontextmanager
async def smtp(**refuses: str) -> AsyncIterator[tuple[Server, MailConfig]]:
    server = Server(refuses)
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server, structs.replace(CONFIG, port=port)


def opened(config: MailConfig):
    return MailNotifier().open(None, MailTransport(), config)  # type: ignore[arg-type]


async def test_a_notice_arrives_as_one_letter_to_all_recipients():
    async with smtp() as (server, config):
        await opened(config).notify(NOTICE)
    (letter,) = server.letters
    assert (letter["Subject"], letter["To"]) == (
        "Critical: Shop DE needs login",
        "a@x.example, b@x.example",
    )
    assert letter.get_content().split() == ["Réconnect", "it", "https://h/c"]


def test_the_same_notice_has_the_same_message_id():
    assert letter_of(NOTICE, CONFIG)["Message-ID"] == "<0197@shop.example>"


@pytest.mark.parametrize(
    ("refuses", "error"),
    [
        ({"RCPT": "550 no such user a@x.example"}, RejectedError),
        ({"RCPT": "450 try later"}, RetryLaterError),
        ({"MAIL": "553 not yours"}, RejectedError),
        ({"DATA": "451 busy"}, RetryLaterError),
    ],
)
async def test_a_refusal_is_named_by_what_happens_next_and_quotes_no_address(refuses, error: type[HubError]):
    async with smtp(**refuses) as (server, config):
        with pytest.raises(error) as refused:
            await opened(config).notify(NOTICE)
    assert server.letters == []
    assert "x.example" not in str(refused.value)


async def test_a_wrong_password_and_a_wrong_server_are_told_apart():
    async with smtp(AUTH="535 no") as (_, config):
        known = structs.replace(config, user="hub", password=Secret("wrong"))
        assert [(each.name, each.ok) for each in await opened(known).check()] == [
            ("server", True),
            ("login", False),
        ]
        with pytest.raises(UnauthorizedError):
            await opened(known).notify(NOTICE)
    assert [(each.name, each.ok) for each in await opened(config).check()] == [("server", False)]


async def test_a_server_that_cannot_encrypt_is_not_spoken_to_in_the_open():
    async with smtp() as (server, config):
        with pytest.raises(RejectedError):
            await opened(structs.replace(config, encryption=Encryption.STARTTLS)).notify(NOTICE)
    assert server.letters == []
