"""Make SKUs of listings that are none of ours yet: only ever by a person's word, one wish for each (C57)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from hub.flows.stock.match_lines import match_listings
from hub.model.errors import InputError, WrongStateError
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import matching
from hub.store.stock.listings import Chosen
from hub.store.stock.matching import Made, NewSku

SKU_LENGTH_MAX, NAME_LENGTH_MAX = 200, 500


async def make_skus(tx: Tx, wishes: Sequence[NewSku], *, actor: str, at: datetime) -> set[UUID]:
    """Add the SKUs and match their listings; orders that waited go on. Returns the channels to be told.

    Raises InputError or WrongStateError; then nothing was made.
    """
    for wish in wishes:
        _refuse_bad(wish)
    made = await matching.make_skus(tx, wishes, at=at)
    lost = sorted({wish.sku for wish in wishes} - {each.sku for each in made})
    if lost:
        msg = f"there is a SKU {', '.join(lost[:5])} already, or the listing has its SKU by now: match it instead"
        raise WrongStateError(msg)
    await add_events(tx, [Event("skus made", actor, facts=_facts(made))], at=at)
    touched: set[UUID] = set()
    for channel_id, of_channel in groupby(made, key=lambda each: each.channel_id):
        chosen = [Chosen(each.channel_listing_id, each.sku, each.units) for each in of_channel]
        touched |= await match_listings(tx, channel_id, chosen, actor=actor, at=at)
    return touched


def _facts(made: Sequence[Made]) -> dict[str, object]:
    return {"count": len(made), "skus": [each.sku for each in made[:20]]}


def _refuse_bad(wish: NewSku) -> None:
    if not wish.sku.strip() or len(wish.sku) > SKU_LENGTH_MAX:
        msg = f"a SKU has 1 to {SKU_LENGTH_MAX} characters: name it as you name your own"
        raise InputError(msg, field="sku")
    if not wish.name.strip() or len(wish.name) > NAME_LENGTH_MAX:
        msg = f"the SKU {wish.sku} needs a name of 1 to {NAME_LENGTH_MAX} characters"
        raise InputError(msg, field="name")
