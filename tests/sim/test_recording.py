"""A recording names nobody: the buyer is gone from the raw body, which reads the same but for its person."""

from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from anyio import to_thread
from click.testing import CliRunner

from hub.channels.registry import load_registry
from hub.channels.transport import Line, Outside, Transport, new_client
from hub.cli import cli
from hub.kit.clock import now
from hub.model.incoming import Address, Person
from hub.sim.buyers import make_buyer
from hub.sim.certify import certify, subject_of
from hub.sim.certify.people import CANARY, texts_of
from hub.sim.certify.run import Wish
from hub.sim.find import find_simulator
from hub.sim.recording import left_in, named_in, recorded, redact
from hub.sim.serve import serve
from hub.spec import Message
from hub.spec.config import read_settings, write_settings
from tests.sim.test_kit import GOODS

KINDS = ("square", "woocommerce")


async def orders_of(kind: str, buyers: list[Person]) -> tuple[Any, Any, list[Message]]:
    """The connector, its config, and one order of each buyer as the simulated channel sends it."""
    connector = load_registry().kinds[kind]
    async with serve([find_simulator(kind)(GOODS)]) as [sim], new_client() as client:
        for buyer in buyers:
            await sim.sell({"MUG": 1}, buyer)
        config = read_settings(connector.config_type, write_settings(connector.config_type, sim.settings()))
        channel: Any = connector.open(Transport(Outside(client), config.base_url, Line()), config)
        return connector, config, (await channel.fetch_orders(None, until=now())).items


@pytest.mark.anyio
@pytest.mark.parametrize("kind", KINDS)
async def test_no_buyer_is_left_in_any_recording(kind: str):
    buyers = [CANARY, *(make_buyer(Random(seed)) for seed in range(40))]
    connector, config, messages = await orders_of(kind, buyers)
    for message in messages:
        person = connector.to_incoming(message, config).person
        found = recorded(connector, config, message)
        assert (found.reason, bool(found.body)) == ("", True)
        assert [text for text in named_in(person) if left_in(found.body, [text])] == []


@pytest.mark.anyio
@pytest.mark.parametrize("kind", KINDS)
async def test_a_recording_reads_as_the_order_did_but_for_its_person(kind: str):
    connector, config, [message] = await orders_of(kind, [CANARY])
    found = recorded(connector, config, message)
    again = connector.to_incoming(msgspec.structs.replace(message, body=found.body), config)
    before = connector.to_incoming(message, config)
    kept = ("total", "currency", "lines", "placed_at", "channel_order_id", "channel_state")
    assert [getattr(again, each) for each in kept] == [getattr(before, each) for each in kept]
    assert not texts_of(again.person) & texts_of(before.person) - {""}


def test_amounts_keep_every_digit_and_words_are_replaced_whole():
    body = b'{"total": 12.500000, "text": "Ann paid for Annabel", "mail": "x@y.example"}'
    redacted = redact(body, ["Ann"])
    assert b'"total":12.500000' in redacted
    assert msgspec.json.decode(redacted)["text"] == "redacted paid for Annabel"
    assert b"x@y.example" not in redacted


def test_what_cannot_be_read_is_never_kept():
    connector = load_registry().kinds["square"]
    found = recorded(connector, None, Message("k", "order", "1", b'{"id": "1", "name": "Ada"}'))
    assert (found.body, found.reason) == (b"", "it cannot be read, so nobody knows whom it names")


def test_words_of_a_name_are_looked_for_by_themselves_and_countries_are_not():
    person = Person(name="Ada Lovelace", billing=Address(city="Köln", country="Germany"))
    assert named_in(person) == {"Ada Lovelace", "Ada", "Lovelace", "Köln"}


@pytest.mark.anyio
async def test_the_command_writes_files_that_certification_reads(tmp_path: Path):
    async with serve([find_simulator("woocommerce")(GOODS)]) as [sim]:
        for seed in range(6):
            await sim.sell({"MUG": 1, "TEA": 0 if seed else 1}, make_buyer(Random(seed)))
        settings = [word for name, value in sim.settings().items() for word in ("--set", f"{name}={value}")]
        said = await run("connector", "record", "woocommerce", "--into", str(tmp_path), *settings)
    assert said.exit_code == 0, said.output
    subject = subject_of("woocommerce", tmp_path)
    certificate = await certify(subject, Wish(only="recordings"))
    assert (certificate.count("kept"), certificate.broken) == (len(subject.recordings), [])
    assert subject.recordings[0].name == "woocommerce_001.json"


async def run(*words: str) -> Any:
    """The command has a loop of its own, so it runs in a thread, while this one serves the shop."""
    return await to_thread.run_sync(lambda: CliRunner().invoke(cli, words))


def test_a_kind_that_cannot_be_asked_for_orders_is_refused_in_words(tmp_path: Path):
    said = CliRunner().invoke(cli, ["connector", "record", "manual", "--into", str(tmp_path / "new")])
    assert "cannot be asked for orders" in str(said.exception)
    assert not (tmp_path / "new").exists()
