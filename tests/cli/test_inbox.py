"""Raw files go in exactly as a channel sends them: kept, taken at once, and harmless when they come again."""

from pathlib import Path
from typing import Any

import msgspec

from tests.cli.conftest import Hub


def woo_order(order_id: int, **more: Any) -> dict[str, Any]:
    line = {
        "id": 1,
        "name": "Mug",
        "product_id": 11,
        "quantity": 2,
        "subtotal": "20.00",
        "total": "20.00",
        "sku": "MUG",
    }
    given = {
        "id": order_id,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-11-23T12:00:00",
        "date_modified_gmt": "2026-11-23T12:00:00",
        "total": "20.00",
        "line_items": [line],
    }
    return given | more


def write(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else msgspec.json.encode(content))
    return str(path)


def states(items: list[Any]) -> list[tuple[str, str]]:
    return [(each["channel_order_id"], each["state"]) for each in items]


def test_a_list_becomes_orders_and_the_bad_one_is_parked_alone(shop: Hub, tmp_path: Path):
    file = write(tmp_path, "page.json", [woo_order(1), woo_order(2, currency="euro"), woo_order(3)])
    items = shop("inbox", "add", "web", file, "--json").items
    assert states(items) == [("1", "taken"), ("2", "parked"), ("3", "taken")]
    assert "the currency is 'euro'" in items[1]["reason"]
    assert shop.sql("SELECT channel_order_id FROM orders ORDER BY number") == [("1",), ("3",)]


def test_the_same_file_again_changes_nothing_and_says_so(shop: Hub, tmp_path: Path):
    file = write(tmp_path, "order.json", woo_order(1))
    shop("inbox", "add", "web", file)
    counted = (
        "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM orders), (SELECT count(*) FROM events)"
    )
    before = shop.sql(counted)
    again = shop("inbox", "add", "web", file)
    assert "Nothing changed: all of it was here before." in again.out
    assert (shop.sql(counted), again.code) == (before, 0)


def test_an_older_snapshot_is_kept_and_not_applied(shop: Hub, tmp_path: Path):
    newer = woo_order(1, date_modified_gmt="2026-11-23T13:00:00", status="completed")
    shop("inbox", "add", "web", write(tmp_path, "newer.json", newer))
    late = shop("inbox", "add", "web", write(tmp_path, "older.json", woo_order(1)), "--json")
    assert states(late.items) == [("1", "older")]
    assert shop.sql("SELECT channel_state FROM orders") == [("completed",)]


def test_what_nobody_can_read_is_kept_parked_with_a_reason(shop: Hub, tmp_path: Path):
    said = shop("inbox", "add", "web", write(tmp_path, "noise.json", b"<html>"), "--json")
    assert (said.code, said.items[0]["state"]) == (0, "parked")
    assert shop.sql("SELECT state, reason <> '' FROM inbox") == [("parked", True)]


def test_a_file_that_cannot_be_opened_fails_the_command_and_not_its_neighbors(shop: Hub, tmp_path: Path):
    good = write(tmp_path, "order.json", woo_order(1))
    said = shop("inbox", "add", "web", str(tmp_path / "missing.json"), str(tmp_path), good, "--json")
    assert said.code == 1
    assert [each["state"] for each in said.items] == ["not read", "not read", "taken"]


def test_a_file_of_more_than_50_mb_is_refused_with_what_to_do(shop: Hub, tmp_path: Path):
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(50_000_001)
    said = shop("inbox", "add", "web", str(huge))
    assert (said.code, "more than 50 MB: cut it into smaller files" in said.out) == (1, True)


def test_a_dash_reads_standard_input(shop: Hub):
    said = shop("inbox", "add", "web", "-", "--json", stdin=msgspec.json.encode(woo_order(7)))
    assert states(said.items) == [("7", "taken")]
    assert said.items[0]["file"] == "stdin"


def test_thin_news_is_parked_with_why_the_order_could_not_be_fetched(shop: Hub, tmp_path: Path):
    said = shop("inbox", "add", "web", write(tmp_path, "deleted.json", {"id": 5}), "--json")
    assert states(said.items) == [("5", "parked")]
    assert "fetching it failed" in said.items[0]["reason"]


def test_an_unknown_channel_is_named_with_those_there_are(shop: Hub):
    said = shop("inbox", "add", "wbe", "x.json")
    assert (said.code, "the hub knows: web" in said.error) == (1, True)


def test_a_parked_message_is_tried_again_by_the_end_of_its_id(shop: Hub, tmp_path: Path):
    shop("inbox", "add", "web", write(tmp_path, "deleted.json", {"id": 5}))
    (listed,) = shop("inbox", "list", "--parked", "--json").items
    said = shop("inbox", "retry", listed["id"][-6:], "--json")
    assert states(said.items) == [("5", "parked")]
    assert shop("inbox", "retry", "123456").error.startswith("hub: no parked message has the id 123456")


def test_all_parked_messages_of_a_channel_are_tried_again_at_once(shop: Hub, tmp_path: Path):
    shop("inbox", "add", "web", write(tmp_path, "page.json", [woo_order(2, currency="euro"), woo_order(3)]))
    shop.sql("UPDATE inbox SET state = 'parked', reason = 'by hand' WHERE channel_order_id = '3'")
    said = shop("inbox", "retry", "--channel", "web", "--json")
    assert sorted(states(said.items)) == [("2", "parked"), ("3", "unchanged")]


def test_an_empty_inbox_says_what_to_do_next(shop: Hub):
    assert "hub inbox add CHANNEL FILE" in shop("inbox", "list").out
    assert shop("inbox", "list", "--parked").out == "Nothing is parked.\n"


def test_a_replay_shows_what_would_differ_and_then_brings_it_about_once(shop: Hub, tmp_path: Path):
    shop("inbox", "add", "web", write(tmp_path, "page.json", [woo_order(1), woo_order(2)]))
    read_wrong = "UPDATE orders SET total = 19.00, difference = -1.00 WHERE channel_order_id = '2'"
    shop.sql(read_wrong)
    looked = shop("inbox", "replay", "--channel", "web", "--dry-run")
    before = shop.sql("SELECT total FROM orders ORDER BY number")
    applied, again = [shop("inbox", "replay", "--channel", "web", "--json").json for _ in range(2)]
    assert "  total: 19.00 → 20.00" in looked.out
    assert "2 orders of web read by WooCommerce" in looked.out
    assert [str(total) for (total,) in before] == ["20.00", "19.00"]
    assert ([each["channel_order_id"] for each in applied["items"]], again["items"]) == (["2"], [])
