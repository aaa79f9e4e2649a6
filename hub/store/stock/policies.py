"""Sourcing policies: how the orders of each channel are filled, and how those of all others are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.policies import Policy, Strategy
from hub.store.db import Tx, page

ALL = """
SELECT json_build_object(
  'own', coalesce(json_object_agg(c.slug, p ORDER BY c.slug) FILTER (WHERE c.slug IS NOT NULL), '{}'),
  'usual', coalesce(json_agg(p) FILTER (WHERE c.slug IS NULL)->0, '{}'),
  'said', count(*) FILTER (WHERE c.slug IS NULL) > 0)
FROM sourcing_policies p LEFT JOIN channels c ON c.id = p.channel_id"""
_ALL = text(f"SELECT CAST(({ALL}) AS text)")


class Policies(Struct, frozen=True):
    """`own` are those of single channels, by slug; `usual` is for all others, and `said` whether somebody set it."""

    own: Mapping[str, Policy] = {}
    usual: Policy = Policy()
    said: bool = False

    def of(self, channel: str) -> Policy:
        return self.own.get(channel, self.usual)


_decode = msgspec.json.Decoder(Policies).decode


async def all_policies(tx: Tx) -> Policies:
    return _decode(await tx.scalar(_ALL))


class NewPolicy(Struct, frozen=True):
    id: UUID
    channel_id: UUID | None
    strategies: tuple[Strategy, ...]
    split_max: int | None
    keep_whole: bool


_PUT = text("""
INSERT INTO sourcing_policies (id, channel_id, strategies, split_max, keep_whole, changed_at)
SELECT id, channel_id, strategies, split_max, keep_whole, :at FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, channel_id uuid, strategies text[], split_max int, keep_whole bool) ORDER BY channel_id
ON CONFLICT (channel_id) DO UPDATE SET strategies = excluded.strategies, split_max = excluded.split_max,
  keep_whole = excluded.keep_whole, changed_at = excluded.changed_at""")
_DROP = text("""
DELETE FROM sourcing_policies
WHERE channel_id IS NOT DISTINCT FROM CAST(:channel_id AS uuid) RETURNING id""")


async def put_policies(tx: Tx, policies: Sequence[NewPolicy], *, at: datetime) -> None:
    await tx.execute(_PUT, {"page": page(policies), "at": at})


async def drop_policy(tx: Tx, channel_id: UUID | None) -> bool:
    """Tell whether there was one."""
    return (await tx.execute(_DROP, {"channel_id": channel_id})).first() is not None
