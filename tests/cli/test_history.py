"""`hub history` is read as a log is: the newest last, of anybody or of one, in the reader's language."""

from tests.cli.conftest import Hub


def test_what_was_done_is_told_the_newest_last_and_of_one_alone(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    phone("payment", "transfer", "rule", "on")
    told = [each["entry"]["kind"] for each in phone("history", "--json").items]
    assert (told.index("taken") < told.index("bank rule set"), told[-1]) == (True, "bank rule set")
    (last,) = phone("history", "--limit", "1", "--by", "command line").out.splitlines()
    assert "命令行" in phone("history", "--limit", "1", "--lang", "zh-Hans").out
    assert "ransfers" in last
    assert phone("history", "--by", "nobody").out == "Nothing was recorded of nobody.\n"
