"""Orders are changed, canceled, reopened and refunded by command; each change is listed and can be undone."""

from tests.cli.conftest import Hub

LINES = """
SELECT channel_sku, quantity, canceled, allocated FROM order_lines
ORDER BY (SELECT number FROM orders WHERE id = order_id), position"""


def test_an_order_is_changed_listed_and_undone(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    said = phone(
        "order",
        "edit",
        "1001",
        "--units",
        "MUG:3",
        "--tag",
        "gift",
        "--note",
        "rings twice",
        "--reason",
        "called",
    )
    listed = phone("order", "edits", "1001", "--json").json
    assert "order 1001 is changed" in said.out
    assert (listed["tags"], listed["remark"], listed["items"][0]["reason"]) == (
        ["gift"],
        "rings twice",
        "called",
    )
    assert phone.sql(LINES) == [("MUG", 3, 0, 3)]
    assert phone("order", "undo", "1001").out.startswith("undone, of order 1001: ")
    assert phone.sql(LINES) == [("MUG", 2, 0, 2)]


def test_what_moved_since_somebody_looked_is_shown_and_not_overwritten(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    seen = phone("order", "edits", "1001", "--json").json["fields"]["line/1"]["quantity"]
    phone("order", "edit", "1001", "--units", "MUG:3")
    said = phone(
        "order", "edit", "1001", "--units", "MUG:1", "--was", f'{{"line/1": {{"quantity": {seen}}}}}'
    ).error
    assert ("you saw quantity: 2, now 3" in said, "changed since you looked" in said) == (True, True)
    assert "no object of fields" in phone("order", "edit", "1001", "--units", "MUG:1", "--was", "3").error
    assert phone.sql(LINES) == [("MUG", 3, 0, 3)]


def test_an_order_is_duplicated_as_a_draft_once(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    said = [phone("order", "duplicate", "1001", "--id", "again") for _ in range(2)]
    assert said[0].out.startswith("draft again: 2 × MUG")
    assert phone.sql("SELECT sum(units) FROM reservations") == [(2,)]
    assert phone("order", "duplicate", "1001", "--json").json["short"] == 0
    assert "no order 7" in phone("order", "duplicate", "7").error


def test_a_field_of_the_retailers_own_is_defined_filled_in_and_found(phone: Hub):
    said = phone("field", "define", "tier", "--kind", "choice", "--choice", "gold", "--required")
    assert said.out.startswith("field tier is there")
    assert "no choice of: gold" in phone("order", "new", "--line", "MUG:2", "--field", "tier=red").error
    phone("order", "new", "--line", "MUG:2", "--field", "tier=gold")
    assert "no choice of: gold" in phone("order", "edit", "1001", "--field", "tier=red").error
    assert "tier         gold" in phone("order", "show", "1001").out
    assert [each["number"] for each in phone("order", "list", "--field", "tier=gold", "--json").items] == [
        1001
    ]
    assert "write po_number=4711" in phone("order", "list", "--field", "gold").error
    assert phone("field", "list", "--json").items[0]["required"] is True
    assert phone("field", "drop", "tier").out.startswith("dropped: tier")


def test_a_field_of_lines_is_filled_in_beside_its_line(phone: Hub):
    assert "--line-field LINE:text=" in phone("field", "define", "text", "--of-lines").out
    assert phone("field", "list", "--json").items[0]["of_lines"] is True
    phone("order", "new", "--line", "MUG:2")
    phone("order", "edit", "1001", "--line-field", "MUG:text=For Ada")
    assert "MUG, text: For Ada" in phone("order", "show", "1001").out
    assert "write po_number=4711" in phone("order", "edit", "1001", "--line-field", "MUG:text").error


def test_lines_come_and_go_with_their_price(phone: Hub):
    phone("order", "new", "--line", "MUG:2:10.00")
    phone(
        "order",
        "edit",
        "1001",
        "--add",
        "MUG:1:4.00",
        "--price",
        "1:9.00",
        "--discount",
        "1:1",
        "--shipping",
        "Courier:5.00",
    )
    phone("order", "cancel", "1001", "--line", "1:1")
    assert phone.sql(LINES) == [("MUG", 2, 1, 1), ("MUG", 1, 0, 1)]
    assert phone.sql("SELECT total, shipping_method FROM orders") == [(17.5, "Courier")]


def test_orders_are_canceled_and_reopened(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    assert phone("order", "cancel", "1001", "--reason", "changed their mind").out.startswith(
        "1 order canceled"
    )
    assert "1 order had been canceled before" in phone("order", "cancel", "1001").out
    assert phone.sql(LINES) == [("MUG", 2, 2, 0)]
    assert phone("order", "reopen", "1001").out.startswith("1 order open again")
    assert phone.sql(LINES) == [("MUG", 2, 0, 2)]


def test_money_goes_back_once_and_what_is_no_conflict_is_not_settled(phone: Hub):
    phone("order", "new", "--line", "MUG:2:10.00")
    phone("payment", "add", "1001", "20.00", "--tender", "cash")
    assert phone("order", "refund", "1001", "5.00", "--line", "MUG").out.startswith(
        "order 1001: 5.00 of 20.00"
    )
    assert "have not gone back" in phone("order", "refund", "1001", "16").error
    assert "nobody asks" in phone("order", "settle", "1001", "address", "--ours").error


def test_what_is_no_line_or_no_amount_says_what_to_write(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    assert "it has MUG" in phone("order", "edit", "1001", "--units", "LAMP:3").error
    assert "write MUG-BLUE:3" in phone("order", "edit", "1001", "--units", "MUG:many").error
    assert "write it as 12.50" in phone("order", "refund", "1001", "some").error
    assert "say what to change" in phone("order", "edit", "1001").error
    assert "no address" in phone("order", "edit", "1001", "--address", "Berlin").error
    assert "no order 7" in phone("order", "undo", "7").error
    assert phone.sql("SELECT count(*) FROM order_edits") == [(0,)]


def test_an_order_is_split_and_merged_again(phone: Hub):
    phone("order", "new", "--line", "MUG:3", "--email", "ada@example.com")
    assert (
        phone("order", "split", "1001", "--line", "MUG:1").out == "order 1002 has 1 unit of order 1001 now\n"
    )
    assert phone.sql(LINES) == [("MUG", 2, 0, 2), ("MUG", 1, 0, 1)]
    assert phone("order", "merge", "1001", "1002").out.startswith("order 1001 has all of 1002")
    assert phone("order", "undo", "1001").out.startswith("undone, of order 1001: ")
    assert phone.sql("SELECT number, canceled_at IS NULL FROM orders ORDER BY 1") == [
        (1001, True),
        (1002, True),
    ]
    assert "all of the order" in phone("order", "split", "1001", "--line", "MUG:2").error
