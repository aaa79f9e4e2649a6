"""Tell a channel what was done to its orders: wishes become what its connector takes, and its order what is there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.channels.carriers import carrier_named
from hub.channels.context import HubContext
from hub.channels.halves import by_halves
from hub.channels.opening import OpenedChannel, find_channel
from hub.flows.sync import write_backs as flow
from hub.kit.queue import Ring
from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder
from hub.model.sync.write_backs import Kind, Step, Wish, is_there
from hub.spec import (
    Cancellation,
    Capability,
    FetchesOrders,
    Fulfillment,
    Idempotency,
    LineUnits,
    MalformedError,
    OutcomeState,
    ParcelLabel,
    Refund,
    RefundLine,
    WriteOutcome,
)

CAPABILITY: Mapping[Kind, Capability] = {
    Kind.FULFILLMENT: Capability.PUSH_FULFILLMENT,
    Kind.CANCELLATION: Capability.PUSH_CANCEL,
    Kind.REFUND: Capability.PUSH_REFUND,
}
NAMES = {Capability.PUSH_LABEL: "corrected number of a parcel"}
Told = list[tuple[Wish, WriteOutcome]]


def capability_of(wish: Wish) -> Capability:
    """What takes it."""
    return Capability.PUSH_LABEL if wish.corrects else CAPABILITY[wish.kind]


async def tell(
    ctx: HubContext, opened: OpenedChannel, capability: Capability, wishes: Sequence[Wish]
) -> Told:
    """Send wishes that one call takes; each with what the channel answered, unknown where it said nothing of it."""
    if not wishes:
        return []
    if capability not in opened.connector.manifest.capabilities:
        what = NAMES.get(capability, wishes[0].kind)
        reason = f"{opened.connector.manifest.title} takes no {what}: do it there"
        return [(each, WriteOutcome(each.key, OutcomeState.REJECTED, reason)) for each in wishes]
    sent = [_MADE[capability](ctx, each) for each in wishes]
    push: Callable[[Sequence[Any]], Awaitable[list[WriteOutcome]]] = getattr(opened.channel, capability)
    outcomes = {each.key: each for each in await by_halves(sent, push, _refused)}
    return [(each, outcomes.get(each.key, WriteOutcome(each.key, OutcomeState.UNKNOWN))) for each in wishes]


def repeats_safely(opened: OpenedChannel, wish: Wish) -> bool:
    """Whether the same one sent again acts once."""
    declared = opened.connector.manifest.idempotency.get(capability_of(wish), Idempotency.NONE)
    return declared is not Idempotency.NONE


async def look_there(opened: OpenedChannel, wishes: Sequence[Wish]) -> set[UUID]:
    """Those that the channel's own orders show already; of an order that cannot be read nothing is known."""
    if not wishes or not isinstance(opened.channel, FetchesOrders):
        return set()
    ids = sorted({each.channel_order_id for each in wishes})
    size = opened.connector.manifest.orders_batch_max
    found: dict[str, IncomingOrder] = {}
    for start in range(0, len(ids), size):
        for message in await by_halves(ids[start : start + size], opened.channel.fetch_order_batch, _unread):
            try:
                order = opened.connector.to_incoming(message, opened.config)
            except MalformedError:
                continue
            found[order.channel_order_id] = order
    return {
        each.id
        for each in wishes
        if each.channel_order_id in found and is_there(each, found[each.channel_order_id])
    }


def _refused(wish: Fulfillment | ParcelLabel | Cancellation | Refund, error: Exception) -> list[WriteOutcome]:
    return [WriteOutcome(wish.key, OutcomeState.REJECTED, str(error))]


def _unread(_order: str, _error: Exception) -> list[Any]:
    return []


def _units(units: Mapping[str, int]) -> tuple[LineUnits, ...]:
    return tuple(LineUnits(line, count) for line, count in units.items())


def _fulfillment(ctx: HubContext, wish: Wish) -> Fulfillment:
    known = carrier_named(ctx.registry.carriers, wish.carrier) if wish.carrier else None
    return Fulfillment(
        key=wish.key,
        channel_order_id=wish.channel_order_id,
        lines=_units(wish.units),
        shipped_at=wish.at,
        carrier=known.key if known else wish.carrier,
        tracking_number=wish.tracking,
        tracking_url=known.tracking_url(wish.tracking) if known and wish.tracking else "",
        completes=wish.completes,
        known_lines=_units(wish.known_lines),
    )


def _cancellation(_ctx: HubContext, wish: Wish) -> Cancellation:
    return Cancellation(
        key=wish.key,
        channel_order_id=wish.channel_order_id,
        lines=_units(wish.lines),
        completes=wish.completes,
        sent=wish.sent,
        known_lines=_units(wish.known_lines),
    )


def _refund(_ctx: HubContext, wish: Wish) -> Refund:
    assert wish.amount is not None
    return Refund(
        key=wish.key,
        channel_order_id=wish.channel_order_id,
        amount=wish.amount,
        currency=wish.currency,
        lines=tuple(RefundLine(line, 0, Decimal(amount)) for line, amount in wish.lines.items()),
    )


def _label(ctx: HubContext, wish: Wish) -> ParcelLabel:
    now = _fulfillment(ctx, wish)
    return ParcelLabel(
        key=wish.key,
        channel_order_id=wish.channel_order_id,
        parcel_key=wish.parcel_key,
        channel_ref=wish.parcel_ref,
        carrier=now.carrier,
        tracking_number=now.tracking_number,
        tracking_url=now.tracking_url,
    )


_MADE: Mapping[Capability, Callable[[HubContext, Wish], Any]] = {
    Capability.PUSH_FULFILLMENT: _fulfillment,
    Capability.PUSH_LABEL: _label,
    Capability.PUSH_CANCEL: _cancellation,
    Capability.PUSH_REFUND: _refund,
}
IN_TURN = tuple(_MADE)
"""In this order a batch is sent."""


async def set_told(ctx: HubContext, slug: str, kinds: set[Kind], *, actor: str, at: datetime) -> None:
    """Say of what a channel is told. Raises InputError for what its connector cannot."""
    row = await find_channel(ctx, slug)
    can = able(ctx, row.kind)
    if strange := sorted(kinds - can):
        takes = ", ".join(sorted(can)) or "nothing of the kind"
        msg = f"{slug} cannot be told of a {strange[0]}: its connector takes {takes}"
        raise InputError(msg, field="told")
    async with ctx.db.transaction() as tx:
        await flow.set_told(tx, row.id, kinds, actor=actor, at=at)
    await ctx.bell.announce("channels")


def able(ctx: HubContext, kind: str) -> set[Kind]:
    """Of what channels of a kind can be told."""
    declared = ctx.registry.connector(kind).manifest.capabilities
    return {each for each, capability in CAPABILITY.items() if capability in declared}


async def decide(ctx: HubContext, ids: Sequence[UUID], step: Step, *, actor: str, at: datetime) -> None:
    """Raises NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        channels = await flow.decide(tx, ids, step, actor=actor, at=at)
    await ctx.bell.ring_each([Ring("write_back", each) for each in sorted(channels)], ["orders"])
