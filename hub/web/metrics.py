"""What machines ask: does the process live, can it work, and how is it going."""

from collections.abc import Iterable, Mapping, Sequence
from math import isinf

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.model.stock.alarms import Kind
from hub.model.sync.stages import BUCKETS_S
from hub.store.api import channels, health
from hub.store.fulfillment.ship_by import count_late
from hub.store.stock import alarms
from hub.store.sync import stages
from hub.store.sync.pace import Pace, paces
from hub.store.sync.write_back_list import Standing, standings
from hub.web.security import OPEN

TEXT_FORMAT = "text/plain; version=0.0.4"


class Meters:
    """What this process has counted since it started; one per app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._webhooks = Counter(
            "hub_webhooks",
            "Webhook deliveries by channel and result",
            ["channel", "result"],
            registry=self.registry,
        )

    def count(self, channel: str, result: str) -> None:
        self._webhooks.labels(channel, result).inc()


class Readiness(Struct, frozen=True):
    """`redis` "away" is no reason to turn requests away: rings are lost, the sweep finds what they left (L3)."""

    status: str
    database: str
    redis: str
    remedy: str = ""


@get("/health", opt=OPEN, include_in_schema=False)
async def is_alive() -> dict[str, str]:
    """The process lives; says nothing of what stands behind it."""
    return {"status": "ok"}


@get("/ready", opt=OPEN, include_in_schema=False)
async def is_ready(hub: NamedDependency[HubContext]) -> Response[Readiness]:
    """200 where requests can be served, else 503; a missing Redis is reported as degraded and stays 200."""
    redis = await _redis_state(hub)
    database, remedy = await _database_state(hub)
    able = database == "ok"
    status = "unavailable" if not able else "ok" if redis == "ok" else "degraded"
    return Response(Readiness(status, database, redis, remedy), status_code=200 if able else 503)


@get("/metrics", include_in_schema=False)
async def show_metrics(hub: NamedDependency[HubContext], meters: NamedDependency[Meters]) -> Response[bytes]:
    """Counters of this process, and gauges read from the database now: the same from whichever process."""
    at = now()
    async with hub.db.transaction() as tx:
        rows, opened = await channels.channels(tx, at=at), await alarms.count_open(tx)
        times, kept_up = await stages.stage_times(tx), await paces(tx, at=at)
        late, told = await count_late(tx, at=at), await standings(tx, at=at)
    registry = CollectorRegistry()
    registry.register(_Gauges(rows, opened, kept_up, late, told))
    registry.register(_Stages(times))
    return Response(generate_latest(meters.registry) + generate_latest(registry), media_type=TEXT_FORMAT)


class _Gauges(Collector):
    _FIELDS = (
        ("inbox_waiting", "Messages not taken yet"),
        ("inbox_parked", "Messages that wait for a person"),
        ("listings_unmatched", "Listings without a SKU"),
        ("publications_waiting", "Listings whose newest number the channel has not confirmed"),
        ("oldest_waiting_s", "Seconds the oldest of them has been waiting"),
        ("oldest_confirmed_s", "Seconds since the least fresh listing was confirmed"),
        ("failures", "Calls that failed in a row"),
    )

    _PACE = (
        ("late", "Listings whose change has waited longer than the channel's goal"),
        ("suspended", "Listings whose change waits for a person, being drastic"),
        ("drifts", "Listings that show another number than was confirmed"),
        ("goal_s", "Seconds after which a change is late"),
    )

    _TOLD = (
        ("write_backs_waiting", "Parcels, cancellations and refunds the channel is to be told of"),
        ("write_backs_refused", "Those it refused, that wait for a person"),
        ("oldest_write_back_s", "Seconds the one that waits longest has been waiting"),
    )

    def __init__(
        self,
        rows: Sequence[channels.ChannelHealth],
        alarms_open: Mapping[Kind, int],
        paces: Sequence[Pace] = (),
        late: int = 0,
        told: Sequence[Standing] = (),
    ) -> None:
        self._rows, self._alarms_open, self._paces, self._late = rows, alarms_open, paces, late
        self._told = told

    @override
    def collect(self) -> Iterable[Metric]:
        for fields, rows in ((self._FIELDS, self._rows), (self._PACE, self._paces), (self._TOLD, self._told)):
            for field, help_text in fields:
                yield _by_channel(field, help_text, rows)
        yield self._counters()
        yield self._alarms()
        yield GaugeMetricFamily("hub_orders_late", "Orders that should have left by now", self._late)

    def _alarms(self) -> Metric:
        family = GaugeMetricFamily("hub_alarms_open", "Alarms of stock that are open", labels=["kind"])
        for kind in Kind:
            family.add_metric([kind], self._alarms_open.get(kind, 0))
        return family

    def _counters(self) -> Metric:
        family = GaugeMetricFamily(
            "hub_channel_counted", "Counters kept in the database", labels=["channel", "counter"]
        )
        for row in self._rows:
            for name, count in sorted(row.counters.items()):
                family.add_metric([row.slug, name], count)
        return family


def _by_channel(
    field: str, help_text: str, rows: Sequence[channels.ChannelHealth | Pace | Standing]
) -> Metric:
    name = "hub_channel_" + (field.removesuffix("_s") + "_seconds" if field.endswith("_s") else field)
    family = GaugeMetricFamily(name, help_text, labels=["channel"])
    for row in rows:
        if (value := getattr(row, field)) is not None:
            family.add_metric([row.slug], value)
    return family


class _Stages(Collector):
    """The histogram kept in the database: the same from whichever process."""

    def __init__(self, times: Sequence[stages.StageTimes]) -> None:
        self._times = times

    @override
    def collect(self) -> Iterable[Metric]:
        help_text = "Seconds of each stage: a message marked, a mark sent, what was sent confirmed"
        family = HistogramMetricFamily("hub_sync_seconds", help_text, labels=["channel", "stage"])
        for each in self._times:
            so_far, buckets = 0, []
            for bound in BUCKETS_S:
                so_far += each.counts.get(bound, 0)
                buckets.append(("+Inf" if isinf(bound) else str(bound), so_far))
            family.add_metric([each.channel, each.stage], buckets, each.total_s)
        yield family


async def _database_state(hub: HubContext) -> tuple[str, str]:
    try:
        async with hub.db.transaction() as tx:
            missing = await health.columns_missing(tx)
    except health.DATABASE_AWAY:
        return "away", "start PostgreSQL, or correct DATABASE_URL"
    if missing:
        return f"not migrated: lacks {', '.join(missing[:3])}", "run: hub migrate"
    return "ok", ""


async def _redis_state(hub: HubContext) -> str:
    return "ok" if await hub.bell.is_up() else "away"
