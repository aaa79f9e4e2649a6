"""What a channel told of its orders, to whoever marks: it may have moved its own numbers with them."""

from collections.abc import Sequence
from uuid import UUID

from hub.flows.orders.order_rows import Draft
from hub.flows.stock.match_lines import items_of
from hub.store.publications import Origin


def origin_of(channel_id: UUID, drafts: Sequence[Draft], *, counts_down: bool) -> Origin:
    """`counts_down`: it has counted down only now what was sold; what is read again it has long ago."""
    lines = items_of([draft.order for draft in drafts]) if counts_down else []
    sold = [line.channel_listing_id for line in lines if line.channel_listing_id]
    heard = {sku for draft in drafts for line in draft.lines for sku in line.parts}
    return Origin(channel_id, sold, sorted(heard))


def put_back(drafts: Sequence[Draft]) -> list[str]:
    """What a channel may have put back on its own shelf, canceling: also what had left, or was canceled here first."""
    ended = [
        draft.held
        for draft in drafts
        if draft.channel_canceled and draft.held and not draft.held.channel_canceled
    ]
    return [sku for held in ended for line in held.lines for sku in line.parts]
