"""Whatever is killed and whichever channel misbehaves: in the end no order is lost, and every channel is told right."""

import pytest

from hub.cli.serving.chaos import run_chaos
from hub.sim.chaos.plan import Mishap, plan_of

SEED = 28  # the clock of a channel is ahead by little: nobody need wait for it


def test_every_mishap_comes_by_its_turn_and_the_same_seed_plans_the_same():
    plan = plan_of(SEED, 60)
    assert ({each.mishap for each in plan}, plan) == ({*Mishap}, plan_of(SEED, 60))
    assert plan != plan_of(SEED + 1, 60)


@pytest.mark.anyio
async def test_after_ten_seconds_of_every_mishap_all_is_as_it_must_be():
    outcome = await run_chaos(10, SEED, 240, 1, tell=lambda *_: None, slack=5)
    assert [(rule.name, rule.wrong) for rule in outcome.rules if not rule.holds] == []
    assert outcome.orders > 20
