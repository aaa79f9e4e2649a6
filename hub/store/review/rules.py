"""Rules and their versions. The newest version of a rule is the one that decides; all of them stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.review.checks import Setting
from hub.model.review.rules import Action, Rule
from hub.store.db import Tx, page
from hub.store.review.checks import settled

_NEWEST = """rules r JOIN LATERAL (
  SELECT version, condition, actions, actor, at FROM rule_versions WHERE rule_id = r.id ORDER BY version DESC LIMIT 1) v
  ON true WHERE r.dropped_at IS NULL"""
_CURRENT = text(f"""
SELECT (SELECT jsonb_agg(jsonb_build_array("check", does, CAST(figure AS text))) FROM review_checks) AS checks,
  (SELECT jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'version', v.version, 'condition', v.condition,
     'actions', v.actions) ORDER BY r.position, r.name) FROM {_NEWEST} AND r.is_on) AS rules""")  # noqa: S608 -- constants only


async def read_current(tx: Tx) -> tuple[list[Setting], list[Rule]]:
    """How the checks are set, and the rules that are on, in their order."""
    row = (await tx.execute(_CURRENT)).one()
    return settled(row.checks or []), msgspec.convert(row.rules or [], list[Rule])


class KeptRule(Struct, frozen=True):
    """A rule in its newest version; `at` and `actor` say when it was written, and by whom."""

    rule: Rule
    position: int
    actor: str
    at: datetime


_ALL = text(f"""
SELECT r.id, r.name, r.position, r.is_on, v.version, v.condition, v.actions, v.actor, v.at FROM {_NEWEST}
ORDER BY r.position, r.name""")  # noqa: S608 -- constants only


async def all_rules(tx: Tx) -> list[KeptRule]:
    """In the order in which they are asked."""
    return [_kept(row) for row in await tx.execute(_ALL)]


def _kept(row: Any) -> KeptRule:
    actions = tuple(msgspec.convert(row.actions, list[Action]))
    rule = Rule(row.id, row.name, row.version, row.condition, actions, row.is_on)
    return KeptRule(rule, row.position, row.actor, row.at)


class Version(Struct, frozen=True):
    version: int
    condition: str
    actions: list[Action]
    actor: str
    at: datetime


_VERSIONS = text("""
SELECT version, condition, actions, actor, at FROM rule_versions WHERE rule_id = :rule_id ORDER BY version DESC""")


async def versions_of(tx: Tx, rule_id: UUID) -> list[Version]:
    """The newest first."""
    rows = await tx.execute(_VERSIONS, {"rule_id": rule_id})
    return [msgspec.convert(dict(row), Version) for row in rows.mappings()]


_LOCK = text("LOCK TABLE rules IN SHARE ROW EXCLUSIVE MODE")
_ADD = text("""
INSERT INTO rules (id, name, position)
SELECT :id, :name, coalesce(max(position), 0) + 1 FROM rules WHERE dropped_at IS NULL""")
_WRITE = text("""
INSERT INTO rule_versions (rule_id, version, condition, actions, actor, at)
VALUES (:id, :version, :condition, CAST(:actions AS jsonb), :actor, :at)""")


async def lock_rules(tx: Tx) -> None:
    """One person writes at a time; orders are reviewed meanwhile by what is there."""
    await tx.execute(_LOCK)


async def write_rule(tx: Tx, rule: Rule, *, actor: str, at: datetime) -> None:
    """Keep a version; the first one makes the rule, last in the order."""
    if rule.version == 1:
        await tx.execute(_ADD, {"id": rule.id, "name": rule.name})
    given = {
        "id": rule.id,
        "version": rule.version,
        "condition": rule.condition,
        "actions": page(rule.actions),
    }
    await tx.execute(_WRITE, {**given, "actor": actor, "at": at})


_ARRANGE = text("""
UPDATE rules r SET position = x.position FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, position int)
WHERE r.id = x.id""")
_SWITCH = text("UPDATE rules SET is_on = :is_on WHERE id = :id")
_DROP = text("UPDATE rules SET dropped_at = :at WHERE id = :id")


async def arrange(tx: Tx, positions: Mapping[UUID, int]) -> None:
    rows: Sequence[object] = [
        {"id": rule_id, "position": position} for rule_id, position in positions.items()
    ]
    await tx.execute(_ARRANGE, {"page": page(rows)})


async def switch(tx: Tx, rule_id: UUID, *, is_on: bool) -> None:
    await tx.execute(_SWITCH, {"id": rule_id, "is_on": is_on})


async def drop(tx: Tx, rule_id: UUID, *, at: datetime) -> None:
    await tx.execute(_DROP, {"id": rule_id, "at": at})
