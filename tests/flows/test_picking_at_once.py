"""Parcels leave while their orders are picked: no count is lost, and nobody waits in a circle."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from hub.flows.orders.pick import NewList, begin_picking, enter_picks, hold_list, put_back
from hub.flows.orders.ship import ship
from hub.kit.ids import uuid7
from hub.model.orders.picking import Entry
from hub.model.orders.shipping import Parcel
from hub.store.api.picking import list_of
from hub.store.db import Database, Tx
from tests.builders import MAIN, NOON, line, open_shop, order, take

IN_HAND = "SELECT sum(picked)::int FROM pick_parts"


async def picked(db: Database, units: int) -> tuple[int, int, UUID]:
    """A list of four mugs, some of them in hand: its number, its order's, and the line."""
    async with db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 10}, promises=True)
        (made,) = (await take(tx, seller, order("1", line("MUG", 4)))).orders
        held = await begin_picking(tx, NewList(uuid7(), MAIN), elsewhere=(), actor="ada", at=NOON)
        await enter(tx, held.number, units)
        line_id: UUID = (await tx.execute(text("SELECT id FROM order_lines"))).scalar_one()
    return held.number, made.number, line_id


async def enter(tx: Tx, number: int, units: int) -> None:
    await enter_picks(tx, number, [Entry(uuid7(), "MUG", units, "ada")], at=NOON)


async def enter_alone(db: Database, number: int, units: int) -> None:
    async with db.transaction() as tx:
        await enter(tx, number, units)


async def leave_alone(db: Database, parcel: Parcel) -> None:
    async with db.transaction() as tx:
        await ship(tx, [parcel], elsewhere=set(), actor="ada", at=NOON)


async def test_units_that_leave_while_another_is_scanned_are_in_no_hand(many: Database) -> None:
    number, order_number, line_id = await picked(many, 2)
    async with many.transaction() as slow:
        parcel = Parcel(uuid7(), order_number, {line_id: 2})
        await ship(slow, [parcel], elsewhere=set(), actor="ada", at=NOON)
        scanning = asyncio.create_task(enter_alone(many, number, 1))
        await asyncio.wait([scanning], timeout=0.3)
    await scanning
    async with many.transaction() as tx:
        assert (await tx.execute(text(IN_HAND))).scalar_one() == 1


async def test_a_list_that_is_put_back_while_its_last_units_leave_waits_in_no_circle(many: Database) -> None:
    number, order_number, line_id = await picked(many, 4)
    async with many.transaction() as slow:
        await hold_list(slow, number)
        leaving = asyncio.create_task(leave_alone(many, Parcel(uuid7(), order_number, {line_id: 4})))
        await asyncio.wait([leaving], timeout=0.3)
        await enter(slow, number, -4)
        await put_back(slow, number, actor="ada", at=NOON)
    await leaving
    async with many.transaction() as tx:
        assert (await list_of(tx, number)).state == "done"
