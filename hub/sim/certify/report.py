"""What certification found: a verdict for each scenario, the tier they add up to, and how to see each failure again."""

import shlex
from collections import Counter
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from hub.sim.certify.flaws import Flaw
from hub.sim.certify.scenario import Tier
from hub.spec import Capability

Outcome = Literal["kept", "broken", "not tried"]
TIERS = (Tier.BRONZE, Tier.SILVER, Tier.GOLD, Tier.PLATINUM)
# What a connector must be able to do for a tier, beyond keeping the rules of what it declares.
NEEDED: Mapping[Tier, tuple[Capability, ...]] = {
    Tier.SILVER: (Capability.FETCH_ORDERS, Capability.PUSH_STOCK),
    Tier.GOLD: (
        Capability.RECEIVE_WEBHOOKS,
        Capability.LIST_LISTINGS,
        Capability.LIST_LOCATIONS,
        Capability.READ_STOCK,
        Capability.PUSH_FULFILLMENT,
        Capability.PUSH_CANCEL,
        Capability.PUSH_REFUND,
        Capability.KNOWN_LIMITS,
    ),
}
UNDECLARED = "the connector does not declare"
AN_ORDER = "an order to look at: a simulator, or a folder of recordings"


class Verdict(Struct, frozen=True):
    """`seen` says what broke the rule, why it could not be tried, or what to look at although it is kept."""

    name: str
    tier: Tier
    says: str
    outcome: Outcome
    flaw: Flaw | None = None
    seen: str = ""
    took_ms: int = 0

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]


class Group(Struct, frozen=True):
    """The verdicts of one group, counted."""

    name: str
    kept: int
    broken: int
    not_tried: int


class Certificate(Struct, frozen=True, kw_only=True):
    """`partial`: only some scenarios were asked for, so it says nothing of a tier."""

    kind: str
    title: str
    api_version: str
    replay: str
    seed: int
    tried_to: Tier
    partial: bool
    capabilities: list[Capability]
    verdicts: list[Verdict]
    took_s: float

    @property
    def tier(self) -> Tier:
        """The highest tier whose rules, and those below, are all kept; never above what was tried."""
        reached = Tier.NONE
        for tier in TIERS:
            if self.partial or tier > self.tried_to or self.lacks(tier) or self.breaks(tier):
                break
            reached = tier
        return reached

    def reaches(self, tier: Tier) -> bool:
        """Whether it is what was asked for; of single scenarios, whether all were kept."""
        return not self.broken if self.partial else self.tier >= tier

    def lacks(self, tier: Tier) -> list[str]:
        """What the tier asks for and is not there, in words."""
        if tier is Tier.BRONZE:
            looked_at = any(each.name.startswith("malformed/field-") for each in self.verdicts)
            return [] if looked_at else [AN_ORDER]
        return [each for each in NEEDED.get(tier, ()) if each not in self.capabilities]

    def breaks(self, tier: Tier) -> bool:
        return any(each.tier == tier for each in self.broken)

    @property
    def broken(self) -> list[Verdict]:
        return [each for each in self.verdicts if each.outcome == "broken"]

    @property
    def remarks(self) -> list[Verdict]:
        """What is kept and has something that its author should look at."""
        return [each for each in self.verdicts if each.outcome == "kept" and each.seen]

    @property
    def untried(self) -> list[tuple[str, int]]:
        """Why scenarios were not tried, and how many each reason kept back; what is not declared is one reason."""
        reasons = [each.seen for each in self.verdicts if each.outcome == "not tried"]
        return Counter(
            f"{UNDECLARED} what they need" if UNDECLARED in each else each for each in reasons
        ).most_common()

    @property
    def flaws(self) -> dict[Flaw, list[Verdict]]:
        """Each flaw with the scenarios it breaks; the one that breaks most comes first."""
        counted = Counter(each.flaw for each in self.broken if each.flaw)
        return {
            flaw: [each for each in self.broken if each.flaw == flaw] for flaw, _ in counted.most_common()
        }

    @property
    def groups(self) -> list[Group]:
        names = dict.fromkeys(each.group for each in self.verdicts)
        return [self._group(name) for name in names]

    def command(self, verdict: Verdict) -> str:
        """The one line that shows this failure again."""
        return f"hub connector certify {self.replay} --seed {self.seed} --only {shlex.quote(verdict.name)}"

    def count(self, outcome: Outcome) -> int:
        return sum(each.outcome == outcome for each in self.verdicts)

    def _group(self, name: str) -> Group:
        outcomes = Counter(each.outcome for each in self.verdicts if each.group == name)
        return Group(name, outcomes["kept"], outcomes["broken"], outcomes["not tried"])
