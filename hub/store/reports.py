"""Read models that count: what a summary shows of each channel."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.freshness import TO_TELL
from hub.store.publications import FREE, SHOWN


class ChannelSummary(Struct, frozen=True):
    """`last_minute`: orders taken in each of its twelve five-second slices, the oldest first.

    `to_tell` listings have a change the channel has not confirmed; the longest has waited `oldest_wait_s`.
    """

    slug: str
    name: str
    orders: int
    last_minute: list[int]
    held: int
    listings: int
    to_tell: int
    oldest_wait_s: float | None


_SUMMARIES = text(f"""
SELECT c.slug, c.name, coalesce(o.orders, 0),
       (SELECT array_agg(coalesce(b.orders, 0) ORDER BY slice DESC) FROM generate_series(0, 11) slice
        LEFT JOIN (SELECT floor(extract(epoch FROM :at - taken_at) / 5)::int AS slice, count(*) AS orders FROM orders
                   WHERE channel_id = c.id AND taken_at > :at - interval '1 minute' GROUP BY 1) b USING (slice)),
       coalesce(o.held, 0), coalesce(p.listings, 0), coalesce(p.to_tell, 0),
       extract(epoch FROM :at - p.oldest)::float
FROM channels c
LEFT JOIN (SELECT channel_id, count(*) AS orders, count(*) FILTER (WHERE holds <> '{{}}') AS held
           FROM orders GROUP BY channel_id) o ON o.channel_id = c.id
LEFT JOIN (SELECT channel_id, count(*) AS listings,
                  count(*) FILTER (WHERE {TO_TELL}) AS to_tell,
                  min(dirty_since) FILTER (WHERE {TO_TELL}) AS oldest
           FROM publications p GROUP BY channel_id) p ON p.channel_id = c.id
ORDER BY c.created_at""")  # noqa: S608 -- constants only


async def channel_summaries(tx: Tx, *, at: datetime) -> list[ChannelSummary]:
    return [ChannelSummary(*row) for row in await tx.execute(_SUMMARIES, {"at": at})]


_ORDERS_OF = text("""
SELECT o.channel_order_id FROM orders o JOIN channels c ON c.id = o.channel_id WHERE c.slug = :slug ORDER BY 1""")
_COMPUTED = text(f"""
SELECT c.slug, l.channel_sku, {SHOWN} AS units
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = l.channel_id {FREE}
WHERE p.stopped_at IS NULL ORDER BY 1, 2""")  # noqa: S608 -- constants only


async def orders_of(tx: Tx, slug: str) -> list[str]:
    """The channel's own ids of all its orders that are here."""
    return [row.channel_order_id for row in await tx.execute(_ORDERS_OF, {"slug": slug})]


async def computed_numbers(tx: Tx) -> dict[tuple[str, str], int]:
    """What each published listing should show now, by the channel's slug and its SKU there."""
    return {(row.slug, row.channel_sku): row.units for row in await tx.execute(_COMPUTED)}
