"""Whatever is killed and whichever channel misbehaves: in the end no order is lost, and every channel is told right."""

import pytest

from hub.cli.serving.chaos import run_chaos
from hub.sim.chaos.plan import Mishap, Planned, calm_s, outages_of, plan_of
from hub.sim.chaos.town import Waits
from hub.sim.chaos.verdict import Wait

SEED = 46  # the clock of a channel is behind: nobody need wait for it


def test_every_mishap_comes_by_its_turn_and_the_same_seed_plans_the_same():
    plan = plan_of(SEED, 60)
    assert ({each.mishap for each in plan}, plan) == ({*Mishap}, plan_of(SEED, 60))
    assert plan != plan_of(SEED + 1, 60)


def test_a_clock_that_is_wrong_is_ahead_or_behind_and_says_by_how_much():
    said = {Planned(0, Mishap.SKEW, which).says for which in (0, 1, 38, 999)}
    assert said == {
        f"the clock of a channel is {skew}"
        for skew in ("1 s behind", "1 s ahead", "20 s behind", "20 s ahead")
    }


def test_outages_of_a_channel_count_twice_and_one_that_follows_at_once_is_one_with_it():
    plan = [
        Planned(0, Mishap.DOWN, 0, 10),
        Planned(5, Mishap.STORM, 1, 30),
        Planned(15, Mishap.DOWN, 3, 10),
        Planned(60, Mishap.STORM, 6, 5),
        Planned(61, Mishap.FLUSH, 0),
    ]
    assert outages_of(plan, 0, of=3) == [(0, 50), (60, 70)]


def test_a_wait_counts_only_while_the_channel_can_be_told():
    assert calm_s(0, 100, [(30, 50), (10, 40), (90, 120)]) == 10 + 40
    assert calm_s(60, 80, [(10, 40), (90, 120)]) == 20


def test_a_listing_that_is_never_told_breaks_the_rule_however_long_the_run():
    plan = plan_of(SEED, 600)
    waits = Waits({slug: outages_of(plan, place, of=3) for place, slug in enumerate("abc")})
    for until in range(0, 600, 5):
        waits.note("a", until, until)
        waits.note("b", 20, until)
    assert [each.split(":")[0] for each in Wait(waits.calm_s, 30).rule().wrong] == ["a"]


@pytest.mark.anyio
async def test_after_ten_seconds_of_every_mishap_all_is_as_it_must_be():
    outcome = await run_chaos(10, SEED, 240, 1, tell=lambda *_: None, slack=5)
    assert [(rule.name, rule.wrong) for rule in outcome.rules if not rule.holds] == []
    assert outcome.orders > 20
