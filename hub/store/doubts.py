"""Numbers that a channel may have moved itself since it confirmed them: they are told again, whatever they are."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text

from hub.store.db import Tx

# Bundles show what their parts allow, and hide what is allotted of them: whoever moves one of them moves all these.
RELATED = """ARRAY(
  WITH named AS (SELECT sku FROM unnest(CAST(:skus AS text[])) AS x(sku)), those AS (
    SELECT sku FROM named UNION SELECT b.part FROM bundle_parts b JOIN named n ON n.sku = b.bundle)
  SELECT sku FROM those UNION SELECT b.bundle FROM bundle_parts b JOIN those t ON t.sku = b.part)"""

# Channels with one login, or one shop, may share one shelf over there: what one of them sold, all must be told.
THEIRS = """p.channel_id IN (
    SELECT o.id FROM channels c JOIN accounts a ON a.id = c.account_id
    JOIN accounts b ON b.id = a.id OR b.login_key = a.login_key OR b.limits_key = a.limits_key
    JOIN channels o ON o.account_id = b.id WHERE c.id = CAST(:channel AS uuid))"""

# What is on its way was worked out before: its answer must not say that all is well.
_DOUBT = text(f"""
UPDATE publications p SET must_tell = true, version = p.version + CAST(x.is_sent AS int)
FROM (SELECT p.listing_id, p.sent_version = p.version AND p.confirmed_version < p.version AS is_sent
      FROM publications p JOIN listings l ON l.id = p.listing_id
      WHERE l.sku = ANY({RELATED}) AND {THEIRS} AND p.stopped_at IS NULL ORDER BY p.listing_id FOR UPDATE OF p) x
WHERE p.listing_id = x.listing_id AND (x.is_sent OR NOT p.must_tell)""")  # noqa: S608 -- constants only


async def doubt(tx: Tx, channel_id: UUID, skus: Sequence[str]) -> None:
    """The channel, and who shares its shelf, may have moved its own numbers of these SKUs: the next change is told,
    whatever it comes to.
    """
    if skus:
        await tx.execute(_DOUBT, {"channel": channel_id, "skus": sorted(set(skus))})


_SKUS_OF_ORDERS = text("""
SELECT DISTINCT n.sku FROM orders o JOIN order_lines n ON n.order_id = o.id
WHERE o.channel_id = :channel_id AND o.channel_order_id = ANY(:orders) AND n.sku IS NOT NULL""")


async def doubt_orders(tx: Tx, channel_id: UUID, channel_order_ids: Collection[str]) -> None:
    """As doubt, for all that these orders of the channel are about: it may have put back what came back there."""
    if not channel_order_ids:
        return
    wanted = {"channel_id": channel_id, "orders": sorted(set(channel_order_ids))}
    await doubt(tx, channel_id, list((await tx.execute(_SKUS_OF_ORDERS, wanted)).scalars()))


_DOUBT_ALL = text("""
UPDATE publications p SET must_tell = true
FROM (SELECT p.listing_id FROM publications p JOIN channels c ON c.id = p.channel_id
      WHERE c.account_id = (SELECT account_id FROM channels WHERE id = :id) AND NOT p.must_tell
      ORDER BY p.listing_id FOR UPDATE OF p) x
WHERE p.listing_id = x.listing_id""")


async def doubt_all(tx: Tx, channel_id: UUID) -> None:
    """Whatever was confirmed there: it was left alone for a while, or is another shop or shelf from now on."""
    await tx.execute(_DOUBT_ALL, {"id": channel_id})
