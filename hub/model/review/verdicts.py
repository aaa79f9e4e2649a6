"""A verdict: what checks and rules together say to one order. Pure."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.orders.holds import TEXT_MAX
from hub.model.review.checks import Finding, Setting, find
from hub.model.review.facts import Facts
from hub.model.review.parting import Parting, part
from hub.model.review.rules import Action, Ready, Rule, Verb

NOT_OURS = (
    "it splits only orders that are typed here: a shop goes on talking about the one order it knows,"
    " and its goods leave in several parcels all the same; add: channel.typed_here"
)
LINES_MAX = 500  # an order with more is looked at by no rule: each could look at each line


class Review(Struct, frozen=True):
    """How orders are reviewed: the checks first, then the rules, in their order."""

    settings: tuple[Setting, ...] = ()
    rules: tuple[Ready, ...] = ()
    unread: tuple[Rule, ...] = ()  # rules that this version of the hub cannot read any more

    @property
    def looks(self) -> bool:
        return any(each.does != "off" for each in self.settings) or bool(self.rules or self.unread)


NO_REVIEW = Review()
_SETTLED = {
    Verb.APPROVE,
    Verb.HOLD,
    Verb.LOCATION,
    Verb.PRIORITY,
    Verb.SHIPPING,
    Verb.SPLIT,
}  # seen by what they lead to


class Decision(Struct, frozen=True):
    """What a version of a rule decided."""

    rule: str
    version: int
    actions: tuple[Action, ...]


class Failure(Struct, frozen=True):
    """A version of a rule that could not be evaluated: the order goes on as if it did not exist."""

    rule: str
    version: int
    why: str


class Verdict(Struct, frozen=True):
    """What was found in an order, what was decided, and what of it is split off; nothing of one that is held."""

    findings: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    failures: tuple[Failure, ...] = ()
    split: Parting | None = None

    @property
    def notes(self) -> dict[str, str]:
        """Why it waits, by hold."""
        said: dict[str, list[str]] = {}
        for each in self.findings:
            if each.hold:
                said.setdefault(each.hold, []).append(each.says)
        for decision in self.decisions:
            for action in decision.actions:
                if action.verb is Verb.APPROVE:
                    said.clear()
                elif action.verb is Verb.HOLD:
                    said.setdefault(action.value, []).append(f"rule {decision.rule}")
        return {hold: "; ".join(words)[:TEXT_MAX] for hold, words in said.items()}

    @property
    def holds(self) -> set[str]:
        return {*self.notes}

    @property
    def tags(self) -> list[str]:
        return sorted({*self._values(Verb.TAG)})

    @property
    def location(self) -> str | None:
        """The last rule to say so decides."""
        return next(reversed(self._values(Verb.LOCATION)), None)

    @property
    def priority(self) -> int | None:
        said = next(reversed(self._values(Verb.PRIORITY)), None)
        return None if said is None else int(said)

    @property
    def shipping_method(self) -> str | None:
        return next(reversed(self._values(Verb.SHIPPING)), None)

    def _values(self, verb: Verb) -> list[str]:
        return [action.value for each in self.decisions for action in each.actions if action.verb is verb]

    @property
    def outcome(self) -> list[str]:
        """What becomes of the order, in words that can be compared."""
        said = {f"{Verb.HOLD}: {hold}" for hold in self.holds}
        for decision in self.decisions:
            said |= {action.says for action in decision.actions if action.verb not in _SETTLED}
        if self.location is not None:
            said.add(f"{Verb.LOCATION}: {self.location}")
        if self.shipping_method is not None:
            said.add(f"{Verb.SHIPPING}: {self.shipping_method}")
        if self.priority is not None:
            said.add(f"{Verb.PRIORITY}: {self.priority}")
        if self.split is not None and self.split.units:
            said.add(f"{Verb.SPLIT}: {self.split.words}")
        return sorted(said)

    @property
    def says(self) -> dict[str, object]:
        """The facts of its event; empty where there is nothing to tell."""
        parts = {"findings": self.findings, "decisions": self.decisions, "failures": self.failures}
        return {name: list(part) for name, part in parts.items() if part}


def judge(facts: Facts, review: Review) -> Verdict:
    findings = tuple(find(facts, review.settings))
    facts = replace(facts, findings=tuple(dict.fromkeys(str(each.check) for each in findings)))
    failures = [
        Failure(each.name, each.version, "its condition cannot be read any more") for each in review.unread
    ]
    decisions: list[Decision] = []
    for each in review.rules:
        said = _decide(facts, each)
        if isinstance(said, Failure):
            failures.append(said)
        elif said is not None:
            decisions.append(said)
            if splits(said.actions) and not facts.channel.typed_here:
                failures.append(Failure(said.rule, said.version, NOT_OURS))
            if approves(said.actions):
                break
    verdict = Verdict(findings, tuple(decisions), tuple(failures))
    whole = bool(verdict.holds) or not facts.channel.typed_here
    return verdict if whole else replace(verdict, split=_split(facts, decisions))


def _split(facts: Facts, decisions: Sequence[Decision]) -> Parting | None:
    """What the last rule to say so splits off."""
    said = [
        (each.rule, action.value)
        for each in decisions
        for action in each.actions
        if action.verb is Verb.SPLIT
    ]
    return part(facts.lines, *said[-1]) if said else None


def splits(actions: Sequence[Action]) -> bool:
    return any(action.verb is Verb.SPLIT for action in actions)


def approves(actions: Sequence[Action]) -> bool:
    return any(action.verb is Verb.APPROVE for action in actions)


def _decide(facts: Facts, ready: Ready) -> Decision | Failure | None:
    rule = ready.rule
    if len(facts.lines) > LINES_MAX:
        return Failure(rule.name, rule.version, f"the order has more than {LINES_MAX} lines")
    try:
        return Decision(rule.name, rule.version, rule.actions) if ready.when.holds(facts) else None
    except InputError as error:
        return Failure(rule.name, rule.version, str(error))
