"""Write rules: each edit is a new version, checked before it is kept; what was decided keeps the version it had."""

from collections.abc import Sequence
from datetime import datetime

from hub.kit.expressions import read_expression
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.review.facts import Facts
from hub.model.review.rules import Action, Ready, Rule, Verb, refuse_bad_rule
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.review import rules
from hub.store.review.rules import KeptRule
from hub.store.stock.locations import all_locations

RULES_MAX = 100


async def write_rule(
    tx: Tx, name: str, condition: str, actions: Sequence[Action], *, actor: str, at: datetime
) -> Rule:
    """Keep a rule under this name: its first version, asked last, or a new version where it is.

    The same words again are no new version. Raises InputError naming the field, or WrongStateError.
    """
    await check_rule(tx, name, condition, actions)
    await rules.lock_rules(tx)
    known = {each.rule.name: each.rule for each in await rules.all_rules(tx)}
    was = known.get(name)
    if was is None and len(known) >= RULES_MAX:
        msg = f"there are {len(known)} rules: {RULES_MAX} are the most; drop one that is not needed"
        raise InputError(msg, field="name")
    if was is not None and (was.condition, was.actions) == (condition, tuple(actions)):
        return was
    rule = Rule(was.id if was else uuid7(), name, was.version + 1 if was else 1, condition, tuple(actions))
    await rules.write_rule(tx, rule, actor=actor, at=at)
    facts = {"rule": name, "version": rule.version}
    await add_events(tx, [Event("rule written", actor, facts=facts)], at=at)
    return rule


async def check_rule(tx: Tx, name: str, condition: str, actions: Sequence[Action]) -> Ready:
    """Return the rule, ready to be tried. Raises InputError naming the field, or WrongStateError."""
    refuse_bad_rule(name, actions)
    when = read_expression(condition, Facts)
    named = {action.value for action in actions if action.verb is Verb.LOCATION}
    strange = sorted(named - {each.code for each in await all_locations(tx)}) if named else []
    if strange:
        msg = f"there is no location {strange[0]!r}: see hub location list"
        raise InputError(msg, field="actions")
    return Ready(Rule(uuid7(), name, 0, condition, tuple(actions)), when)


async def switch_rule(tx: Tx, name: str, *, is_on: bool, actor: str, at: datetime) -> None:
    """Raises NotFoundError."""
    kept = await find_rule(tx, name)
    await rules.switch(tx, kept.rule.id, is_on=is_on)
    await add_events(tx, [Event("rule on" if is_on else "rule off", actor, facts={"rule": name})], at=at)


async def drop_rule(tx: Tx, name: str, *, actor: str, at: datetime) -> None:
    """It decides nothing any more; what it has decided stands, with its version. Raises NotFoundError."""
    kept = await find_rule(tx, name)
    await rules.drop(tx, kept.rule.id, at=at)
    await add_events(tx, [Event("rule dropped", actor, facts={"rule": name})], at=at)


async def arrange_rules(tx: Tx, names: Sequence[str], *, actor: str, at: datetime) -> None:
    """Ask these rules first, in this order, and all others after them as they were. Raises NotFoundError."""
    await rules.lock_rules(tx)
    known = {each.rule.name: each.rule.id for each in await rules.all_rules(tx)}
    strange = [name for name in names if name not in known]
    if strange:
        raise NotFoundError(_no_rule(strange[0]))
    order = list(dict.fromkeys([*names, *known]))
    await rules.arrange(tx, {known[name]: position for position, name in enumerate(order, 1)})
    await add_events(tx, [Event("rules arranged", actor, facts={"rules": order[:20]})], at=at)


async def find_rule(tx: Tx, name: str) -> KeptRule:
    """Raises NotFoundError."""
    found = next((each for each in await rules.all_rules(tx) if each.rule.name == name), None)
    if found is None:
        raise NotFoundError(_no_rule(name))
    return found


def _no_rule(name: str) -> str:
    return f"there is no rule {name!r}: see hub rule list"
