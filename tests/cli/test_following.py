"""A person says what other programs are told: settings are checked first, and trouble is shown with what to do."""

from pathlib import Path

from tests.cli.conftest import Hub

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ERP = (
    "observer",
    "add",
    "webhook",
    "erp",
    "--set",
    "base_url=http://127.0.0.1:9",
    "--set",
    f"secret={SECRET}",
)


def books(folder: Path) -> tuple[str, ...]:
    return ("exporter", "add", "files", "books", "--set", f"folder={folder}", "--every", "15m")


def test_an_exporter_is_added_and_writes_what_there_is(hub: Hub, tmp_path: Path):
    added = hub(*books(tmp_path))
    assert (added.code, "it runs every 15 min" in added.out) == (0, True)
    assert "books wrote 0 orders and 0 levels" in hub("exporter", "run", "books").out
    [listed] = hub("exporter", "list", "--json").items
    assert (listed["slug"], listed["every_s"], listed["behind"], listed["problem"]) == ("books", 900, 0, "")


def test_a_folder_that_is_not_there_is_told_at_once_with_its_remedy(hub: Hub, tmp_path: Path):
    added = hub(*books(tmp_path / "away"))
    assert (added.code, "make the folder" in added.out) == (1, True)
    hub("exporter", "set", "books", f"folder={tmp_path}")
    assert hub("exporter", "test", "books").code == 0


def test_a_pace_or_a_name_that_cannot_be_is_refused_with_an_example(hub: Hub, tmp_path: Path):
    hub(*books(tmp_path))
    assert "'soon' is no pace: say 30s, 15m" in hub("exporter", "set", "books", "--every", "soon").error
    assert "cannot name an exporter" in hub("exporter", "add", "files", "My Books").error
    assert "there is an exporter 'books' already" in hub(*books(tmp_path)).error
    assert "no exporter of kind 'tape'; there are: files" in hub("exporter", "add", "tape", "x").error


def test_an_observer_says_its_topics_and_never_its_secret(hub: Hub):
    added = hub(*ERP, "--topic", "order.*")
    listed = hub("observer", "list", "--json")
    assert "it is told order.*" in added.out
    assert [(each["slug"], each["topics"], each["state"]) for each in listed.items] == [
        ("erp", ["order.*"], "active")
    ]
    assert SECRET not in added.out + listed.out + hub("observer", "list").out


def test_an_observer_pauses_resumes_and_goes(hub: Hub):
    hub(*ERP)
    hub("observer", "pause", "erp")
    assert hub("observer", "list", "--json").items[0]["state"] == "paused"
    hub("observer", "resume", "erp")
    assert hub("observer", "list", "--json").items[0]["state"] == "active"
    hub("observer", "remove", "erp")
    assert "Nobody watches yet" in hub("observer", "list").out
