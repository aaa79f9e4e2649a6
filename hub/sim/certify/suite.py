"""All scenarios for one connector: those of the capabilities it has, with its simulator's quirks and its recordings."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from fnmatch import fnmatch

import httpx

from hub.model.errors import HubError, InputError
from hub.sim.certify.flaws import BrokenRuleError
from hub.sim.certify.groups import (
    after_sales,
    budgets,
    comparing,
    discovery,
    handover,
    identity,
    login,
    malformed,
    operations,
    orders,
    paging,
    parcels_and_money,
    reading,
    recordings,
    stock,
    stories,
    subscribing,
    trouble,
    webhooks,
    writing,
)
from hub.sim.certify.scenario import Scenario, Tier
from hub.sim.certify.shop import Subject
from hub.sim.certify.source import Sample, samples
from hub.sim.certify.stage import Stage
from hub.spec import Capability

GROUPS = {
    "manifest": "what is declared is there, whole",
    "config": "settings are explained, upgraded, and secret where they are secrets",
    "check": "wrong key, missing permission and wrong address are told apart",
    "paging": "no order is skipped, whatever moves between two calls",
    "orders": "money exact, times zoned, lines matched, people in one place",
    "malformed": "what cannot be read is said in words, and costs nobody else",
    "recordings": "what the channel really sent is read",
    "redaction": "a record of a call names no person, and still shows how the channel speaks",
    "errors": "every bad answer becomes the error that says what happens next",
    "webhooks": "signed ones are taken, others are not; the same news has one key",
    "discovery": "every listing and place is listed once",
    "stock": "exact numbers, one outcome for each, no guess where an answer is lost",
    "reading": "what the channel shows is read back",
    "budgets": "every call is counted, none is above the limit",
    "login": "a person logs in once; tokens are renewed until they are taken back",
    "limits": "what it cannot do is said before anybody joins",
    "shipping": "each parcel is told once, whatever is lost on the way",
    "labeling": "a number that was corrected is there, and the parcel is still one",
    "canceling": "what has not left is canceled, once",
    "refunding": "money goes back once, to the coin",
    "deciding": "a return is accepted or refused, once",
    "returns": "every return comes, and again when it changes",
    "refunds": "money that went back comes once, exact",
    "settlements": "a payout is the sum of its parts",
    "stories": "random days on bad roads end as they should",
}


OF_ORDERS = (paging.scenarios, orders.scenarios, handover.scenarios)
OF_THE_REST = (
    trouble.scenarios,
    webhooks.scenarios,
    subscribing.scenarios,
    discovery.scenarios,
    stock.scenarios,
    comparing.scenarios,
    reading.scenarios,
    budgets.scenarios,
    operations.scenarios,
    login.scenarios,
    writing.scenarios,
    parcels_and_money.scenarios,
    after_sales.scenarios,
    stories.scenarios,
)


async def scenarios_for(subject: Subject, client: httpx.AsyncClient) -> list[Scenario]:
    """Every scenario there is for it, whether it can be tried or not."""
    sample = await _sample(subject, client)
    return [
        *identity.scenarios(),
        *(each for group in OF_ORDERS for each in group()),
        *malformed.scenarios(sample),
        *recordings.scenarios(list(subject.recordings)),
        *(each for group in OF_THE_REST for each in group()),
    ]


def rules_of(capability: Capability) -> list[str]:
    """What certification tries of a capability, each rule once."""
    every = [each for group in (*OF_ORDERS, *OF_THE_REST) for each in group() if capability in each.needs]
    return list(dict.fromkeys(each.says for each in every))


def chosen(scenarios: Sequence[Scenario], only: str, tier: Tier) -> list[Scenario]:
    """Those of this tier and below whose name fits `only` ("paging", "paging/*", "paging/empty-page")."""
    named = [each for each in scenarios if not only or fnmatch(each.name, only) or each.group == only]
    if not named:
        groups = ", ".join(dict.fromkeys(each.group for each in scenarios))
        msg = f"no scenario is named {only!r}: name one, such as paging/empty-page, or a group: {groups}"
        raise InputError(msg, field="only")
    return [each for each in named if each.tier <= tier or each.name == only]


async def _sample(subject: Subject, client: httpx.AsyncClient) -> Sample | None:
    """One order as the channel sends it; None where none can be had, which other scenarios will say."""
    async with AsyncExitStack() as stack:
        try:
            _, found = await samples(Stage(subject, client, stack, "sample"))
        except (HubError, BrokenRuleError, asyncio.CancelledError):
            return None
    return max(found, key=lambda each: len(each.body), default=None)
