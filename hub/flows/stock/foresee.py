"""Foresee: what would be promised, from where and why, as of now. Nothing is locked, nothing is written."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.allocate import sourcing_of
from hub.flows.stock.reallocate import wants_anew
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Pickup
from hub.model.orders.taking import Match
from hub.model.stock.forecast import Forecast, forecast
from hub.model.stock.nearness import Destination
from hub.model.stock.sourcing import Sourcing
from hub.model.stock.wants import Want
from hub.store import channels, orders
from hub.store.db import Tx
from hub.store.orders import HeldOrder
from hub.store.stock import backorders, levels, listings, locations, policies

ORDER = UUID(int=0)  # of an order that is none yet


class Asked(Struct, frozen=True):
    """So many units of one of our SKUs."""

    sku: str
    quantity: int


async def foresee(
    tx: Tx,
    lines: Sequence[Asked],
    *,
    channel: str | None = None,
    to: Destination | None = None,
    pickup: Pickup | None = None,
    at: datetime,
) -> Forecast:
    """What an order with these lines would get. Raises NotFoundError for a SKU or channel there is not."""
    if not lines:
        msg = "name at least one SKU and how many of it"
        raise InputError(msg, field="lines")
    place = None
    if channel is not None:
        row = await channels.channel_by_slug(tx, channel)
        if row is None:
            msg = f"there is no channel {channel}: see hub channel list"
            raise NotFoundError(msg)
        place = row.location
    found = (await listings.own_skus(tx, [each.sku for each in lines])).by_sku
    missing = [each.sku for each in lines if each.sku not in found]
    if missing:
        msg = f"there is no SKU {', '.join(missing[:5])}: see hub stock show"
        raise NotFoundError(msg)
    wants = [_want(number, each, found[each.sku], place) for number, each in enumerate(lines, 1)]
    return await _forecast(tx, wants, Sourcing(channel=channel or "", to=to, pickup=pickup), at)


def _want(number: int, asked: Asked, match: Match, place: str | None) -> Want:
    return Want(
        UUID(int=number),
        ORDER,
        match.parts,
        allocate=asked.quantity,
        place=place,
        sku=match.sku,
        units=match.units,
    )


async def foresee_order(tx: Tx, order: HeldOrder, *, at: datetime) -> Forecast:
    """What an order would get if all of it that has not left were promised anew."""
    return await _forecast(tx, wants_anew(order), replace(sourcing_of(order), used=()), at)


async def held_order(tx: Tx, number: int) -> HeldOrder:
    """Raises NotFoundError; a canceled order asks for nothing."""
    found = await orders.read_held(tx, number)
    if found is None:
        msg = f"there is no order {number}: see the list of orders"
        raise NotFoundError(msg)
    return found


async def _forecast(tx: Tx, wants: Sequence[Want], how: Sourcing, at: datetime) -> Forecast:
    there = await levels.read_levels(tx, [sku for want in wants for sku in want.parts])
    said = await policies.all_policies(tx)
    ahead = await backorders.read_ahead(tx, [want.sku for want in wants])
    places = await locations.all_locations(tx)
    return forecast(wants, there, places, how.with_rules(said.of(how.channel), places), ahead, at=at)
