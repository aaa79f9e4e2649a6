"""A worker works buffers out a few listings at a time, alone, and the next look goes on where one ended."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from hub.channels.lanes import SLOTS, queue_of
from hub.flows.stock.set_visibility import Wish, set_rules
from hub.flows.stock.work_out_buffers import Known, work_out_all
from hub.jobs import work_out_buffers as job
from hub.jobs import worker
from hub.jobs.work_out_buffers import work_out_buffers
from hub.kit.clock import now
from hub.kit.queue import Slots
from hub.model.stock.buffers import AdaptiveBuffer
from hub.model.stock.visibility import Rule, Scope
from hub.store.locks import only_worker
from tests.fake_channel import FakeHub

pytestmark = pytest.mark.anyio

WORKED = "SELECT count(*) FROM adaptive_buffers"


@pytest.fixture
async def asked(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """Four listings ask for a buffer, and one is worked out at a time."""
    monkeypatch.setattr(job, "AT_ONCE", 1)
    async with hub.ctx.db.transaction() as tx:
        await set_rules(tx, [Wish(Scope(), Rule(risk_percent=1.0))], actor="ada", at=now())
    return hub


async def test_a_look_ends_in_time_and_the_next_goes_on_where_it_ended(asked: FakeHub) -> None:
    looks = [await work_out_buffers(asked.ctx, slice_s=0) for _ in range(3)]
    assert (looks, await asked.query(WORKED)) == ([1, 1, 1], [(3,)])
    assert [await work_out_buffers(asked.ctx) for _ in range(2)] == [1, 0]


async def test_one_worker_looks_at_a_time(asked: FakeHub) -> None:
    async with only_worker(asked.ctx.db, "buffers", job.ALL):
        assert await work_out_buffers(asked.ctx) == 0
    assert await work_out_buffers(asked.ctx) == 4


async def test_a_listing_whose_buffer_cannot_be_worked_out_keeps_no_other_from_its_own(
    asked: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *_ = [row[0] for row in await asked.query("SELECT id FROM listings ORDER BY id")]

    def choke(known: Mapping[UUID, Known]) -> dict[UUID, AdaptiveBuffer]:
        assert bad not in known
        return work_out_all(known)

    monkeypatch.setattr(job, "AT_ONCE", 4)
    monkeypatch.setattr(job, "work_out_all", choke)
    assert await work_out_buffers(asked.ctx) == 4
    assert await asked.query(f"{WORKED} WHERE listing_id <> '{bad}'") == [(3,)]


async def test_it_takes_no_slot_of_what_falls(asked: FakeHub) -> None:
    slots = Slots(SLOTS, {queue_of(name): 1 for name in ("push_stock", "reconcile")})
    ticks = {
        name: [each.name for each in worker.make_worker(asked.ctx, queue_of(name), slots).cron_jobs]
        for name in ("push_stock", "reconcile")
    }
    assert ticks == {"push_stock": ["sweep", "watch_stock"], "reconcile": ["work_out_buffers", "keep_time"]}
