"""Rules: what the retailer says of orders like these, in an order of their own, each edit a version. Pure."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from hub.model.edits.editing import PRIORITY_MAX
from hub.model.errors import InputError
from hub.model.orders.holds import Hold, refuse_bad
from hub.model.review.facts import Facts

NAME_MAX = 60
ACTIONS_MAX = 10
TAG_MAX = 40
TEXT_MAX = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
TAG_FORM = re.compile(r"[a-z0-9][a-z0-9 -]{0,39}")


class Verb(StrEnum):
    """What a rule does with an order. `approve` takes off what checks and earlier rules held, and later rules rest."""

    APPROVE = "approve"
    HOLD = "hold"
    TAG = "tag"
    LOCATION = "location"
    PRIORITY = "priority"
    SHIPPING = "shipping"
    SPLIT = "split"
    NOTIFY = "notify"
    NOTE = "note"


NEEDS: Mapping[Verb, str] = {
    Verb.APPROVE: "",
    Verb.HOLD: "a reason, such as: fraud",
    Verb.TAG: "a tag, such as: gift",
    Verb.LOCATION: "a location, such as: main",
    Verb.PRIORITY: f"a number from 0 to {PRIORITY_MAX}; the lowest is filled first, 100 is usual",
    Verb.SHIPPING: "how it is sent, such as: Express",
    Verb.SPLIT: "SKUs that become an order of their own, such as: SOFA, LAMP; or: backordered",
    Verb.NOTIFY: "what the notifiers are to tell",
    Verb.NOTE: "what stands in the timeline",
}


class Action(Struct, frozen=True):
    verb: Verb
    value: str = ""

    @property
    def says(self) -> str:
        return f"{self.verb}: {self.value}" if self.value else str(self.verb)


class Rule(Struct, frozen=True):
    """`version` counts from 1: each edit is a new one, and decisions name theirs."""

    id: UUID
    name: str
    version: int
    condition: str
    actions: tuple[Action, ...]
    is_on: bool = True


class Condition(Protocol):
    def holds(self, facts: Facts) -> bool:
        """Raises InputError where it fails on these facts."""
        ...


class Ready(Struct, frozen=True):
    """A rule with its condition read."""

    rule: Rule
    when: Condition


def read_action(words: str) -> Action:
    """Read `hold: fraud` as a person types it. Raises InputError."""
    verb, _, value = (part.strip() for part in words.partition(":"))
    if verb not in set(Verb):
        msg = (
            f"there is no action {verb[:40]!r}: {', '.join(Verb)} are what a rule can do, such as hold: fraud"
        )
        raise InputError(msg, field="actions")
    action = Action(Verb(verb), value)
    refuse_bad_action(action)
    return action


def refuse_bad_action(action: Action) -> None:
    """Raises InputError, or WrongStateError for a hold only the hub itself puts. Locations are looked up elsewhere."""
    needs = NEEDS[action.verb]
    if bool(needs) != bool(action.value) or len(action.value) > TEXT_MAX or "\0" in action.value:
        msg = f"the action {action.verb!r} needs {needs or 'nothing after it'}, at most {TEXT_MAX} characters"
        raise InputError(msg, field="actions")
    if action.verb is Verb.HOLD:
        refuse_bad([Hold(0, action.value)])
    if action.verb is Verb.TAG and not TAG_FORM.fullmatch(action.value):
        msg = f"the tag {action.value[:20]!r} cannot be: small letters, digits, spaces, at most {TAG_MAX} characters"
        raise InputError(msg, field="actions")
    if action.verb is Verb.PRIORITY and not (
        re.fullmatch("[0-9]{1,5}", action.value) and int(action.value) <= PRIORITY_MAX
    ):
        msg = f"the priority {action.value[:20]!r} cannot be: {needs}"
        raise InputError(msg, field="actions")


def refuse_bad_rule(name: str, actions: Sequence[Action]) -> None:
    """Raises InputError."""
    if not _NAME.fullmatch(name):
        msg = (
            f"the name {name[:20]!r} cannot be: small letters, digits, hyphens, at most {NAME_MAX} characters"
        )
        raise InputError(msg, field="name")
    if not 1 <= len(actions) <= ACTIONS_MAX:
        msg = f"the rule {name!r} does nothing or too much: give it 1 to {ACTIONS_MAX} actions, such as hold: fraud"
        raise InputError(msg, field="actions")
    for action in actions:
        refuse_bad_action(action)
