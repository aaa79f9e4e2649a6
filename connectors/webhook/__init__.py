"""Notices and events as signed webhooks, by Standard Webhooks 1.0.0.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, commit 03f5f8c.
"""

from collections.abc import Callable

from connectors.webhook.notifier import WebhookNotifier
from connectors.webhook.observer import WebhookObserver
from hub.spec import Notifier, Observer, hookimpl


@hookimpl
def register_notifiers(register: Callable[[Notifier], None]) -> None:
    register(WebhookNotifier())


@hookimpl
def register_observers(register: Callable[[Observer], None]) -> None:
    register(WebhookObserver())
