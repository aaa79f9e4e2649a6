"""Notices by e-mail, over any SMTP server (RFC 5321)."""

from collections.abc import Callable

from connectors.mail.notifier import MailNotifier
from hub.spec import Notifier, hookimpl


@hookimpl
def register_notifiers(register: Callable[[Notifier], None]) -> None:
    register(MailNotifier())
