"""Commands write rules in versions, try them on the past, and list the words one may use."""

from tests.cli.conftest import Hub

BIG = ("big", "--when", "order.units > 2", "--do", "hold: wholesale", "--do", "tag: big")


def test_a_rule_is_tried_written_and_shown_with_its_versions(phone: Hub):
    assert phone("order", "new", "--line", "MUG:3", "--customer", "Ada").code == 0
    tried = phone("rule", "try", *BIG).out
    assert "1 order of 1 would have been treated otherwise" in tried
    assert "hold: wholesale, tag: big" in tried
    assert phone("rule", "list").out.startswith("There are no rules yet")
    said = [
        phone("rule", "write", *BIG).out,
        phone("rule", "write", "big", "--when", "true", "--do", "approve").out,
    ]
    assert said == [
        "rule big is written, version 1: for orders taken from now on\n",
        "rule big is written, version 2: for orders taken from now on\n",
    ]
    assert [each["version"] for each in phone("rule", "show", "big", "--json").items] == [2, 1]


def test_rules_are_arranged_switched_and_dropped(phone: Hub):
    for name in ("a", "b", "c"):
        phone("rule", "write", name, "--when", "true", "--do", f"tag: {name}")
    assert phone("rule", "order", "c").out == "c, then a, then b\n"
    assert phone("rule", "off", "a").out == "rule a rests\n"
    assert phone("rule", "on", "a").out == "rule a decides again\n"
    assert phone("rule", "drop", "b").out == "rule b is dropped\n"
    assert [each["name"] for each in phone("rule", "list", "--json").items] == ["c", "a"]


def test_a_wrong_condition_is_told_with_its_place_and_the_words_are_listed(phone: Hub):
    refused = phone("rule", "write", "a", "--when", "order.totl > 1", "--do", "approve")
    assert (refused.code, "at character 7, 'totl > 1'" in refused.error) == (1, True)
    assert "customer.orders" in phone("rule", "names").out
