"""Every check holds on a busy hub, and finds its own rule broken when a hand breaks it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.flows.bank.match_transfers import match_transfers, record_transfers
from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.pay import record_payments
from hub.flows.orders.pick import NewList, begin_picking
from hub.flows.orders.ship import ship
from hub.flows.orders.split import Split, split_orders
from hub.flows.orders.take_back import take_back
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.name_lots import track
from hub.flows.stock.set_backorders import set_backorders
from hub.flows.stock.set_components import set_components
from hub.flows.stock.transfer_stock import Draft, Parcel, draft_transfer, receive_transfer, send_transfer
from hub.kit.ids import uuid7
from hub.model.bank.transfers import Match, Transfer
from hub.model.edits.deeds import Refund
from hub.model.incoming import IncomingParcel, ParcelLine
from hub.model.orders import shipping
from hub.model.orders.payments import Entry, Step, Tender
from hub.model.orders.returns import Comeback, Disposition
from hub.model.stock.backorders import Terms
from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.lines import Units
from hub.model.stock.lots import Tracking
from hub.model.sync.write_backs import Kind as WriteBack
from hub.store.checks import CHECKS, Check, Finding, Verdict, one_moment, run_checks
from hub.store.db import Database, Tx
from hub.store.publications import Told
from hub.store.sync import write_backs
from tests.builders import (
    MAIN,
    NOON,
    SHOP,
    VAULT,
    claim_due,
    draft,
    keep,
    line,
    open_shop,
    order,
    put_stock,
    record_told,
    take,
)

pytestmark = pytest.mark.anyio

TAMPERS = {
    "levels are the sum of their movements": "UPDATE levels SET on_hand = on_hand + 1 WHERE sku = 'MUG'",
    "what is reserved is the sum of the reservations": "UPDATE levels SET reserved = reserved + 1 WHERE sku = 'MUG'",
    "each line holds what the ledger promised it": """
        UPDATE movements SET order_line_id = NULL
        WHERE id = (SELECT id FROM movements WHERE kind = 'allocation' ORDER BY id DESC LIMIT 1)""",
    "each line has shipped what the ledger sent out": "UPDATE order_lines SET shipped = shipped + 1 WHERE shipped > 0",
    "what is allocated of a SKU is what its open lines hold": """
        UPDATE levels SET allocated = allocated + 1 WHERE sku = 'MUG'""",
    "a bundle takes what its components add up to": "UPDATE bundle_parts SET units = units + 1 WHERE part = 'TEA'",
    "what is in transit was sent and has not arrived": "UPDATE transfer_lines SET received = received - 1",
    "what left in parcels has left by its line": "UPDATE shipment_lines SET quantity = quantity + 1",
    "nothing is being picked of a list that is closed": """
        UPDATE pick_lists SET state = 'done', closed_at = now()""",
    "a canceled order holds no stock": """
        UPDATE orders SET canceled_at = taken_at
        WHERE id = (SELECT order_id FROM order_lines WHERE allocated > 0 LIMIT 1)""",
    "lots are the sum of their shares, and add up to their level": """
        UPDATE lot_levels SET on_hand = on_hand + 1""",
    "what came back is counted on its line, and what is sold again is in the ledger": """
        DELETE FROM movements WHERE kind = 'return'""",
    "an RMA has received what came back by it": "UPDATE rma_lines SET received = 0",
    "lines + taxes + shipping + its tax + difference = total": "UPDATE orders SET total = total + 0.01",
    "a bank transfer pays no more than came in, and only in its currency": """
        UPDATE bank_transfers SET amount = amount - 1""",
    "what a split or a merge moved is the same on both orders": """
        UPDATE payments SET amount = amount + 1 WHERE moved IS NOT NULL AND amount > 0""",
    "every message that was taken leads to its order": """
        UPDATE inbox SET order_id = gen_random_uuid() WHERE state = 'taken'""",
    "no two orders for one order of a channel": """
        ALTER TABLE orders DROP CONSTRAINT uq_orders_channel_id_channel_order_id;
        CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT * FROM orders LIMIT 1;
        UPDATE twin SET id = gen_random_uuid(), number = 999999;
        INSERT INTO orders OVERRIDING SYSTEM VALUE SELECT * FROM twin""",
    "the database itself refuses every repeat": """
        ALTER TABLE inbox DROP CONSTRAINT uq_inbox_channel_id_delivery_key""",
    "an order is held for what its lines lack": "UPDATE orders SET holds = '{}'",
    "each hold has its facts, and one that gives stock back leaves none promised": """
        DELETE FROM holds WHERE reason = 'unmatched'""",
    "what is on backorder of a SKU is what its open lines wait for": """
        UPDATE backorder_terms SET taken = taken - 1 WHERE sku = 'CUP'""",
    "no channel confirmed what was never sent": """
        UPDATE publications SET version = version + 2, confirmed_version = sent_version + 1""",
    "every matched listing of a counted SKU is published": """
        DELETE FROM publications WHERE listing_id = (SELECT id FROM listings WHERE sku = 'MUG')""",
    "what a channel confirmed is what the hub computes now": """
        UPDATE publications SET confirmed_quantity = confirmed_quantity + 1 WHERE confirmed_version = version""",
    "nothing is told of what is gone, unmatched or uncounted, nor on a closed channel": """
        UPDATE listings SET gone_at = now()""",
    "nothing waits long in the inbox": "UPDATE inbox SET state = 'waiting'",
    "what was reserved for a while is given back in time": "UPDATE reservations SET expires_at = created_at",
    "each day ends by a time zone that the database knows": "UPDATE locations SET time_zone = 'Mars'",
    "each effect on an order of a channel that is told of it has its write-back": """
        DELETE FROM write_backs WHERE kind = 'fulfillment'""",
    "no more money goes back on a channel than a person said": "UPDATE orders SET refunded = 0",
    "every channel has been told what was done to its orders": """
        UPDATE write_backs SET state = 'unknown', told_at = NULL""",
    "every channel has been told what is left": "UPDATE publications SET version = version + 1, dirty_since = sent_at",
}


async def busy(tx: Tx) -> Seller:
    """Promised, short, unmatched, shipped, returned, canceled, filled, split; on backorder; a draft, a bundle.

    The channel is told of parcels and refunds, and of what is left but for one listing.
    """
    seller = await open_shop(tx, {"MUG": 10, "TEA": 5, "LAMP": 0, "GIFT": 0, "CUP": 0})
    await write_backs.switch(tx, seller.id, [*WriteBack], at=NOON - timedelta(hours=1))
    gift = Recipe("GIFT", Kind.BUNDLE, {"MUG": 1, "TEA": 1})
    await set_components(tx, [gift], actor="ada", at=NOON)
    await set_backorders(tx, {"CUP": Terms(9)}, actor="ada", at=NOON)
    await track(tx, "LAMP", Tracking.LOT, actor="ada", at=NOON)
    first = [
        order("1", line("MUG", 3), line("TEA", 1)),
        order("2", line("LAMP", 2)),
        order("3", line("NEW", 1)),
    ]
    await take(tx, seller, *first, order("4", line("MUG", 2)), order("5", line("TEA", 9), line("CUP", 2)))
    sent_there = IncomingParcel("1", lines=(ParcelLine("MUG", 2),))
    left = order("1", line("MUG", 3, fulfilled=2), minute=1, parcels=(sent_there,))
    await take(tx, seller, left, order("4", minute=1, canceled=True))
    await put_stock(tx, {"LAMP": 3})
    await parted(tx, "2", {"LAMP": 1})
    mugs = (await tx.execute(text("SELECT id FROM order_lines WHERE shipped > 0"))).scalar_one()
    back = Comeback(uuid7(), mugs, 1, Disposition.RESTOCK, MAIN)
    await take_back(tx, [back], actor="test", at=NOON)
    await transferred(tx)
    due = await claim_due(tx, seller.id, limit=100, at=NOON)
    told = [Told(each.listing_id, each.version, each.quantity, "applied") for each in due]
    await record_told(tx, told, at=NOON)
    last = await take(tx, seller, order("6", line("TEA", 1), line("GIFT", 1), minute=2))
    sent = shipping.Parcel(uuid7(), last.orders[0].number)
    await ship(tx, [sent], elsewhere=set(), actor="ada", at=NOON)
    refund = Edit(uuid7(), last.orders[0].number, [Refund(Decimal(1))])
    await edit_orders(tx, VAULT, [refund], actor="ada", at=NOON)
    await tx.execute(text("UPDATE write_backs SET state = 'applied', told_at = made_at"))
    await keep(tx, draft("a draft", LAMP=1))
    await begin_picking(tx, NewList(uuid7(), MAIN), elsewhere=(), actor="ada", at=NOON)
    await paid_by_bank(tx, last.orders[0].number)
    return seller


async def parted(tx: Tx, order_id: str, units: dict[str, int]) -> None:
    """Paid in cash, and split."""
    known = text("SELECT number, total FROM orders WHERE channel_order_id = :id")
    number, total = (await tx.execute(known, {"id": order_id})).one()
    paid = Entry(uuid7(), number, Tender.CASH, Step.CAPTURED, total)
    await record_payments(tx, [paid], actor="ada", at=NOON)
    await split_orders(tx, VAULT, [Split(uuid7(), number, units)], ours={"web"}, actor="ada", at=NOON)


async def paid_by_bank(tx: Tx, number: int) -> None:
    came_in = Transfer(uuid7(), NOON.date(), Decimal(5), "EUR")
    await record_transfers(tx, VAULT, [came_in], actor="ada", at=NOON)
    await match_transfers(tx, [Match(uuid7(), came_in.id, number, Decimal(5))], actor="ada", at=NOON)


async def transferred(tx: Tx) -> None:
    """Two of three mugs have come, one is in transit."""
    drafted = Draft(uuid7(), MAIN, SHOP, [Units("MUG", 3)])
    number = await draft_transfer(tx, drafted, actor="ada", at=NOON)
    await send_transfer(tx, number, actor="ada", at=NOON)
    await receive_transfer(tx, number, Parcel(uuid7(), {"MUG": 2}), actor="ada", at=NOON)


async def findings(tx: Tx, *, late_s: float = 60) -> dict[str, Finding]:
    return {each.name: each for each in await run_checks(tx, at=NOON + timedelta(seconds=90), late_s=late_s)}


async def test_a_busy_hub_keeps_every_law(tx: Tx) -> None:
    await busy(tx)
    found = await findings(tx, late_s=300)
    assert [each.rows for each in found.values() if each.verdict is not Verdict.KEPT] == []
    assert len(found) == len(CHECKS)


async def test_every_check_compared_something(tx: Tx) -> None:
    await busy(tx)
    waiting = {
        "nothing waits long in the inbox",
        "every channel has been told what was done to its orders",
    }
    found = await findings(tx)
    assert {name for name, each in found.items() if not all(each.compared.values())} == waiting


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.name))
async def test_a_check_finds_its_rule_broken(tx: Tx, check: Check) -> None:
    await busy(tx)
    for statement in TAMPERS[check.name].split(";"):
        await tx.execute(text(statement))
    found = (await findings(tx))[check.name]
    assert found.verdict is (Verdict.LATE if check.only_late else Verdict.BROKEN)
    assert found.rows != []


async def test_many_broken_rows_are_cut_and_said_to_be_more(tx: Tx) -> None:
    await open_shop(tx, {f"SKU-{n}": 1 for n in range(30)})
    await tx.execute(text("UPDATE levels SET on_hand = 2"))
    found = (await findings(tx))["levels are the sum of their movements"]
    assert (len(found.rows), found.more) == (20, True)


async def test_a_movement_without_its_level_is_found_as_well(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 10})
    await tx.execute(text("DELETE FROM levels"))
    found = (await findings(tx))["levels are the sum of their movements"]
    assert found.rows == [
        {
            "sku": "MUG",
            "location": "main",
            "on_hand": 0,
            "on_hand_moved": 10,
            "allocated": 0,
            "allocated_moved": 0,
        }
    ]


async def test_checks_see_one_moment_and_can_write_nothing(database: Database) -> None:
    async with one_moment(database) as moment:
        before = await moment.scalar(text("SELECT count(*) FROM locations"))
        async with database.transaction() as other:
            await other.execute(text("INSERT INTO locations (code, name) VALUES ('late', 'Late')"))
        assert await moment.scalar(text("SELECT count(*) FROM locations")) == before
        with pytest.raises(DBAPIError, match="read-only"):
            await moment.execute(text("DELETE FROM locations"))
