"""Run scenarios side by side, each on a stage of its own; say of each whether the rule was kept."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import httpx
from msgspec import Struct

from hub.channels.transport import new_client
from hub.model.errors import HubError
from hub.sim.certify import flaws
from hub.sim.certify.ears import ears, listening
from hub.sim.certify.flaws import BrokenRuleError, UntriedError
from hub.sim.certify.people import CANARY, personal
from hub.sim.certify.report import UNDECLARED, Certificate, Verdict
from hub.sim.certify.scenario import Scenario, Tier
from hub.sim.certify.shop import Subject
from hub.sim.certify.stage import Stage
from hub.sim.certify.suite import chosen, scenarios_for
from hub.spec import Capability

AT_ONCE = 4


class Wish(Struct, frozen=True):
    """What to try: all scenarios up to a tier, or only those of a name; the same seed tries the same."""

    seed: int = 1
    tier: Tier = Tier.GOLD
    only: str = ""


async def certify(
    subject: Subject, wish: Wish, said: Callable[[Verdict, int], None] = lambda _verdict, _of: None
) -> Certificate:
    """Try all of it; `said` hears of each verdict as it falls, with the number of scenarios."""
    started = time.perf_counter()
    with ears():
        async with new_client() as client:
            trial = chosen(await scenarios_for(subject, client), wish.only, wish.tier)
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(scenario: Scenario) -> Verdict:
                async with gate:
                    verdict = await _try(subject, scenario, client, wish.seed)
                said(verdict, len(trial))
                return verdict

            verdicts = await asyncio.gather(*map(one, trial))
    return Certificate(
        kind=subject.connector.manifest.kind,
        title=subject.connector.manifest.title,
        api_version=subject.connector.manifest.api_version,
        replay=subject.replay or subject.connector.manifest.kind,
        seed=wish.seed,
        tried_to=wish.tier,
        partial=bool(wish.only),
        capabilities=[each for each in Capability if each in subject.connector.manifest.capabilities],
        verdicts=list(verdicts),
        took_s=time.perf_counter() - started,
    )


async def _try(subject: Subject, scenario: Scenario, client: httpx.AsyncClient, seed: int) -> Verdict:
    reason = _cannot(subject, scenario)
    if reason:
        return Verdict(scenario.name, scenario.tier, scenario.says, "not tried", seen=reason)
    started = time.perf_counter()
    try:
        broken, remark = await _played(subject, scenario, client, seed)
    except UntriedError as untried:
        return Verdict(scenario.name, scenario.tier, scenario.says, "not tried", seen=str(untried))
    took_ms = round((time.perf_counter() - started) * 1000)
    if broken is None:
        return Verdict(scenario.name, scenario.tier, scenario.says, "kept", seen=remark, took_ms=took_ms)
    return Verdict(scenario.name, scenario.tier, scenario.says, "broken", broken.flaw, broken.seen, took_ms)


def _cannot(subject: Subject, scenario: Scenario) -> str:
    """Why a scenario cannot be tried; what is not declared is never called."""
    missing = [each for each in scenario.needs if each not in subject.connector.manifest.capabilities]
    if missing:
        return f"{UNDECLARED} {', '.join(missing)}"
    if scenario.needs and subject.new_simulator is None:
        return "there is no simulator"
    unplayed = sorted(scenario.plays - subject.plays)
    return f"its simulator does not play {', '.join(unplayed)}" if unplayed else ""


async def _played(
    subject: Subject, scenario: Scenario, client: httpx.AsyncClient, seed: int
) -> tuple[BrokenRuleError | None, str]:
    """The rule that was broken, if one was, and what its author should look at all the same."""
    with listening() as heard:
        async with AsyncExitStack() as stack:
            stage = Stage(subject, client, stack, f"{seed}/{scenario.name}")
            broken = await _broken_rule(stage, scenario)
            return stage.fault() or _leak(stage, heard) or broken, "; ".join(stage.remarks)


async def _broken_rule(stage: Stage, scenario: Scenario) -> BrokenRuleError | None:
    try:
        await scenario.run(stage)
    except BrokenRuleError as broken:
        return broken
    except HubError as error:
        seen = f"raised {type(error).__name__}, where all was well: {error}"
        return BrokenRuleError(flaws.WRONG_ERROR, seen)
    return None


def _leak(stage: Stage, heard: Sequence[str]) -> BrokenRuleError | None:
    """Look for secrets, and for the buyers of certification, in whatever was said."""
    said = "\n".join(heard)
    for name, value in stage.all_secrets():
        if value and value in said:
            return BrokenRuleError(flaws.LEAKS_SECRET, f"{name} stands in {_line_of(value, heard)!r}")
    for text in personal(CANARY):
        if text in said:
            return BrokenRuleError(flaws.LEAKS_PERSON, f"the buyer stands in {_line_of(text, heard)!r}")
    return None


def _line_of(text: str, heard: Sequence[str]) -> str:
    """Where it was said, with the secret itself crossed out."""
    line = next(each for each in heard if text in each)
    return line.replace(text, "█" * 8).strip()[:120]
