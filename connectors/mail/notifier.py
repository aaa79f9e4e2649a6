"""A notice as a letter: plain text, one line for a subject, the same Message-ID however often it is tried."""

from email.message import EmailMessage
from email.utils import format_datetime
from typing import Annotated

from msgspec import Meta

from hub.spec import (
    Encryption,
    Http,
    Mail,
    MailServer,
    Notice,
    Probe,
    RejectedError,
    RetryLaterError,
    Secret,
    Settings,
    Severity,
    UnauthorizedError,
)

_MARKS = {Severity.INFO: "", Severity.WARNING: "Warning: ", Severity.CRITICAL: "Critical: "}


class MailConfig(Settings, frozen=True, kw_only=True):
    """The server letters go out by, and whom they reach."""

    host: Annotated[str, Meta(description="Name of the SMTP server, for example smtp.example.com")]
    port: Annotated[int, Meta(description="587 with starttls, 465 with tls", ge=1, le=65535)] = 587
    encryption: Annotated[Encryption, Meta(description="none only for a server on this machine")] = (
        Encryption.STARTTLS
    )
    user: Annotated[str, Meta(description="User name; empty for a server that asks for none")] = ""
    password: Annotated[Secret, Meta(description="Its password, or an app password")] = Secret("")
    sender: Annotated[str, Meta(description="Address the letters come from", pattern="^[^@\\s]+@[^@\\s]+$")]
    recipients: Annotated[str, Meta(description="Addresses they go to, with commas between them")]

    def addresses(self) -> list[str]:
        return [each.strip() for each in self.recipients.split(",") if each.strip()]

    def server(self) -> MailServer:
        return MailServer(self.host, self.port, self.encryption, self.user, self.password)


class OpenMail:
    def __init__(self, mail: Mail, config: MailConfig) -> None:
        self._mail = mail
        self._config = config

    async def check(self) -> list[Probe]:
        """Tell a wrong server and a wrong password apart; no letter is sent."""
        if not self._config.addresses():
            return [Probe("recipients", ok=False, remedy="give one address or more")]
        try:
            await self._mail.reach(self._config.server())
        except UnauthorizedError as error:
            return [
                Probe("server", ok=True),
                Probe("login", ok=False, detail=str(error), remedy="correct user and password"),
            ]
        except (RetryLaterError, RejectedError) as error:
            return [Probe("server", ok=False, detail=str(error), remedy="correct host, port and encryption")]
        return [Probe("server", ok=True), Probe("login", ok=True)]

    async def notify(self, notice: Notice) -> None:
        await self._mail.send(self._config.server(), letter_of(notice, self._config))


class MailNotifier:
    kind = "mail"
    title = "E-mail"
    config_type: type[Settings] = MailConfig

    def open(self, http: Http, mail: Mail, config: MailConfig) -> OpenMail:
        del http
        return OpenMail(mail, config)


def letter_of(notice: Notice, config: MailConfig) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = " ".join(f"{_MARKS[notice.severity]}{notice.title}".split())
    letter["From"] = config.sender
    letter["To"] = ", ".join(config.addresses())
    letter["Date"] = format_datetime(notice.at)
    letter["Message-ID"] = f"<{notice.id}@{config.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    letter.set_content("\n\n".join(each for each in (notice.text, notice.link) if each))
    return letter
