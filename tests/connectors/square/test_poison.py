"""Whatever stands in one field, an order is read or refused with a reason; nothing else comes out (L5).

What is read keeps to the border's own limits, so that one order never stops the batch it is in.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from connectors.square.connector import SquareConnector
from hub.model.incoming import IncomingOrder
from hub.spec import MalformedError, RejectedError
from tests.connectors.square.test_translate import NAMES, payload

SQUARE = SquareConnector()
ODD: list[Any] = [None, -1, 0, 1.5, 10**18, "", "\0", "x" * 9000, "1e999999", "NaN", [], {}, [None], True]
Path = tuple[Any, ...]


def paths_of(node: Any, path: Path = ()) -> Iterator[Path]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from paths_of(each, (*path, key))


def with_odd(order: Any, path: Path, odd: Any) -> Any:
    changed = node = copy.deepcopy(order)
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = odd
    return changed


def outcome(raw: bytes) -> str:
    try:
        orders = [SQUARE.to_incoming(message, None) for message in SQUARE.split_file(raw)]
    except (MalformedError, RejectedError):
        return "refused"
    again = [msgspec.json.decode(msgspec.json.encode(order), type=IncomingOrder) for order in orders]
    assert "\0" not in repr(again)
    return "read" if again == orders else "changed on its way"


@pytest.mark.parametrize("name", NAMES)
def test_one_odd_value_in_any_field_is_read_or_refused(name):
    order = payload(name)
    found = {
        outcome(json.dumps(with_odd(order, path, odd)).encode()) for path in paths_of(order) for odd in ODD
    }
    assert found <= {"read", "refused"}


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"order":' * 100_000, b'{"id": "\\ud800"}', b"", b"\xff\xfe"]
)
def test_bytes_that_are_no_json_are_refused(raw):
    assert outcome(raw) == "refused"
