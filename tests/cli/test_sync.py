"""hub sync: what waits for a person is listed and decided on; limits and policies are shown and set."""

from tests.cli.conftest import Hub


def test_limits_are_set_for_one_channel_and_said_in_words(shop: Hub):
    said = shop("sync", "limits", "web", "--few", "3", "--share", "10")
    assert "3 or more of them" in said.out
    assert shop("sync", "limits", "web", "--json").json == {
        "few": 3,
        "share_percent": 10,
        "most": 500,
        "factor": 10,
    }
    assert "the share of what sells, in percent, is 0" in shop("sync", "limits", "web", "--share", "0").error


def test_where_nothing_waits_the_list_says_what_would_and_a_decision_is_refused(shop: Hub):
    assert "Nothing is suspended" in shop("sync", "suspended", "web").out
    for word in ("approve", "dismiss"):
        assert "nothing is suspended there" in shop("sync", word, "web").error


def test_what_drift_leads_to_is_shown_and_set(shop: Hub):
    assert "is told again" in shop("sync", "policy", "web").out
    assert "waits for a person" in shop("sync", "policy", "web", "ask").out
    assert shop("sync", "policy", "web", "--json").json == {"policy": "ask"}


def test_where_nothing_drifts_nothing_can_be_settled(shop: Hub):
    assert "No drift is open" in shop("sync", "drift", "web").out
    assert "none of these drifts is open" in shop("sync", "settle", "web", "heal").error
    assert "no drift is open of '4711'" in shop("sync", "settle", "web", "heal", "4711").error


def test_each_channel_says_how_it_keeps_up_and_by_which_goal(shop: Hub):
    assert "longer than 600 s is late" in shop("sync", "goal", "web", "600").out
    (web,) = shop("sync", "status", "web", "--json").items
    assert (web["slug"], web["goal_s"], web["late"]) == ("web", 600, 0)
    assert "web" in shop("sync", "status").out
    assert "Nothing is late" in shop("sync", "late", "web").out
    assert "cannot be" in shop("sync", "goal", "web", "0").error


def test_the_status_says_who_is_in_shadow_and_how_long_a_number_takes_from_stage_to_stage(shop: Hub):
    assert shop("channel", "shadow", "web", "--on").code == 0
    shop.sql("INSERT INTO stage_times SELECT id, 'marked', current_date, 0.25, 1, 0.2 FROM channels")
    said = shop("sync", "status").out
    assert "in shadow, 0 listings" in said
    assert "Sale known to marked" in said
    assert "0.25 s, 0.25 s" in said


def in_group(hub: Hub, group: str) -> None:
    hub("sku", "add", "MUG", "Mug")
    hub("visibility", "group", group, "MUG")


def test_a_group_is_paused_and_goes_on(shop: Hub):
    in_group(shop, "mugs")
    assert "hub sync resume web mugs" in shop("sync", "pause", "web", "mugs").out
    assert shop("sync", "status", "web", "--json").items[0]["paused_groups"] == ["mugs"]
    assert shop("sync", "resume", "web", "mugs").code == 0
    assert "none of these groups is paused" in shop("sync", "resume", "web", "mugs").error


def test_a_group_that_no_sku_is_in_is_neither_paused_nor_switched_on(shop: Hub):
    in_group(shop, "mugs")
    assert shop("channel", "shadow", "web", "--on").code == 0
    for words in (("sync", "pause", "web", "mgus"), ("channel", "shadow", "web", "--live", "mgus")):
        assert "no SKU is in group mgus: there is mugs" in shop(*words).error
    assert shop.sql("SELECT paused_groups, live_groups FROM channels WHERE slug = 'web'") == [([], [])]


def test_a_listing_is_explained_to_its_number_and_an_unknown_one_is_named(phone: Hub):
    file = b"channel,listing,sku\nphone,4711,MUG\n"
    assert phone("import", "listings", "-", "--apply", stdin=file).code == 0
    said = phone("sync", "explain", "phone", "4711")
    assert "4711 of phone is MUG" in said.out
    assert "should show" in said.out
    assert "no listing '9' of phone" in phone("sync", "explain", "phone", "9").error
