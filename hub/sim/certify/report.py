"""What certification found: a verdict for each scenario, the tier they add up to, and how to see each failure again."""

import shlex
from collections import Counter
from typing import Literal

from msgspec import Struct

from hub.sim.certify.flaws import Flaw
from hub.sim.certify.scenario import Tier

Outcome = Literal["kept", "broken", "not tried"]
# What a connector must be able to do for a tier, beyond keeping the rules of what it declares.
NEEDED: dict[Tier, tuple[str, ...]] = {
    Tier.SILVER: ("FetchesOrders", "PushesStock"),
    Tier.GOLD: ("ReceivesWebhooks", "ReadsStock", "ListsListings", "ListsLocations"),
}


class Verdict(Struct, frozen=True):
    """`seen` says what broke the rule, or why it could not be tried."""

    name: str
    tier: Tier
    says: str
    outcome: Outcome
    flaw: Flaw | None
    seen: str
    took_ms: int

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]


class Certificate(Struct, frozen=True, kw_only=True):
    """`partial`: only some scenarios were asked for, so it says nothing of a tier."""

    kind: str
    title: str
    api_version: str
    replay: str
    seed: int
    tried_to: Tier
    partial: bool
    capabilities: list[str]
    verdicts: list[Verdict]
    took_s: float

    @property
    def broken(self) -> list[Verdict]:
        return [each for each in self.verdicts if each.outcome == "broken"]

    @property
    def flaws(self) -> list[Flaw]:
        """Each flaw once, the one that breaks most scenarios first."""
        counted = Counter(each.flaw for each in self.broken if each.flaw)
        return [flaw for flaw, _ in counted.most_common()]

    @property
    def tier(self) -> Tier:
        """The highest tier whose rules, and those below, are all kept; never above what was tried."""
        reached = Tier.NONE
        for tier in (Tier.BRONZE, Tier.SILVER, Tier.GOLD, Tier.PLATINUM):
            if tier > self.tried_to or self.lacks(tier) or any(each.tier == tier for each in self.broken):
                return reached
            reached = tier
        return reached

    def lacks(self, tier: Tier) -> list[str]:
        """The capabilities the tier asks for beyond those there are."""
        return [each for each in NEEDED.get(tier, ()) if each not in self.capabilities]

    def command(self, verdict: Verdict) -> str:
        """The one line that shows this failure again."""
        words = ["hub", "connector", "certify", self.replay, "--seed", str(self.seed), "--only", verdict.name]
        return shlex.join(words)

    def count(self, outcome: Outcome) -> int:
        return sum(each.outcome == outcome for each in self.verdicts)
