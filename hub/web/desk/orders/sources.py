"""Where an order's stock comes from, and what every other location could give: a dry run on its page."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from hub.flows.stock.foresee import foresee_order, held_order
from hub.flows.stock.reallocate import wants_anew
from hub.kit.ids import uuid7
from hub.model.stock.forecast import LocationForecast
from hub.store.db import Tx
from hub.store.orders import HeldOrder


class SourceView(Struct, frozen=True):
    """One location: what it holds for the order now, what it could give, and whether the order may be moved there."""

    location: str
    name: str
    holds: dict[str, int]
    could_give: dict[str, int]
    says: str
    may_move: bool


class Sources(Struct, frozen=True):
    """`command_id` makes a double click one move. `anew`: a new promise by the policy would change something."""

    command_id: str
    policy: str
    locations: list[SourceView]
    anew: bool


async def view_sources(tx: Tx, number: int, *, at: datetime) -> Sources | None:
    """None where nothing of the order can still be promised."""
    order = await held_order(tx, number)
    if order.canceled or not wants_anew(order):
        return None
    told = await foresee_order(tx, order, at=at)
    views = [_view(each, order) for each in told.locations]
    before = {view.location: view.holds for view in views if view.holds}
    after = {each.location: each.gives for each in told.locations if each.gives}
    return Sources(str(uuid7()), told.policy, views, anew=before != after)


def _view(told: LocationForecast, order: HeldOrder) -> SourceView:
    holds = _held_at(order, told.location)
    held = _held_at(order, None)
    enough = all(told.could_give.get(sku, 0) >= units for sku, units in held.items())
    may_move = told.sells and bool(told.could_give) and enough and (holds != held or not held)
    return SourceView(told.location, told.name, holds, told.could_give, told.says, may_move)


def _held_at(order: HeldOrder, location: str | None) -> dict[str, int]:
    """What the order holds at a location, or at all of them, in units sold by SKU."""
    return _by_sku(
        (line.sku, sum(units for code, units in line.picks.items() if location in {None, code}))
        for line in order.lines
    )


def _by_sku(pairs: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    added: dict[str, int] = {}
    for sku, units in pairs:
        if sku is not None and units:
            added[sku] = added.get(sku, 0) + units
    return added
