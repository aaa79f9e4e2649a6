"""Every exporter, observer, notifier and carrier of the tree keeps the contract that those of others are held to."""

from pathlib import Path

import pytest
from typing_extensions import override

from connectors.files.exporter import FilesExporter
from connectors.webhook.observer import OpenEventWebhook, WebhookObserver
from hub.channels.registry import load_registry
from hub.spec import Event, Http
from hub.spec.testing import members

REGISTRY = load_registry()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK = {"base_url": "https://there.example", "secret": SECRET}
MAIL = {"host": "mail.example", "sender": "hub@shop.example", "recipients": "owner@shop.example"}


class FakeMail:
    async def reach(self, server: object) -> None:
        del server

    async def send(self, server: object, letter: object) -> None:
        del server, letter


async def test_every_exporter_keeps_its_contract(tmp_path: Path):
    settings = {"files": {"folder": str(tmp_path)}}
    for kind, exporter in REGISTRY.exporters.items():
        assert await members.broken_by_exporter(exporter, settings[kind]) == []


async def test_every_observer_keeps_its_contract():
    settings = {"webhook": WEBHOOK}
    for kind, observer in REGISTRY.observers.items():
        assert await members.broken_by_observer(observer, settings[kind]) == []


async def test_every_notifier_keeps_its_contract():
    settings = {"webhook": WEBHOOK, "mail": MAIL}
    for kind, notifier in REGISTRY.notifiers.items():
        assert await members.broken_by_notifier(notifier, FakeMail(), settings[kind]) == []


@pytest.mark.parametrize("key", sorted(REGISTRY.carriers))
def test_every_carrier_keeps_its_contract(key: str):
    assert members.broken_by_carrier(REGISTRY.carriers[key]) == []


class Careless(WebhookObserver):
    """Sends, and does not look what came of it."""

    title = ""

    @override
    def open(self, http: Http, config: object) -> OpenEventWebhook:
        class Deaf(OpenEventWebhook):
            @override
            async def observe(self, event: Event) -> None:
                await http.request("POST", "", body=b"{}")

        return Deaf(http, config)  # type: ignore[arg-type]


async def test_one_that_breaks_its_contract_is_told_what_it_breaks():
    broken = await members.broken_by_observer(Careless(), WEBHOOK)
    assert broken[:2] == ["it has no title", "400 is taken for success"]


async def test_an_exporter_that_writes_nowhere_is_found_by_its_own_error(tmp_path: Path):
    with pytest.raises(Exception, match="make the folder"):
        await members.broken_by_exporter(FilesExporter(), {"folder": str(tmp_path / "away")})
