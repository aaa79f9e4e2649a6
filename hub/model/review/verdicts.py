"""A verdict: what checks and rules together say to one order. Pure."""

from msgspec import Struct

from hub.model.orders.holds import TEXT_MAX
from hub.model.review.checks import Finding, Setting, find
from hub.model.review.facts import Facts


class Review(Struct, frozen=True):
    """How orders are reviewed."""

    settings: tuple[Setting, ...] = ()

    @property
    def looks(self) -> bool:
        return any(each.does != "off" for each in self.settings)


NO_REVIEW = Review()


class Verdict(Struct, frozen=True):
    """What was found in an order."""

    findings: tuple[Finding, ...] = ()

    @property
    def holds(self) -> set[str]:
        return {each.hold for each in self.findings if each.hold}

    @property
    def notes(self) -> dict[str, str]:
        """Why it waits, by hold."""
        return {
            hold: "; ".join(each.says for each in self.findings if each.hold == hold)[:TEXT_MAX]
            for hold in self.holds
        }

    @property
    def says(self) -> dict[str, object]:
        """The facts of its event; empty where there is nothing to tell."""
        return {"findings": list(self.findings)} if self.findings else {}


def judge(facts: Facts, review: Review) -> Verdict:
    return Verdict(tuple(find(facts, review.settings)))
