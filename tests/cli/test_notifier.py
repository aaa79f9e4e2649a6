"""A person says whom the hub tells: settings are checked before they are kept, and never shown again."""

from tests.cli.conftest import Hub

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHAT = (
    "notifier",
    "add",
    "webhook",
    "chat",
    "--set",
    "base_url=http://127.0.0.1:9",
    "--set",
    f"secret={SECRET}",
)


def test_a_notifier_is_added_listed_and_never_shows_its_secret(hub: Hub):
    added = hub(*CHAT, "--from", "warning")
    listed = hub("notifier", "list", "--json")
    assert added.code == 0
    assert "hears from warning on" in added.out
    assert [(each["slug"], each["kind"], each["least"], each["state"]) for each in listed.items] == [
        ("chat", "webhook", "warning", "active")
    ]
    assert SECRET not in added.out + listed.out + hub("notifier", "list").out


def test_a_missing_or_wrong_setting_is_named_and_nothing_is_kept(hub: Hub):
    assert (
        "needs base_url, secret: add --set base_url=… --set secret=…"
        in hub("notifier", "add", "webhook", "x").error
    )
    assert "base_url: expected a text matching" in hub(*CHAT[:5], "base_url=chat", *CHAT[6:]).error
    assert (
        "no notifier of kind 'raven'; there are: mail, webhook" in hub("notifier", "add", "raven", "x").error
    )
    assert hub("notifier", "list", "--json").items == []


def test_a_notifier_with_a_name_that_is_taken_is_refused(hub: Hub):
    hub(*CHAT)
    assert "there is a notifier 'chat' already" in hub(*CHAT).error


def test_a_poor_secret_is_told_by_the_test_before_anything_is_sent(hub: Hub):
    hub(*CHAT)
    hub("notifier", "set", "chat", "secret=sesame")
    tried = hub("notifier", "test", "chat")
    assert (tried.code, "✗ secret" in tried.out) == (1, True)


def test_a_notifier_pauses_resumes_and_goes(hub: Hub):
    hub(*CHAT)
    hub("notifier", "pause", "chat")
    assert hub("notifier", "list", "--json").items[0]["state"] == "paused"
    hub("notifier", "resume", "chat")
    assert hub("notifier", "list", "--json").items[0]["state"] == "active"
    hub("notifier", "remove", "chat")
    assert "Nobody is told yet" in hub("notifier", "list").out
    assert "there is no notifier 'chat'" in hub("notifier", "test", "chat").error


def test_where_there_was_nothing_to_tell_it_says_how_to_try(hub: Hub):
    assert "hub notifier test" in hub("notifier", "told").out
