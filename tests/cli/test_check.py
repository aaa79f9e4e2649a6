"""`hub check` says which laws hold and what was compared; a broken one shows its rows and the exit code tells."""

from tests.cli.conftest import Hub


def test_a_hub_at_work_breaks_no_law(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    said = phone("check")
    assert (said.code, "✗" in said.out) == (0, False)
    assert "✓ levels are the sum of their movements: 1 level, 2 movements  L8" in said.out


def test_a_level_that_is_not_its_ledger_is_shown_and_fails(phone: Hub):
    phone.sql("UPDATE levels SET on_hand = on_hand + 1")
    said = phone("check")
    assert (said.code, "✗ levels are the sum of their movements" in said.out) == (1, True)
    row = next(line.split() for line in said.out.splitlines() if "MUG" in line)
    assert row == ["MUG", "main", "11", "10", "0", "0"]


def test_what_waits_too_long_is_a_warning_and_breaks_no_law(phone: Hub):
    phone.sql(
        "INSERT INTO inbox (id, channel_id, delivery_key, source, complete, body, received_at)"
        " SELECT gen_random_uuid(), id, 'old', 'poll', true, '', now() - interval '1 hour' FROM channels"
    )
    said = phone("check")
    assert (said.code, "! nothing waits long in the inbox" in said.out) == (0, True)
    assert phone("check", "--late-after", "7200").out.count("!") == 0


def test_the_same_is_said_as_one_json_document(phone: Hub):
    phone.sql("UPDATE levels SET on_hand = on_hand + 1")
    report = phone("check", "--json").json
    broken = [
        (each["law"], each["rows"][0]["sku"]) for each in report["checks"] if each["verdict"] == "broken"
    ]
    assert (report["ok"], broken) == (False, [("L8", "MUG")])
