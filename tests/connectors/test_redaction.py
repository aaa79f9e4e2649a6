"""A redacted body shows no person, and is still read as the same order: records may be kept, and tests made of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from hub.channels.registry import load_registry
from hub.model.errors import HubError
from hub.model.incoming import Person
from hub.spec import Redacts

HERE = Path(__file__).parent
PAYLOADS = sorted(HERE.glob("*/payloads/*.json"))
KINDS = load_registry().kinds


def words_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from words_of(each)
    elif isinstance(value, str) and len(value) > 3:
        yield value


def orders_of(kind: str, body: bytes) -> list[Any]:
    connector = KINDS[kind]
    return [connector.to_incoming(each, None) for each in connector.split_file(body)]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_person_stays_and_the_order_is_the_same(payload: Path):
    kind, body = payload.parts[-3], payload.read_bytes()
    connector = KINDS[kind]
    assert isinstance(connector, Redacts)
    redacted = connector.redact(body)
    try:
        orders = orders_of(kind, body)
    except HubError:
        return  # a payload that is refused is refused after as before
    people = msgspec.to_builtins([order.person for order in orders])
    lines = {word for person in people for each in words_of(person) for word in each.splitlines()}
    assert [word for word in lines if word in redacted.decode()] == []
    nobody = [replace(each, person=Person()) for each in orders]
    assert [replace(each, person=Person()) for each in orders_of(kind, redacted)] == nobody
