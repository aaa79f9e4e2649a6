"""Rules of listings: what channels confirmed is what was sent, and what the hub computes."""

from hub.store.checks.check import Check
from hub.store.freshness import TO_TELL
from hub.store.publications import FREE, SHOWN
from hub.store.stock.skus import COUNTED

_VERSIONS = Check(
    "no channel confirmed what was never sent",
    "L9",
    "SELECT count(*) AS publications FROM publications",
    """
SELECT c.slug AS channel, l.channel_listing_id AS listing, p.version, p.sent_version, p.confirmed_version
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id
WHERE p.confirmed_version > p.version OR p.sent_version > p.version OR p.confirmed_version > p.sent_version
ORDER BY 1, 2""",
)

_PUBLISHED = Check(
    "every matched listing of a counted SKU is published",
    "L9",
    f'SELECT count(*) AS "matched listings" FROM listings JOIN skus s USING (sku) WHERE {COUNTED}',  # noqa: S608
    f"""
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku FROM listings l JOIN channels c ON c.id = l.channel_id
JOIN skus s ON s.sku = l.sku
WHERE {COUNTED} AND l.gone_at IS NULL AND c.state <> 'closed'
  AND NOT EXISTS (SELECT FROM publications p WHERE p.listing_id = l.id) ORDER BY 1, 2""",  # noqa: S608
)

_SHOWN = Check(
    "what a channel confirmed is what the hub computes now",
    "L9",
    'SELECT count(*) AS "confirmed publications" FROM publications WHERE confirmed_version = version',
    f"""
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku, p.confirmed_quantity AS confirmed,
       {SHOWN} AS computed
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id {FREE}
WHERE p.confirmed_version = p.version AND p.stopped_at IS NULL AND l.sku IS NOT NULL
  AND p.confirmed_quantity IS DISTINCT FROM {SHOWN}
ORDER BY 1, 2""",  # noqa: S608 -- constants only
)

_STOPPED = Check(
    "nothing is told of what is gone, unmatched or uncounted, nor on a closed channel",
    "L9",
    "SELECT count(*) AS publications FROM publications",
    f"""
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku, l.gone_at, p.stopped_at
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id
LEFT JOIN skus s ON s.sku = l.sku
WHERE (l.gone_at IS NULL AND c.state <> 'closed' AND s.sku IS NOT NULL AND {COUNTED}) = (p.stopped_at IS NOT NULL)
ORDER BY 1, 2""",  # noqa: S608
)

STOCK_LATE = Check(
    "every channel has been told what is left",
    "L10",
    f'SELECT count(*) AS "publications to push" FROM publications p WHERE {TO_TELL}',  # noqa: S608
    f"""
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku, p.dirty_since, p.attempts,
       coalesce(nullif(p.problem, ''), c.problem) AS problem
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id
WHERE {TO_TELL} AND p.dirty_since < :late_before ORDER BY p.dirty_since""",  # noqa: S608 -- constants only
    only_late=True,
)

LISTINGS = (
    _VERSIONS,
    _PUBLISHED,
    _SHOWN,
    _STOPPED,
    STOCK_LATE,
)
