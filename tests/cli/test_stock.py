"""Stock on the command line: shown by location and channel, now and then, explained, changed with a reason, counted."""

import pytest

from tests.cli.conftest import Hub


def level(hub: Hub) -> list[tuple[int, int]]:
    return hub.sql("SELECT on_hand, allocated FROM levels WHERE sku = 'MUG' AND location = 'main'")


@pytest.mark.parametrize(("change", "left"), [("5", 15), ("-3", 7)])
def test_a_change_moves_what_is_on_hand_with_its_reason(phone: Hub, change: str, left: int):
    said = phone("stock", "adjust", "MUG", "main", change, "--reason", "found behind the shelf")
    assert (said.code, level(phone)) == (0, [(left, 0)])
    assert phone.sql("SELECT reason, actor FROM movements WHERE kind = 'adjustment'") == [
        ("found behind the shelf", "command line")
    ]


def test_a_count_sets_what_is_on_hand_and_promises_stay(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    phone("stock", "adjust", "MUG", "main", "--count", "7", "--reason", "inventory")
    assert level(phone) == [(7, 2)]
    assert phone.sql("SELECT kind, on_hand_change FROM movements WHERE kind = 'count'") == [("count", -3)]


def test_a_count_that_agrees_changes_nothing(phone: Hub):
    phone("stock", "adjust", "MUG", "main", "--count", "10", "--reason", "inventory")
    assert phone.sql("SELECT count(*) FROM movements") == [(1,)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("MUG", "main"), "say by how much"),
        (("MUG", "main", "2", "--count", "3"), "say by how much"),
        (("MUG", "main", "0"), "changes nothing"),
        (("MUG", "main", "2000000000"), "adjust by 1000000 at most"),
        (("MUG", "main", "--count", "2000000000"), "it must be from 0 to 1000000"),
        (("CUP", "main", "1"), "there is no SKU CUP"),
        (("MUG", "moon", "1"), "there is no location moon: the hub knows main, shop"),
        (("MUG", "moon", "--count", "1"), "there is no location moon"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(phone: Hub, words: tuple[str, ...], said: str):
    answer = phone("stock", "adjust", *words, "--reason", "why not")
    assert (answer.code, level(phone)) == (1, [(10, 0)])
    assert said in answer.error


def test_stock_shows_locations_and_what_is_available(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    (mug,) = phone("stock", "show", "MUG", "--json").items
    assert (mug["available"], mug["levels"][0]["location"], mug["levels"][0]["allocated"]) == (8, "main", 2)
    assert "8 available to sell" in phone("stock", "show", "MUG").out


def test_an_unknown_sku_is_named(phone: Hub):
    assert phone("stock", "show", "MUG", "CUP").error == "hub: there is no SKU CUP: see hub stock show"


def test_without_skus_the_way_to_add_them_is_named(hub: Hub):
    assert "hub sku add KEY NAME" in hub("stock", "show").out


@pytest.fixture
def listed(shop: Hub, phone: Hub) -> Hub:
    """Ten mugs since March, two of them promised since April, offered in packs of three on a paused shop."""
    hub = phone
    assert hub is shop
    hub("order", "new", "--line", "MUG:2")
    hub.sql("UPDATE movements SET at = '2026-03-01T12:00Z' WHERE kind = 'receipt'")
    hub.sql("UPDATE movements SET at = '2026-04-01T12:00Z' WHERE kind = 'allocation'")
    hub.sql("""INSERT INTO listings (id, channel_id, channel_listing_id, sku, units, buffer, created_at)
        SELECT gen_random_uuid(), id, 'pack', 'MUG', 3, 1, now() FROM channels WHERE slug = 'web'""")
    hub.sql("""INSERT INTO publications (listing_id, channel_id, dirty_since)
        SELECT id, channel_id, '2026-04-01T12:00Z' FROM listings""")
    hub("channel", "pause", "web")
    return hub


@pytest.mark.parametrize(
    ("past", "levels"),
    [
        ("2026-02-28T12:00:00Z", []),
        ("2026-03-01T13:00:00+01:00", [{"location": "main", "on_hand": 10, "allocated": 0}]),
        ("2026-04-01T12:00:00Z", [{"location": "main", "on_hand": 10, "allocated": 2}]),
    ],
)
def test_stock_is_shown_as_it_was_at_a_past_moment(listed: Hub, past: str, levels: list[object]):
    (mug,) = listed("stock", "show", "MUG", "--at", past, "--json").items
    assert mug["levels"] == levels


def test_a_past_moment_is_said_with_the_levels(listed: Hub):
    said = listed("stock", "show", "--at", "2026-04-01T14:00:00+02:00").out.splitlines()
    assert said[0] == "As of 2026-04-01 12:00:00 UTC, by every movement up to then"
    assert [line.split() for line in said[3:]] == [
        ["LAMP", "Lamp", "nothing", "anywhere", "yet", "0", "0"],
        ["MUG", "Mug", "main", "10", "2"],
    ]


def test_who_waits_for_a_person_is_not_said_to_be_up_to_date(listed: Hub):
    said = []
    for held in ("paused = true", "suspended_version = 2, suspended_quantity = 0, suspended_at = now()"):
        listed.sql(f"UPDATE publications SET version = 2, confirmed_version = 1, {held}")
        said.append(listed("stock", "show", "MUG").out.split()[-1])
    assert said == ["paused", "suspended"]


def test_a_moment_without_its_zone_is_refused(phone: Hub):
    said = phone("stock", "show", "MUG", "--at", "2026-04-01T12:00:00")
    assert said.code == 1
    assert "says no time zone" in said.error


def test_a_number_is_explained_from_what_is_on_hand_to_what_a_channel_should_show(listed: Hub):
    said = [" ".join(line.split()) for line in listed("stock", "explain", "MUG").out.splitlines()]
    assert "+ 10 on hand units at main, the sum of its movements (2)" in said
    assert "− 2 allocated promised to open order lines" in said
    assert "÷ 3 units stock units in one pack, whole ones only" in said
    assert "− 1 buffer kept back from this listing on web" in said
    assert said.count("= 1 should show") == 1
    assert "waits channel paused web is paused by a person: hub channel resume web" in said
    assert "2026-04-01 12:00:00 main allocation +2 order 1001 phone the only location that has it" in said


def test_a_rule_stands_among_the_steps_with_the_command_that_lists_it(listed: Hub):
    assert listed("visibility", "set", "--channel", "web", "--cap", "0").code == 0
    said = [" ".join(line.split()) for line in listed("stock", "explain", "MUG").out.splitlines()]
    assert "→ 0 cap the most this listing shows on web, by a rule: hub visibility list" in said
    assert said.count("= 0 should show") == 1


def test_an_explanation_is_written_whole_for_programs(listed: Hub):
    found = listed("stock", "explain", "MUG", "--channel", "web", "--json").json
    (pack,) = found["listings"]
    assert [step["after"] for step in pack["steps"]] == [8, 2, 2, 1, 1]
    assert (found["available"], pack["should_show"], pack["sent"], pack["confirmed"]) == (8, 1, None, None)
    assert [each["kind"] for each in found["movements"]] == ["allocation", "receipt"]


def test_a_sku_nobody_lists_is_explained_as_far_as_it_goes(phone: Hub):
    said = phone("stock", "explain", "LAMP").out
    assert "No listing of it here: hub listing match CHANNEL LISTING LAMP" in said


@pytest.mark.parametrize(
    ("words", "said"), [(("CUP",), "there is no SKU CUP"), (("MUG", "--channel", "moon"), "no channel moon")]
)
def test_what_cannot_be_explained_is_named(phone: Hub, words: tuple[str, ...], said: str):
    answer = phone("stock", "explain", *words)
    assert answer.code == 1
    assert said in answer.error
