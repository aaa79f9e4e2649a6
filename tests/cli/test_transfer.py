"""Deliveries and transfers on the command line: received once, sent, received in parts, shown with their story."""

from pathlib import Path

import pytest

from tests.cli.conftest import Hub


def on_hand(hub: Hub) -> dict[object, object]:
    return dict(hub.sql("SELECT location, on_hand FROM levels WHERE sku = 'MUG'"))


def test_a_delivery_is_received_once_by_its_reference(phone: Hub):
    first = phone("stock", "receive", "main", "DN-1", "mug:5", "LAMP:2")
    assert "7 units of 2 SKUs received at main" in first.out
    again = phone("stock", "receive", "main", "DN-1", "LAMP:2", "MUG:5")
    assert again.out == "DN-1 was received before, with the same lines: nothing was done again\n"
    assert on_hand(phone) == {"main": 15}
    (listed,) = phone("stock", "receipts", "--json").json["items"]
    assert (listed["reference"], listed["lines"][0]) == ("DN-1", {"sku": "LAMP", "units": 2})


def test_the_lines_of_a_delivery_may_be_in_a_file(phone: Hub, tmp_path: Path):
    phone("sku", "add", "TEA", "Tea", "--barcode", "4006381333931")
    file = tmp_path / "note.csv"
    file.write_text("sku;pieces\nMUG;5\n4006381333931;3\n")
    assert "8 units of 2 SKUs" in phone("stock", "receive", "main", "DN-1", "--file", str(file)).out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"MUG;5\nCUP;3", "no SKU or barcode is CUP"),
        (b"MUG;5\nTEA", "line 2, 'TEA', is not a SKU and a number"),
        (b"\xff\xfe\x00", "is no text"),
        (b"", "names 0 SKUs"),
    ],
)
def test_a_file_that_cannot_be_read_moves_nothing(phone: Hub, tmp_path: Path, content: bytes, says: str):
    file = tmp_path / "note.csv"
    file.write_bytes(content)
    answer = phone("stock", "receive", "main", "DN-1", "--file", str(file))
    assert (answer.code, on_hand(phone)) == (1, {"main": 10})
    assert says in answer.error


def test_a_transfer_is_sent_received_in_parts_and_tells_its_story(phone: Hub):
    assert (
        "transfer 1 from main to shop is drafted: hub transfer send 1"
        in phone("transfer", "new", "main", "shop", "MUG:5", "--note", "weekend").out
    )
    phone("transfer", "send", "1")
    assert "3 still in transit" in phone("transfer", "receive", "1", "MUG:2").out
    assert "In transit" in phone("stock", "show", "MUG").out
    refused = phone("transfer", "receive", "1", "MUG:2", "--close")
    assert (refused.code, "1 of MUG are missing: say why" in refused.error) == (1, True)
    phone("transfer", "receive", "1", "MUG:2", "--close", "--reason", "broken")
    story = phone("transfer", "show", "1").out
    assert "2 units received, 1 unit lost by command line: broken" in story
    assert phone("transfer", "show", "1", "--json").json["state"] == "received"
    assert on_hand(phone) == {"main": 5, "shop": 4}


def test_a_draft_is_changed_canceled_and_listed(phone: Hub):
    phone("transfer", "new", "main", "shop", "MUG:5")
    phone("transfer", "change", "1", "MUG:4", "LAMP:1")
    phone("transfer", "cancel", "1")
    (listed,) = phone("transfer", "list", "--state", "canceled", "--json").json["items"]
    assert [line["units"] for line in listed["lines"]] == [1, 4]
    assert "is canceled, so nobody can send it" in phone("transfer", "send", "1").error


def test_what_is_promised_is_not_sent_at_once_either(phone: Hub):
    phone("order", "new", "--line", "MUG:8")
    answer = phone("transfer", "new", "main", "shop", "MUG:5", "--send")
    assert "where free is only MUG 2" in answer.error
    assert phone("transfer", "list", "--json").json["items"] == []
