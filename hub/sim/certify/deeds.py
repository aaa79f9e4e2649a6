"""What the hub wishes of a channel after the sale, and how one sees at the channel that it was done."""

from decimal import Decimal
from typing import Any

from msgspec import Struct
from typing_extensions import override

from hub.model.incoming import IncomingLine, IncomingOrder
from hub.sim.certify.flaws import untried
from hub.sim.certify.shop import Shop
from hub.spec import (
    Cancellation,
    Capability,
    Fulfillment,
    LineUnits,
    ParcelLabel,
    PushesFulfillments,
    Refund,
    RefundLine,
    ReturnDecision,
)
from hub.spec.testing import KnowsWrites, TakesReturns

NOBODY_KNOWS = "98765432"


class Deed(Struct, frozen=True):
    """One thing that is written back; `wishes` makes what is asked for, and sees what was done."""

    group: str
    title: str
    capability: Capability
    method: str
    wishes: "type[Wishes]"


class Wishes:
    """What can be wished of an order of one shop. `part` leaves something for a second wish where that can be."""

    def __init__(self, deed: Deed, shop: Shop, simulator: KnowsWrites) -> None:
        self.deed, self.shop, self.simulator = deed, shop, simulator

    async def prepare(self, order: IncomingOrder) -> None:
        """What must have happened before it can be wished."""

    def seen(self) -> object:
        """What else of the channel a write may change."""
        return None

    def whole(self, order: IncomingOrder, key: str) -> Any:
        raise NotImplementedError

    def part(self, order: IncomingOrder, key: str) -> Any:
        return self.whole(order, key)

    def of_nobody(self, order: IncomingOrder, key: str) -> Any:
        raise NotImplementedError

    def effect(self, order: IncomingOrder) -> object:
        raise NotImplementedError

    def all_done(self, order: IncomingOrder) -> object:
        raise NotImplementedError


class Parcels(Wishes):
    """Units leave, with a carrier and a number."""

    @override
    def whole(self, order: IncomingOrder, key: str) -> Fulfillment:
        return self.parcel(
            order, key, {each.channel_line_id: each.quantity for each in order.lines}, last=True
        )

    @override
    def part(self, order: IncomingOrder, key: str) -> Fulfillment:
        return self.parcel(order, key, {order.lines[0].channel_line_id: 1})

    @override
    def of_nobody(self, order: IncomingOrder, key: str) -> Fulfillment:
        made = self.whole(order, key)
        return Fulfillment(
            key=key, channel_order_id=NOBODY_KNOWS, lines=made.lines, shipped_at=made.shipped_at
        )

    def plain(self, order: IncomingOrder, key: str) -> Fulfillment:
        """Handed over, without a carrier or a number."""
        whole = self.whole(order, key)
        return Fulfillment(
            key=key,
            channel_order_id=whole.channel_order_id,
            lines=whole.lines,
            shipped_at=whole.shipped_at,
            completes=True,
        )

    def parcel(
        self,
        order: IncomingOrder,
        key: str,
        units: dict[str, int],
        *,
        last: bool = False,
        carrier: str = "dhl",
    ) -> Fulfillment:
        return Fulfillment(
            key=key,
            channel_order_id=order.channel_order_id,
            lines=tuple(LineUnits(line, count) for line, count in units.items()),
            shipped_at=self.shop.at,
            carrier=carrier,
            tracking_number=f"0034{key}",
            completes=last,
        )

    @override
    def effect(self, order: IncomingOrder) -> object:
        return dict(self.simulator.written(order.channel_order_id).shipped)

    @override
    def all_done(self, order: IncomingOrder) -> object:
        return {each.channel_line_id: each.quantity for each in order.lines}


class Labels(Parcels):
    """A parcel that the channel was told of gets another number."""

    def __init__(self, deed: Deed, shop: Shop, simulator: KnowsWrites) -> None:
        super().__init__(deed, shop, simulator)
        self.refs: dict[str, str] = {}

    @override
    async def prepare(self, order: IncomingOrder) -> None:
        channel: PushesFulfillments = self.shop.channel
        told = Parcels.part(self, order, f"parcel-{order.channel_order_id}")
        (outcome,) = await channel.push_fulfillment([told])
        self.refs[order.channel_order_id] = outcome.channel_ref

    @override
    def whole(self, order: IncomingOrder, key: str) -> Any:
        return ParcelLabel(
            key=key,
            channel_order_id=order.channel_order_id,
            parcel_key=f"parcel-{order.channel_order_id}",
            channel_ref=self.refs[order.channel_order_id],
            carrier="ups",
            tracking_number="1Z999AA10123456784",
        )

    @override
    def part(self, order: IncomingOrder, key: str) -> Any:
        return self.whole(order, key)

    @override
    def of_nobody(self, order: IncomingOrder, key: str) -> Any:
        return ParcelLabel(key=key, channel_order_id=NOBODY_KNOWS, parcel_key="nobody", carrier="ups")

    @override
    def effect(self, order: IncomingOrder) -> object:
        return tuple(self.simulator.written(order.channel_order_id).parcels)

    @override
    def all_done(self, order: IncomingOrder) -> object:
        return ("1Z999AA10123456784",)


class Cancels(Wishes):
    """All that has not left is canceled."""

    @override
    def whole(self, order: IncomingOrder, key: str) -> Cancellation:
        return Cancellation(key=key, channel_order_id=order.channel_order_id)

    @override
    def of_nobody(self, order: IncomingOrder, key: str) -> Cancellation:
        return Cancellation(key=key, channel_order_id=NOBODY_KNOWS)

    @override
    def effect(self, order: IncomingOrder) -> object:
        return self.simulator.written(order.channel_order_id).canceled

    @override
    def all_done(self, order: IncomingOrder) -> object:
        return True


class Refunds(Wishes):
    """Money goes back: all of it, or the price of one unit."""

    @override
    def whole(self, order: IncomingOrder, key: str) -> Refund:
        lines = tuple(RefundLine(each.channel_line_id, each.quantity, each.total) for each in order.lines)
        return self.money(order, key, order.total, lines, shipping=order.shipping_total)

    @override
    def part(self, order: IncomingOrder, key: str) -> Refund:
        line = order.lines[0]
        return self.money(
            order, key, line.unit_price, (RefundLine(line.channel_line_id, 1, line.unit_price),)
        )

    @override
    def of_nobody(self, order: IncomingOrder, key: str) -> Refund:
        return Refund(key=key, channel_order_id=NOBODY_KNOWS, amount=Decimal(1), currency=order.currency)

    def money(
        self,
        order: IncomingOrder,
        key: str,
        amount: Decimal,
        lines: tuple[RefundLine, ...] = (),
        *,
        shipping: Decimal = Decimal(0),
        currency: str = "",
    ) -> Refund:
        return Refund(
            key=key,
            channel_order_id=order.channel_order_id,
            amount=amount,
            currency=currency or order.currency,
            lines=lines,
            shipping=shipping,
        )

    @override
    def effect(self, order: IncomingOrder) -> object:
        return self.simulator.written(order.channel_order_id).refunded

    @override
    def all_done(self, order: IncomingOrder) -> object:
        return order.total


class Decisions(Wishes):
    """A return that a buyer asked for is accepted."""

    def __init__(self, deed: Deed, shop: Shop, simulator: KnowsWrites) -> None:
        super().__init__(deed, shop, simulator)
        if not isinstance(shop.simulator, TakesReturns):
            untried("its simulator takes no returns: give it ask_return and return_state")
        self.returns: TakesReturns = shop.simulator
        self.asked: dict[str, str] = {}

    @override
    async def prepare(self, order: IncomingOrder) -> None:
        units = {_first(order).channel_line_id: 1}
        order_id = order.channel_order_id
        self.asked[order_id] = self.returns.ask_return(order_id, units, at=self.shop.channel_clock())

    @override
    def whole(self, order: IncomingOrder, key: str, *, accepted: bool = True) -> ReturnDecision:
        return ReturnDecision(
            key=key,
            channel_return_id=self.asked[order.channel_order_id],
            channel_order_id=order.channel_order_id,
            accepted=accepted,
            reason="" if accepted else "too late",
        )

    @override
    def of_nobody(self, order: IncomingOrder, key: str) -> ReturnDecision:
        return ReturnDecision(
            key=key,
            channel_return_id=NOBODY_KNOWS,
            channel_order_id=order.channel_order_id,
            accepted=True,
        )

    @override
    def seen(self) -> object:
        return [self.returns.return_state(each) for each in self.asked.values()]

    @override
    def effect(self, order: IncomingOrder) -> object:
        return self.returns.return_state(self.asked[order.channel_order_id]).value

    @override
    def all_done(self, order: IncomingOrder) -> object:
        return "accepted"


PARCELS = Deed("shipping", "a parcel", Capability.PUSH_FULFILLMENT, "push_fulfillment", Parcels)
LABELS = Deed("labeling", "a corrected number", Capability.PUSH_LABEL, "push_label", Labels)
CANCELS = Deed("canceling", "a cancellation", Capability.PUSH_CANCEL, "push_cancel", Cancels)
REFUNDS = Deed("refunding", "money back", Capability.PUSH_REFUND, "push_refund", Refunds)
DECISIONS = Deed(
    "deciding", "a word on a return", Capability.PUSH_RETURN_DECISION, "push_return_decision", Decisions
)
DEEDS = (PARCELS, LABELS, CANCELS, REFUNDS, DECISIONS)


def wishes_of(deed: Deed, shop: Shop) -> Wishes:
    """From here on a call that changes what became of an order is a write, as one that changes stock is."""
    simulator = shop.simulator
    if not isinstance(simulator, KnowsWrites):
        untried("its simulator cannot be asked what became of an order: give it written")
    made = deed.wishes(deed, shop, simulator)

    def shown() -> object:
        orders = [simulator.written(each) for each in simulator.order_ids()]
        return simulator.stock(), orders, made.seen()

    shop.road.shown = shown
    return made


def _first(order: IncomingOrder) -> IncomingLine:
    return order.lines[0]
