"""The e-mail transport: one SMTP conversation at a time, on a thread of its own, bounded in time."""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

from hub.model.errors import HubError
from hub.spec import Encryption, MailServer, RejectedError, RetryLaterError, UnauthorizedError

ANSWER_S = 15.0  # for each step of the conversation
_REFUSED_FOR_GOOD = 500


class MailTransport:
    """Fulfills hub.spec.Mail."""

    async def reach(self, server: MailServer) -> None:
        await asyncio.to_thread(_talk, server, None)

    async def send(self, server: MailServer, letter: EmailMessage) -> None:
        await asyncio.to_thread(_talk, server, letter)


def _talk(server: MailServer, letter: EmailMessage | None) -> None:
    try:
        with _connected(server) as smtp:
            if letter is None:
                smtp.noop()
            else:
                smtp.send_message(letter)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _named(server, error) from error


@contextlib.contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.encryption is Encryption.TLS:
        opened: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWER_S, context=context)
    else:
        opened = smtplib.SMTP(server.host, server.port, timeout=ANSWER_S)
    try:
        if server.encryption is Encryption.STARTTLS:
            opened.starttls(context=context)
        if server.user:
            opened.login(server.user, server.password.value)
        yield opened
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            opened.quit()  # a letter that was taken is taken, however the server says good-bye
        opened.close()


def _named(server: MailServer, error: Exception) -> HubError:
    """By what happens next. The server's own words may quote addresses, so only its code is repeated (L17)."""
    where = f"{server.host}:{server.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return UnauthorizedError(
            f"{where} refuses user and password ({error.smtp_code}): correct user or password"
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _ in error.recipients.values()})
        msg = f"{where} refuses every recipient ({', '.join(map(str, codes))}): correct recipients"
        return RejectedError(msg) if codes[0] >= _REFUSED_FOR_GOOD else RetryLaterError(msg)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= _REFUSED_FOR_GOOD:
        return RejectedError(f"{where} refuses the letter ({error.smtp_code}): correct sender")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return RejectedError(f"{where} cannot do what is asked of it: correct encryption or user")
    if isinstance(error, ssl.SSLError):
        return RetryLaterError(
            f"{where} shows no certificate that can be trusted: correct host or encryption"
        )
    return RetryLaterError(f"{where} cannot be spoken to ({type(error).__name__}): check host and port")
