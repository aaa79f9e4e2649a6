"""A connector is what its manifest says, or the hub does not start: each way to be something else is named."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from hub.channels.registry import load_registry
from hub.spec import (
    Budget,
    Capability,
    ChannelConfig,
    Cost,
    Idempotency,
    Manifest,
    Message,
    Outcome,
    Page,
    Settings,
    StockTarget,
    TimeZones,
)
from hub.spec.declared import OF_A_CHANNEL, OF_A_KIND, problems_of

FETCH, PUSH = Capability.FETCH_ORDERS, Capability.PUSH_STOCK
MANIFEST = Manifest(
    kind="stall",
    title="Stall",
    api_version="1",
    capabilities=frozenset({FETCH, PUSH}),
    idempotency={PUSH: Idempotency.KEY},
)


class Stall:
    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> Page[Message]: ...  # type: ignore[empty-body]

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[Message]: ...  # type: ignore[empty-body]

    async def push_stock(self, targets: Sequence[StockTarget]) -> list[Outcome]: ...  # type: ignore[empty-body]


class Kind:
    config_type: Any = ChannelConfig
    channel_type: Any = Stall

    def __init__(self, **changes: Any) -> None:
        self.manifest = replace(MANIFEST, **changes)


def problems(kind: Any) -> list[str]:
    return problems_of(kind)


def test_every_capability_is_a_group_of_methods():
    assert {*OF_A_CHANNEL, *OF_A_KIND} == set(Capability)


@pytest.mark.parametrize("kind", sorted(load_registry().kinds))
def test_every_connector_of_the_tree_is_what_its_manifest_says(kind: str):
    assert problems_of(load_registry().kinds[kind]) == []


def test_what_is_declared_and_not_there_is_named():
    more = frozenset({FETCH, PUSH, Capability.READ_STOCK})
    assert problems(Kind(capabilities=more)) == ["read_stock is declared, and Stall has no read_stock"]


def test_what_is_there_and_not_declared_is_named():
    fewer = frozenset({FETCH})
    [problem] = problems(Kind(capabilities=fewer, idempotency={}))
    assert problem == "Stall has push_stock, and push_stock is not declared"


def test_a_method_the_hub_could_not_call_is_named():
    kind = Kind()
    kind.channel_type = type("Odd", (Stall,), {"fetch_orders": lambda self, since: (self, since)})
    [problem] = problems(kind)
    assert problem.startswith("Odd.fetch_orders cannot be called with (cursor: ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "Stall 1"}, "small letters"),
        ({"title": ""}, "has no title"),
        ({"currencies": ("EUR", "euro")}, "'euro' is no currency"),
        ({"stock_batch_max": 0}, "stock_batch_max must be 1 or more"),
        ({"overlap_s": -1}, "overlap_s must be 0 or more"),
        ({"history_days": 0}, "history_days must be 1 or more"),
        ({"time_zones": TimeZones.LOCAL}, "no setting `time_zone`"),
        ({"compares_stock": True}, "compares_stock needs push_stock, and read_stock"),
        ({"idempotency": {}}, "what a repeated push_stock does"),
        ({"idempotency": {PUSH: Idempotency.KEY, FETCH: Idempotency.KEY}}, "speaks of fetch_orders"),
    ],
)
def test_a_wrong_manifest_is_named(changes: dict[str, Any], words: str):
    [problem] = problems(Kind(**changes))
    assert words in problem


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(name="api", limit=0, window_s=1), "must be more than 0"),
        (Budget(name="api", limit=2, window_s=0), "must be more than 0"),
        (Budget(name="api", limit=2, window_s=1, burst=3), "more than its limit"),
        (Budget(name="api", limit=100, window_s=1, burst=5, costs=(Cost(weight=6),)), "never fits"),
    ],
)
def test_a_budget_nobody_could_keep_is_named(budget: Budget, words: str):
    [problem] = problems(Kind(budgets=(budget,)))
    assert words in problem


def test_two_budgets_of_one_name_are_named():
    one = Budget(name="api", limit=2, window_s=1)
    assert problems(Kind(budgets=(one, one))) == ["two budgets have one name: give each its own"]


def test_settings_that_are_no_config_of_a_channel_are_named():
    kind = Kind()
    kind.config_type = Settings
    assert problems(kind) == ["Settings must extend ChannelConfig"]
