"""The chain behind the numbers of one SKU, as pages show it: what `hub stock explain` tells, loaded when opened."""

from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from hub.model.stock.explain import Explanation, explain
from hub.model.stock.ladder import telling, written
from hub.store.db import Tx
from hub.store.desk.channels import ChannelName, name_channels
from hub.store.stock.history import grounds_of


class Chain(Struct, frozen=True):
    """`channels` are by slug: a page shows their names and colors."""

    why: Explanation
    channels: dict[str, ChannelName]


async def load_chain(tx: Tx, sku: str, *, at: datetime) -> Chain:
    """Raises NotFoundError."""
    grounds = await grounds_of(tx, sku, at=at)
    names = {each.slug: each for each in await name_channels(tx)}
    return Chain(explain(grounds, at=at), names)


def sku_address(sku: str) -> str:
    """The page of one SKU, to be linked."""
    return f"/stock/{quote(sku, safe='')}"


WORDS = {"telling": telling, "written": written, "page_of": sku_address}
"""What the templates of a chain need beside it."""
