"""hub sync: what is suspended is listed with its preview, approved, dismissed; limits are shown and set."""

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
    assert "share_percent is 0" in shop("sync", "limits", "web", "--share", "0").error


def test_where_nothing_waits_the_list_says_what_would_and_a_decision_is_refused(shop: Hub):
    assert "Nothing is suspended" in shop("sync", "suspended", "web").out
    for word in ("approve", "dismiss"):
        assert "nothing is suspended there" in shop("sync", word, "web").error
