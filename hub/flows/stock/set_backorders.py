"""Set backorders: a person says how far SKUs are sold ahead of their stock; orders that lack them take their place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from hub.flows.stock.allocate import fill_short, lock_short
from hub.model.errors import NotFoundError
from hub.model.stock.backorders import AheadKind, Terms, refuse_bad
from hub.store import publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import backorders, skus
from hub.store.stock.backorders import NewTerms


async def set_backorders(tx: Tx, wanted: Mapping[str, Terms], *, actor: str, at: datetime) -> set[UUID]:
    """Set the terms of these SKUs; return the channels to be told.

    A preorder says that there are none yet, so its SKU counts as counted: channels are told of it from then on. What is
    on backorder already stays so, whatever the limit. Raises InputError or NotFoundError before anything is written.
    """
    for sku, terms in wanted.items():
        refuse_bad(sku, terms, at=at)
    await _refuse_missing(tx, list(wanted))
    return await _put(tx, wanted, actor=actor, at=at)


async def _put(tx: Tx, wanted: Mapping[str, Terms], *, actor: str, at: datetime) -> set[UUID]:
    await backorders.begin_terms(tx, list(wanted), at=at)
    short = await lock_short(tx, list(wanted))
    changed = await backorders.put_terms(tx, [_row(sku, terms) for sku, terms in wanted.items()], at=at)
    if changed:
        facts = {"skus": changed[:20], "count": len(changed)}
        await add_events(tx, [Event("backorders set", actor, facts=facts)], at=at)
    ahead = [sku for sku, terms in wanted.items() if terms.kind is AheadKind.PREORDER and terms.limit]
    opened = await publications.open_publications(tx, await skus.note_counted(tx, ahead, at=at), at=at)
    return opened | await fill_short(tx, short, actor=actor, at=at, moved=changed)


async def end_backorders(tx: Tx, wanted: Sequence[str], *, actor: str, at: datetime) -> set[UUID]:
    """Take no new backorders of these SKUs; return the channels to be told. Raises NotFoundError for one with none."""
    there = await backorders.read_ahead(tx, wanted)
    missing = [sku for sku in wanted if sku not in there]
    if missing:
        msg = f"{missing[0]} takes no backorders: see hub backorder list; nothing was changed"
        raise NotFoundError(msg)
    ended = {sku: replace(each.terms, limit=0) for sku, each in there.items()}
    return await _put(tx, ended, actor=actor, at=at)


def _row(sku: str, terms: Terms) -> NewTerms:
    return NewTerms(sku, terms.limit, terms.expected, terms.kind)


async def _refuse_missing(tx: Tx, wanted: Sequence[str]) -> None:
    known = await skus.kinds_of(tx, wanted)
    missing = sorted(set(wanted) - set(known))
    if missing:
        msg = f"there is no SKU {', '.join(missing[:5])}: see hub sku list; nothing was changed"
        raise NotFoundError(msg)
