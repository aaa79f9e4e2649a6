"""A location serves the channels it names, or all; what cannot be a location is refused by the field that is wrong."""

import pytest
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.stock.locations import Location, counting, refuse_bad

MAIN, SHOP, DEPOT = (Location(code, code) for code in ("main", "shop", "depot"))
FOR_TILL = replace(SHOP, channels=("till",))


@pytest.mark.parametrize(
    ("channel", "of_rule", "own", "counts"),
    [
        ("till", None, None, None),
        ("web", None, None, ("depot", "main")),
        ("web", ("main", "shop"), None, ("main",)),
        ("web", ("shop",), None, ()),
        ("web", None, "shop", None),
        ("till", ("shop", "main"), None, ("main", "shop")),
    ],
)
def test_what_serves_a_channel_and_its_rule_names_counts(
    channel: str, of_rule: tuple[str, ...] | None, own: str | None, counts: tuple[str, ...] | None
):
    assert counting([MAIN, FOR_TILL, DEPOT], channel, of_rule=of_rule, own=own) == counts


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "Main"}, "code"),
        ({"code": "*"}, "code"),
        ({"code": ""}, "code"),
        ({"name": "  "}, "name"),
        ({"priority": -1}, "priority"),
        ({"country": "de"}, "country"),
        ({"latitude": 1.0}, "latitude"),
        ({"latitude": float("nan"), "longitude": 1.0}, "latitude"),
        ({"latitude": 1.0, "longitude": 181.0}, "longitude"),
    ],
)
def test_what_cannot_be_a_location_is_refused_by_its_field(wrong: dict[str, object], field: str):
    with pytest.raises(InputError) as refused:
        refuse_bad(replace(MAIN, **wrong))
    assert refused.value.field == field
