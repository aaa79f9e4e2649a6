"""Fields of the retailer's own are edited like any other: owned, in conflict, undone; what is personal is sealed."""

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.define_fields import define_fields, drop_fields
from hub.flows.orders.own_fields import read_filter
from hub.model.edits.deeds import SetFields
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.fields import Field, Kind
from hub.store.api.orders import orders
from hub.store.db import Tx
from tests.builders import NOON, line, open_shop, order
from tests.flows.test_edits import Sold, sold
from tests.flows.test_rules import ORDERS, review, rows, write

PO, DOOR = Field("po_number", "PO number"), Field("door_code", "Door code", personal=True)


async def define(tx: Tx, *fields: Field) -> None:
    await define_fields(tx, fields, actor="ada", at=NOON)


async def with_fields(tx: Tx, **custom: str) -> Sold:
    await define(tx, PO, DOOR)
    return await sold(tx, line("MUG", 3), custom=custom)


async def test_a_value_is_changed_found_and_undone(tx: Tx) -> None:
    it = await with_fields(tx)
    done = await it.edit(SetFields({"po_number": "4711"}))
    found = await orders(tx, custom=await read_filter(tx, "po_number=4711"), limit=9)
    await it.undo(done)
    assert [each.number for each in found] == [it.number]
    assert (await orders(tx, custom={"po_number": "4711"}, limit=9), (await it.now()).order.custom) == (
        [],
        {},
    )


async def test_what_a_person_filled_in_is_theirs_and_the_channels_word_is_shown(tx: Tx) -> None:
    it = await with_fields(tx, po_number="1")
    await it.edit(SetFields({"po_number": "2"}))
    await it.told(line("MUG", 3), custom={"po_number": "1"})
    calm = await it.holds()
    await it.told(line("MUG", 3), custom={"po_number": "3"}, minute=2)
    assert (calm, await it.holds(), (await it.now()).order.custom) == ([], ["conflict"], {"po_number": "2"})


async def test_of_what_a_channel_tells_only_what_fits_is_kept(tx: Tx) -> None:
    it = await with_fields(tx, po_number="1", house="7")
    assert (await it.now()).order.custom == {"po_number": "1"}


async def test_what_is_personal_stands_nowhere_in_the_open(tx: Tx) -> None:
    it = await with_fields(tx)
    await it.edit(SetFields({"door_code": "canary-1177", "po_number": "1"}))
    everywhere = """SELECT to_jsonb(o) FROM orders o UNION ALL SELECT facts FROM events
        UNION ALL SELECT to_jsonb(e) FROM order_edits e"""
    assert "canary-1177" not in str(await rows(tx, everywhere))
    assert (await it.now()).order.custom == {"door_code": "canary-1177", "po_number": "1"}
    with pytest.raises(InputError, match="personal"):
        await read_filter(tx, "door_code=canary-1177")


async def test_a_field_that_was_dropped_is_filled_in_no_more_and_its_values_stay_sealed(tx: Tx) -> None:
    it = await with_fields(tx)
    await it.edit(SetFields({"door_code": "canary-1177"}))
    await drop_fields(tx, ["door_code"], actor="ada", at=NOON)
    await it.edit(SetFields({"po_number": "1"}))
    assert (await tx.scalar(text("SELECT custom FROM orders"))) == {"po_number": "1"}
    with pytest.raises(InputError, match="no field 'door_code'"):
        await it.edit(SetFields({"door_code": "2"}))
    with pytest.raises(NotFoundError):
        await drop_fields(tx, ["door_code"], actor="ada", at=NOON)


async def test_kind_and_whether_it_is_personal_are_for_good(tx: Tx) -> None:
    await define(tx, PO)
    await define(tx, Field("po_number", "Their number", required=True))
    for other in (Field("po_number", "PO", Kind.NUMBER), Field("po_number", "PO", personal=True)):
        with pytest.raises(WrongStateError, match="is a text of orders for good"):
            await define(tx, other)
    assert await rows(tx, "SELECT label, required FROM order_fields") == [("Their number", True)]


async def test_a_rule_asks_for_a_value_an_order_came_with(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    await define(tx, PO, Field("weight", "Weight", Kind.NUMBER))
    heavy = '$any([field.number > 20 for field in fields if field.key == "weight"])'
    await write(tx, "heavy", heavy, "tag: freight")
    await review(tx, seller, order("1", custom={"weight": "20.5"}), order("2", custom={"weight": "9"}))
    assert [(number, tags) for number, _, tags, _ in await rows(tx, ORDERS)] == [
        ("1", ["freight"]),
        ("2", []),
    ]


async def test_a_rule_asks_for_a_value_a_line_came_with(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    await define(tx, Field("engraving", "Engraving", of_lines=True))
    engraved = '$any([field.quantity > 1 for field in line_fields if field.key == "engraving"])'
    await write(tx, "engraved", engraved, "tag: workshop")
    one, two = (replace(line("MUG", units), custom={"engraving": "For Ada"}) for units in (1, 2))
    await review(tx, seller, order("1", two), order("2", one, line("TEE", 2)))
    assert [tags for _, _, tags, _ in await rows(tx, ORDERS)] == [["workshop"], []]
