"""Many drafts, sweeps and acceptances at the same moment: no unit is reserved twice, none is left behind."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from hub.flows.orders.keep_drafts import KeptDrafts, Typed, TypedLine, drop_drafts
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.reserve import expire
from hub.model.errors import OutOfStockError, StaleError
from hub.model.incoming import IncomingOrder
from hub.store.db import Database
from tests.builders import NOON, draft, keep, line, open_shop, order, take

ROOT = Path(__file__).parent.parent.parent
LATER = NOON + timedelta(minutes=15)
BOOKS = "SELECT sku, sum(on_hand), sum(allocated), sum(reserved) FROM levels GROUP BY sku ORDER BY sku"
FOLDED = """
SELECT (SELECT coalesce(sum(reserved), 0) FROM levels) = (SELECT coalesce(sum(units), 0) FROM reservations),
       (SELECT sum(allocated) FROM levels) = (SELECT sum(allocated) FROM order_lines)"""


async def rows(db: Database, query: str) -> list[tuple[object, ...]]:
    async with db.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]


async def shop(db: Database, stock: dict[str, int]) -> Seller:
    async with db.transaction() as tx:
        return await open_shop(tx, stock, promises=True)


async def keep_alone(db: Database, seller: Seller, *drafts: Typed) -> KeptDrafts:
    async with db.transaction() as tx:
        return await keep(tx, *drafts, seller=seller)


async def accept_alone(db: Database, seller: Seller, accepted: IncomingOrder) -> str:
    try:
        async with db.transaction() as tx:
            await take(tx, seller, accepted)
    except OutOfStockError:
        return "refused"
    except StaleError:
        return await accept_alone(db, seller, accepted)
    return "accepted"


async def expire_alone(db: Database, at: datetime = LATER) -> int:
    async with db.transaction() as tx:
        return len(await expire(tx, at=at))


async def drop_alone(db: Database, draft_id: str) -> None:
    async with db.transaction() as tx:
        await drop_drafts(tx, [draft_id], at=NOON)


async def together(*stories: Awaitable[object]) -> list[object]:
    async with asyncio.timeout(300):
        return list(await asyncio.gather(*stories))


async def test_40_drafts_on_10_units_reserve_exactly_10(many: Database) -> None:
    seller = await shop(many, {"MUG": 10})
    kept = await together(*(keep_alone(many, seller, draft(str(n), MUG=1)) for n in range(40)))
    whole = [each for each in kept if isinstance(each, KeptDrafts) and not each.short]
    assert (len(whole), await rows(many, BOOKS)) == (10, [("MUG", 10, 0, 10)])
    assert await rows(many, "SELECT count(*), sum(units) FROM reservations") == [(10, 10)]


async def test_20_sweeps_at_once_give_back_once(many: Database) -> None:
    seller = await shop(many, {"MUG": 10})
    await keep_alone(many, seller, draft("1", MUG=4), draft("2", MUG=3))
    swept = await together(*(expire_alone(many) for _ in range(20)))
    assert (sorted(swept, key=str)[-2:], await rows(many, BOOKS)) == ([0, 1], [("MUG", 10, 0, 0)])


@pytest.mark.parametrize("round_", range(10))
async def test_a_draft_accepted_as_its_time_runs_out_has_its_units_once(many: Database, round_: int) -> None:
    seller = await shop(many, {"MUG": 3})
    await keep_alone(many, seller, draft("7", MUG=3))
    stories = [accept_alone(many, seller, order("7", line("MUG", 3))), expire_alone(many), expire_alone(many)]
    outcomes = await together(*stories[round_ % 3 :], *stories[: round_ % 3])
    assert "accepted" in outcomes
    assert await rows(many, BOOKS) == [("MUG", 3, 3, 0)]


@pytest.mark.parametrize("first", ["accept", "save"])
async def test_a_save_that_comes_late_never_reserves_for_what_is_an_order(many: Database, first: str) -> None:
    seller = await shop(many, {"MUG": 9})
    accept, save = (
        accept_alone(many, seller, order("7", line("MUG", 3))),
        keep_alone(many, seller, draft("7", MUG=3)),
    )
    await together(*((accept, save) if first == "accept" else (save, accept)))
    assert await rows(many, BOOKS) == [("MUG", 9, 3, 0)]
    assert await rows(many, "SELECT count(*) FROM order_drafts") == [(0,)]


async def test_the_same_draft_saved_on_two_machines_at_once_has_what_one_of_them_said(many: Database) -> None:
    seller = await shop(many, {"MUG": 9, "TEA": 9})
    both = [draft("7", MUG=3), draft("7", TEA=2)]
    await together(*(keep_alone(many, seller, both[n % 2]) for n in range(20)))
    assert await rows(many, BOOKS) in (
        [("MUG", 9, 0, 3), ("TEA", 9, 0, 0)],
        [("MUG", 9, 0, 0), ("TEA", 9, 0, 2)],
    )


async def test_drafts_acceptances_drops_and_sweeps_never_wait_in_a_circle(many: Database) -> None:
    skus, dice = [f"S{n}" for n in range(6)], Random(11)
    seller = await shop(many, dict.fromkeys(skus, 30))
    stories: list[Awaitable[object]] = []
    for n in range(150):
        lines = [TypedLine(sku, dice.randint(1, 3)) for sku in dice.sample(skus, 3)]
        typed = Typed(str(n % 70), b"", lines, keep_s=dice.choice([60, 900]))
        stories.append(keep_alone(many, seller, typed))
        stories.append(dice.choice([drop_alone, expire_late])(many, typed.id))
        stories.append(accept_alone(many, seller, order(typed.id, *(line(each.sku, 1) for each in lines))))
    await together(*stories)
    assert await rows(many, FOLDED) == [(True, True)]


async def expire_late(db: Database, _name: str) -> int:
    return await expire_alone(db, NOON + timedelta(minutes=5))


ACCEPT_AND_DIE = """
import asyncio, sys
from hub.store.db import Database
from tests.builders import line, order, take
from hub.flows.orders.take_orders import Seller
from uuid import UUID
async def story():
    async with Database(sys.argv[1]).transaction() as tx:
        await take(tx, Seller(UUID(sys.argv[2]), "web", promises=True, names_our_skus=True), order("7", line("MUG", 3)))
        print("taken, not committed", flush=True)
        await asyncio.sleep(60)
asyncio.run(story())
"""


async def test_a_worker_killed_amid_an_acceptance_leaves_the_draft_as_it_was(many: Database) -> None:
    seller = await shop(many, {"MUG": 3})
    await keep_alone(many, seller, draft("7", MUG=3))
    url = many.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", ACCEPT_AND_DIE, url, str(seller.id)]
    worker = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"taken, not committed\n"
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    assert await rows(many, BOOKS) == [("MUG", 3, 0, 3)]
    assert await accept_alone(many, seller, order("7", line("MUG", 3))) == "accepted"
    assert await rows(many, BOOKS) == [("MUG", 3, 3, 0)]
