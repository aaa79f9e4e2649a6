"""Numbers tampered with on a real channel, behind everybody's back, are found and healed (L11)."""

from pathlib import Path

import pytest

from hub.jobs.push_stock import push_stock
from hub.jobs.reconcile import reconcile
from tests.system.town import Town, goods, open_town

pytestmark = pytest.mark.usefixtures("valkey")
GOODS = {f"SKU-{number:03}": 100 for number in range(5)}


async def told(town: Town) -> list[dict[str, int]]:
    for row in town.rows:
        await push_stock(town.ctx, row.id)
    return [sim.simulator.stock() for sim in town.sims]


async def read_later(town: Town) -> None:
    """A quarter of an hour passes, the orders are pulled, and every channel is read."""
    ago = "interval '15 minutes'"
    async with town.ctx.db.transaction() as tx:
        await tx.exec_driver_sql(
            f"UPDATE publications SET confirmed_at = confirmed_at - {ago}, seen_at = seen_at - {ago}"
        )
        await tx.exec_driver_sql(f"UPDATE drifts SET found_at = found_at - {ago}")
        await tx.exec_driver_sql("UPDATE channels SET pulled_at = now()")
    for row in town.rows:
        await reconcile(town.ctx, row.id)


async def test_numbers_tampered_with_on_the_channels_are_found_and_healed(
    fresh_db_url: str, valkey_url: str, tmp_path: Path
) -> None:
    async with open_town(fresh_db_url, valkey_url, tmp_path, goods(5, 100)) as town:
        assert await told(town) == [GOODS] * 3
        for sim in town.sims:
            await sim.set_stock({"SKU-001": 7, "SKU-003": 900})
        await read_later(town)
        await read_later(town)
        found = await town.query("SELECT count(*) FROM drifts WHERE ended = 'healed'")
        assert (found, await told(town)) == ([(6,)], [GOODS] * 3)
