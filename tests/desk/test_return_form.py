"""A form of goods that come back may be sent again: what it said is taken once, and what it says more is taken too."""

from uuid import UUID

from hub.web.desk.orders.returns import read_comebacks


def test_another_line_typed_into_the_same_form_is_another_return():
    mugs, cups = UUID(int=4), UUID(int=5)
    form = {"command_id": "f" * 32, "disposition": "scrap"}
    both = read_comebacks({**form, f"units-{mugs}": "1", f"units-{cups}": "1"}, [mugs, cups])
    (alone,) = read_comebacks({**form, f"units-{cups}": "1"}, [mugs, cups])
    assert ([each.id for each in both][1], len({each.id for each in both})) == (alone.id, 2)
