"""How long numbers took, stage by stage; kept once a batch."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import text

from hub.model.sync.stages import Stage, spread
from hub.store.db import Tx, page

Took = Mapping[Stage, Sequence[float]]
"""The seconds of each listing, or message, that came through a stage."""

NOTE_STAGES = """
INSERT INTO stage_times AS s (channel_id, stage, day, bound_s, count, total_s)
SELECT :channel_id, stage, CAST(CAST(:at AS timestamptz) AT TIME ZONE 'UTC' AS date), bound_s::float, count, total_s
FROM json_to_recordset(CAST(:stages AS json)) AS x(stage text, bound_s text, count bigint, total_s float)
ORDER BY stage, bound_s
ON CONFLICT (channel_id, stage, day, bound_s) DO UPDATE SET count = s.count + excluded.count,
  total_s = s.total_s + excluded.total_s"""
"""For a statement that has more to keep of the same batch; `:stages` is `stage_page` of it."""


def stage_page(took: Took) -> str:
    return page(
        [
            {"stage": stage, "bound_s": str(bound), "count": count, "total_s": total}
            for stage, seconds in took.items()
            for bound, (count, total) in spread(seconds).items()
        ]
    )


class StageTimes(Struct, frozen=True):
    """One stage of one channel: how many took no longer than each bound and longer than the one before."""

    channel: str
    stage: Stage
    counts: dict[float, int]
    total_s: float


_TIMES = text("""
SELECT c.slug, x.stage, array_agg(x.bound_s ORDER BY x.bound_s), array_agg(x.count ORDER BY x.bound_s), sum(x.total_s)
FROM (SELECT channel_id, stage, bound_s, sum(count)::bigint AS count, sum(total_s) AS total_s FROM stage_times
      WHERE day >= :since GROUP BY channel_id, stage, bound_s) x
JOIN channels c ON c.id = x.channel_id GROUP BY c.slug, x.stage ORDER BY c.slug, x.stage""")


async def stage_times(tx: Tx, *, since: date = date.min) -> list[StageTimes]:
    """Of every channel, since the beginning of a day."""
    rows = await tx.execute(_TIMES, {"since": since})
    return [
        StageTimes(slug, Stage(stage), dict(zip(bounds, counts, strict=True)), total)
        for slug, stage, bounds, counts, total in rows
    ]
