"""Set visibility: a person says what channels may see of stock; the listings it touches are told anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from hub.flows.stock.allocate import fill_short, lock_short
from hub.flows.stock.known import refuse_empty_groups, refuse_missing, refuse_stockless, refuse_strange
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.visibility import (
    COUNT_MAX,
    NO_RULE,
    Rule,
    Scope,
    amended,
    refuse_bad,
    refuse_incomplete,
    sentence,
    without,
)
from hub.store import publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.publications import HERE
from hub.store.stock import visibility
from hub.store.stock.visibility import Held, Keep, NewRule, Touched


class Wish(Struct, frozen=True):
    """What the rule of this scope shall say from now on; what `rule` leaves out stays as it was."""

    scope: Scope
    rule: Rule


class Clearing(Struct, frozen=True):
    """The fields this scope shall say no more; none named: the whole rule goes."""

    scope: Scope
    fields: tuple[str, ...] = ()


async def set_rules(tx: Tx, wishes: Sequence[Wish], *, actor: str, at: datetime) -> set[UUID]:
    """Set rules field by field; return the channels to be told.

    Raises InputError or NotFoundError before anything is written.
    """
    for wish in wishes:
        refuse_bad(wish.scope, wish.rule)
    held = await _lock(tx, [wish.scope for wish in wishes])
    await _refuse_unknown(tx, wishes)
    after = {scope: each.rule or NO_RULE for scope, each in held.items()}
    for wish in wishes:
        after[wish.scope] = amended(after[wish.scope], wish.rule)
        refuse_incomplete(wish.scope, after[wish.scope])
    return await _write(tx, held, after, actor=actor, at=at)


async def clear_rules(tx: Tx, clearings: Sequence[Clearing], *, actor: str, at: datetime) -> set[UUID]:
    """Take rules back, whole or by field; return the channels to be told. Raises NotFoundError where there is none."""
    held = await _lock(tx, [each.scope for each in clearings])
    missing = [scope for scope, each in held.items() if each.rule is None]
    if missing:
        msg = f"there is no rule for {missing[0]}: see hub visibility list; nothing was changed"
        raise NotFoundError(msg)
    after = {scope: each.rule or NO_RULE for scope, each in held.items()}
    for clearing in clearings:
        after[clearing.scope] = without(after[clearing.scope], clearing.fields)
    return await _write(tx, held, after, actor=actor, at=at)


async def put_in_group(tx: Tx, members: Sequence[str], group: str, *, actor: str, at: datetime) -> set[UUID]:
    """Put SKUs into the one group they are in; "" takes them out. Returns the channels to be told."""
    await refuse_missing(tx, members)
    moved = await visibility.put_in_group(tx, members, group)
    if moved:
        facts = {"group": group, "skus": moved[:20], "count": len(moved)}
        await add_events(tx, [Event("grouped", actor, facts=facts)], at=at)
    return await publications.mark(tx, moved, at=at, origin=HERE)


async def keep_safety_stock(tx: Tx, keeps: Sequence[Keep], *, actor: str, at: datetime) -> set[UUID]:
    """Keep units back from all channels; what comes free goes to orders that lack it. Returns the channels to be told.

    Promises already made stay, also where they reach into the safety stock.
    """
    latest = {(each.sku, each.location): each for each in keeps}
    _refuse_bad_counts(keeps)
    await refuse_stockless(tx, [each.sku for each in keeps])
    await refuse_strange(tx, [each.location for each in keeps])
    short = await lock_short(tx, [each.sku for each in keeps])
    moved = await visibility.put_safety_stock(tx, list(latest.values()))
    if moved:
        facts = {"skus": moved[:20], "count": len(moved)}
        await add_events(tx, [Event("safety stock set", actor, facts=facts)], at=at)
    return await fill_short(tx, short, actor=actor, at=at, moved=moved, origin=HERE)


async def _lock(tx: Tx, scopes: Sequence[Scope]) -> dict[Scope, Held]:
    held = await visibility.lock_rules(tx, scopes)
    lost = next((each.scope for each in held if each.lost), None)
    if lost is not None:
        look = f"hub listing list {lost.channel}" if lost.listing else "hub channel list"
        msg = f"there is no {lost if lost.listing else f'channel {lost.channel}'}: see {look}; nothing was changed"
        raise NotFoundError(msg)
    return {each.scope: each for each in held}


async def _write(
    tx: Tx, held: Mapping[Scope, Held], after: Mapping[Scope, Rule], *, actor: str, at: datetime
) -> set[UUID]:
    changed = {scope: rule for scope, rule in after.items() if rule != (held[scope].rule or NO_RULE)}
    gone = [each.id for scope, each in held.items() if changed.get(scope) == NO_RULE and each.id]
    kept = [_row(held[scope], rule) for scope, rule in changed.items() if rule != NO_RULE]
    await visibility.drop_rules(tx, gone)
    await visibility.put_rules(tx, kept, at=at)
    if changed:
        says = [sentence(scope, rule) for scope, rule in changed.items()][:20]
        await add_events(
            tx, [Event("visibility set", actor, facts={"says": says, "count": len(changed)})], at=at
        )
    touched = [_touched(held[scope], rule) for scope, rule in changed.items()]
    return await publications.mark_listings(
        tx, await visibility.touched_listings(tx, touched), at=at, origin=HERE
    )


def _row(held: Held, rule: Rule) -> NewRule:
    return NewRule(uuid7(), held.channel_id, held.scope.group, held.listing_id, **asdict(rule))


def _touched(held: Held, rule: Rule) -> Touched:
    """What is allotted to one channel, and from where, is what the others see less of."""
    before = held.rule or NO_RULE
    widely = (before.allotment, before.locations) != (rule.allotment, rule.locations)
    return Touched(held.channel_id, held.scope.group, held.listing_id, widely)


async def _refuse_unknown(tx: Tx, wishes: Sequence[Wish]) -> None:
    await refuse_strange(tx, [code for wish in wishes for code in wish.rule.locations or ()])
    await refuse_empty_groups(tx, [wish.scope.group or "" for wish in wishes])


def _refuse_bad_counts(keeps: Sequence[Keep]) -> None:
    for each in keeps:
        if not 0 <= each.units <= COUNT_MAX:
            msg = f"the safety stock of {each.sku} is {each.units}: it must be from 0 to {COUNT_MAX}"
            raise InputError(msg, field="units")
