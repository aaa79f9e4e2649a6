"""What happened is told whole: who, because of what, and what was before and after; of sayings the first that fits."""

from datetime import UTC, datetime
from typing import Any

from hub.kit.language import Language, locale_of
from hub.model.telling.tell import Happening, Told, tell, tell_each

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENGLISH, CHINESE = (Language(locale_of(tag)) for tag in ("en", "zh-TW"))


def event(kind: str, *, actor: str = "web", **facts: Any) -> Happening:
    return Happening(NOON, "event", kind, actor, facts, "", "web", "Web shop", "EUR")


def moved(sku: str, change: int, kind: str = "allocation", **more: Any) -> Happening:
    facts = {"sku": sku, "location": "main", "allocated_change": change, **more}
    return Happening(NOON, "movement", kind, "web", facts, "order", "web", "Web shop", "EUR", "Main")


def told(happened: Happening, language: Language = ENGLISH) -> list[str]:
    return lines_of(tell([happened])[0], language)


def lines_of(one: Told, language: Language = ENGLISH) -> list[str]:
    because = [language.say(one.because)] if one.because else []
    return [language.say(one.says), language.write(one.by), *because, *map(language.write, one.details)]


def test_an_order_that_was_taken_names_its_channel_and_the_version_that_brought_it():
    taken = event("taken", lines=3, total="49.00 EUR", as_of="2026-11-23T11:58:00+00:00", revision=1200)
    assert told(taken) == [
        "Order taken: 3 lines, €49.00",
        "the channel Web shop",
        "its version 1200 of 23 Nov, 11:58 UTC",
    ]


def test_what_is_to_be_done_names_the_line_as_people_know_it():
    added = {"kind": "line added", "line": "hub:1:0", "name": "TEA", "after": 1}
    todo = {"work": "send another parcel", "line": "hub:1:0", "units": 1}
    assert told(event("edited", changes=[added], todo=[todo]))[-1] == "To do: send another parcel, 1 × TEA"


def test_a_change_shows_before_and_after_with_money_in_the_currency_of_the_order():
    changes = [
        {"kind": "fewer units", "name": "MUG", "before": 3, "after": 1},
        {"kind": "price", "name": "MUG", "before": "9.99", "after": "9.990001 − 1.00"},
        {"kind": "shipping", "before": ["DHL", "4.90"], "after": ["", "0.00"]},
    ]
    assert told(event("edited", actor="desk", edit="1", why="called", changes=changes))[1:] == [
        "a person at the desk",
        "an edit: called",
        "MUG: 3 → 1 unit",
        "MUG: €9.99 each → €9.990001 each, €1.00 off the line",
        "Shipping: DHL, €4.90 → €0.00",
    ]


def test_a_rule_is_named_with_its_version_and_all_it_did():
    does = [{"verb": "hold", "value": "fraud"}, {"verb": "tag", "value": "big"}]
    found = {"says": "the address has no street and no postcode", "hold": "address"}
    rule = {"rule": "big", "version": 2, "actions": does}
    assert told(event("reviewed", actor="hub", decisions=[rule], findings=[found]), CHINESE)[3:] == [
        "規則「big」第 2 版\uff1a保留\uff1a詐騙風險和加上標籤 big",
        "地址缺少街道和郵遞區號\uff1a已保留",
    ]


def test_movements_of_one_kind_and_reason_are_one_sentence_and_each_alone_for_programs():
    both = [moved("MUG", 2, reason="priority 10"), moved("TEA", 1, reason="priority 10")]
    assert [lines_of(each)[0] for each in tell(both)] == ["Allocated 2 × MUG (Main) and 1 × TEA (Main)"]
    assert [lines_of(each)[0] for each in tell_each(both)] == [
        "Allocated 2 × MUG (Main)",
        "Allocated 1 × TEA (Main)",
    ]


def test_what_somebody_typed_and_a_hold_of_the_shops_own_stay_as_they_are():
    held = event("held", actor="Ada", put=["gift wrap", "payment"])
    typed = moved("MUG", -2, "release", reason="they rang, twice")
    assert told(held, CHINESE) == ["已保留\uff1agift wrap和待付款", "Ada"]
    assert told(typed, CHINESE)[-1] == "they rang, twice"


def test_of_a_long_list_the_first_are_named_and_the_rest_is_counted():
    adjusted = event("stock adjusted", skus=[*"ABCDEFG"], count=100)
    assert told(adjusted)[0] == "Stock adjusted: A, B, C, D, E, and 95 more"
    assert told(event("count accepted", skus=[*"ABCDEF"], count=1001))[0].endswith("E, and 1 more")


def test_the_first_saying_that_has_all_it_tells_is_said():
    paid = {"amount": "10 EUR", "tender": "card"}
    assert [told(event("payment captured", **paid, **more))[0] for more in ({}, {"due": "2.5 EUR"})] == [
        "Paid: €10.00 by card",
        "Paid: €10.00 by card, €2.50 still to pay",
    ]
