"""Keep drafts: what a clerk types is kept sealed as it is typed, and its stock is reserved at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.reserve import release, reserve
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.stock.backorders import Backordered
from hub.model.stock.nearness import Destination
from hub.model.stock.reserving import Ask, Basket
from hub.model.stock.sourcing import Sourcing
from hub.store import drafts
from hub.store.db import Tx
from hub.store.drafts import SealedDraft
from hub.store.stock import listings, policies

KEPT_MAX = timedelta(days=7)  # a promise that holds stock for longer than that is an order
FORGOTTEN_AFTER = timedelta(days=30)
ID_LENGTH_MAX = 200
DRAFT_BYTES_MAX = 200_000


class TypedLine(Struct, frozen=True):
    """A line that takes stock: one of our SKUs."""

    sku: str
    quantity: int


class Typed(Struct, frozen=True):
    """One draft: its command id, all that was typed, the lines that take stock, its channel, and where it goes."""

    id: str
    plain: bytes
    lines: Sequence[TypedLine] = ()
    place: str | None = None
    keep_s: int = 900
    channel: str = ""
    to: Destination | None = None


class KeptDrafts(Struct, frozen=True):
    """What is lacking, or late, by draft and position of the line, until when the rest is reserved, and whom to tell.

    `accepted` are those that had become an order meanwhile: they are orders, and nothing was kept.
    """

    short: Mapping[tuple[str, int], int] = {}
    late: Mapping[tuple[str, int], Backordered] = {}
    until: Mapping[str, datetime] = {}
    touched: set[UUID] = set()
    accepted: Mapping[str, int] = {}


async def keep_drafts(
    tx: Tx, vault: Vault, typed: Sequence[Typed], *, channel_ids: Sequence[UUID], actor: str, at: datetime
) -> KeptDrafts:
    """Keep drafts as they stand and reserve what they ask for; the time begins anew with every change.

    `channel_ids` are the channels on which drafts become orders. Raises InputError for a draft that cannot be kept.
    """
    for each in typed:
        _refuse_bad(each)
    ids = [each.id for each in typed]
    assert len(ids) == len(set(ids))
    await drafts.lock_drafts(tx, ids)
    accepted = await drafts.accepted_as(tx, channel_ids, ids)
    still = [each for each in typed if each.id not in accepted]
    if not still:
        return KeptDrafts(accepted=accepted)
    sealed = [SealedDraft(each.id, vault.seal(each.plain, _aad(each.id)), actor) for each in still]
    await drafts.save_drafts(tx, sealed, at=at)
    until = {each.id: at + timedelta(seconds=each.keep_s) for each in still}
    reserved = await reserve(tx, await _baskets(tx, still, until), at=at)
    return KeptDrafts(reserved.short, reserved.late, until, reserved.touched, accepted)


async def _baskets(tx: Tx, typed: Sequence[Typed], until: Mapping[str, datetime]) -> list[Basket]:
    """What is typed asks for the same parts as the order it becomes; a SKU the hub does not know asks for none."""
    said = await policies.all_policies(tx)
    matches = await listings.own_skus(tx, [line.sku for each in typed for line in each.lines])
    return [
        Basket(
            each.id,
            [
                Ask(match.parts if (match := matches.find("", line.sku)) else {}, line.quantity, line.sku)
                for line in each.lines
            ],
            until[each.id],
            each.place,
            Sourcing(said.of(each.channel), each.channel, each.to),
        )
        for each in typed
    ]


async def drop_drafts(tx: Tx, ids: Sequence[str], *, at: datetime) -> set[UUID]:
    """Forget drafts and give back what was reserved for them; return the channels to be told."""
    await drafts.lock_drafts(tx, ids)
    touched = await release(tx, ids, at=at)
    await drafts.remove_drafts(tx, ids)
    return touched


async def forget_drafts(tx: Tx, *, at: datetime) -> None:
    await drafts.forget_drafts(tx, saved_before=at - FORGOTTEN_AFTER)


def open_draft(vault: Vault, draft_id: str, sealed: bytes) -> bytes:
    """Raises InputError where no key of this hub opens it."""
    return vault.open(sealed, _aad(draft_id))


def _aad(draft_id: str) -> bytes:
    return b"draft " + draft_id.encode()


def _refuse_bad(typed: Typed) -> None:
    if not 1 <= len(typed.id) <= ID_LENGTH_MAX or "\0" in typed.id:
        msg = f"a draft needs an id of its own with at most {ID_LENGTH_MAX} characters, such as a UUID"
        raise InputError(msg, field="id")
    if len(typed.plain) > DRAFT_BYTES_MAX:
        msg = f"the draft has {len(typed.plain)} bytes: at most {DRAFT_BYTES_MAX} are kept; leave lines out"
        raise InputError(msg, field="lines")
    if not 0 < typed.keep_s <= KEPT_MAX.total_seconds():
        msg = f"stock is reserved for at most {KEPT_MAX.days} days: take the order, or choose a shorter time"
        raise InputError(msg, field="keep")
