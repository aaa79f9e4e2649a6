"""The kit: a fake channel is this class plus what its vendor says and hears, in about a hundred lines.

It keeps orders, stock and subscriptions; a subclass has `settings`, `routes`, `refuse` (the doorkeeper) and, where the
vendor sends webhooks, `webhook`. Nothing here reads a clock: `at` comes with every call.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from typing_extensions import override

from hub.model.incoming import Person
from hub.model.money import minor_digits
from hub.spec.testing.goods import SimGood, SimLine, SimOrder
from hub.spec.testing.hooks import SimHook, SimHooks
from hub.spec.testing.pages import SimPage, page_of
from hub.spec.testing.profile import Profile
from hub.spec.testing.routes import SimApi
from hub.spec.testing.simulator import SimItem, SimSale
from hub.spec.testing.wire import Delivery
from hub.spec.testing.writing import SimWriting

OPENED = datetime(2020, 1, 1, tzinfo=UTC)
NO_SUCH_LISTING = "no such item"
LOCKED = "this item is locked"
NOT_AS_EXPECTED = "it shows another number than expected"
NOTHING_EXPECTED: Mapping[str, int] = {}
_FREE_EVERY = 3  # orders without a parcel's price


class SimChannel(SimWriting, SimApi):
    """`habits` is what the vendor is known for; a profile handed in replaces it whole.

    `skus_only`: the vendor has no listings beside its SKUs, so that a SKU is the listing's id.
    """

    kind: str
    habits: Profile = Profile()
    plays: frozenset[str] = frozenset(Profile.__struct_fields__)
    skus_only: bool = False

    def __init__(self, items: Sequence[SimItem], profile: Profile | None = None) -> None:
        super().__init__()
        self.profile = profile or self.habits
        self.goods = {good.listing_id: good for good in map(self.new_good, range(1, len(items) + 1), items)}
        self.orders: dict[str, SimOrder] = {}
        self.hooks = SimHooks(late=self.profile.late_bodies)
        self._skus = [item.sku for item in items]
        self._sold = 0
        self._by_sku = {good.sku: good for good in reversed(self.goods.values())}

    # What the author of a simulator writes

    def settings(self, base_url: str) -> dict[str, str]:
        """The config values of the connector that reach this channel; `self.made_up` makes secrets."""
        return {"base_url": base_url}

    def webhook(self, hook: SimHook, topic: str, order: SimOrder, at: datetime) -> Delivery | None:
        """Build and sign one webhook; None where the vendor sends none."""
        del hook, topic, order, at
        return None

    def new_good(self, number: int, item: SimItem) -> SimGood:
        """How the vendor names its listings."""
        listing_id = item.sku if self.skus_only else f"L-{number}"
        return SimGood(listing_id, item.sku, item.title, item.price, [(OPENED, item.stock)])

    # What the kit does with it

    def sell(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        wanted = [(self._by_sku[sku], units) for sku, units in basket.items()]
        if not self.profile.below_zero and any(good.level < units for good, units in wanted):
            return None
        order = self._new_order(wanted, self.stamp(at), buyer)
        self.orders[order.id] = order
        for good, units in wanted:
            self._set_level(good, good.level - units, at)
        self.tell("order.created", order, at)
        return order.id

    @override
    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        order = self.orders[channel_order_id]
        if order.state != "open":
            return
        for line in order.lines:
            self._set_level(line.good, line.good.level + line.units, at)
        self.change(order, at, state="canceled")

    @override
    def change(self, order: SimOrder, at: datetime, **fields: Any) -> None:
        """Change an order, as its vendor or a person there would; its time of change moves and webhooks go out."""
        for name, value in fields.items():
            setattr(order, name, value)
        order.changed_at = max(order.changed_at, self.stamp(at))
        order.change = self._next_change()
        self.tell("order.updated", order, at)

    def sale(self, channel_order_id: str) -> SimSale:
        return self.orders[channel_order_id].sale()

    def stock(self) -> dict[str, int]:
        return {sku: good.level for sku, good in self._by_sku.items()}

    def set_stock(self, levels: Mapping[str, int], *, at: datetime) -> None:
        for sku, units in levels.items():
            self._set_level(self._by_sku[sku], units, at)

    def order_ids(self) -> list[str]:
        return list(self.orders)

    def take_deliveries(self) -> list[Delivery]:
        return self.hooks.take()

    def switch_off_webhooks(self) -> None:
        for hook in self.hooks.by_id.values():
            hook.enabled = False

    # What routes are made of

    def changed(
        self, at: datetime, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[SimOrder]:
        """The orders the channel has heard of by now, longest unchanged first; both bounds inclusive."""
        known = [order for order in self.orders.values() if order.shown_at <= at]
        wanted = [
            order
            for order in known
            if (since is None or order.changed_at >= since) and (until is None or order.changed_at <= until)
        ]
        return sorted(wanted, key=lambda order: order.mark)

    def page_of_orders(
        self, orders: Sequence[SimOrder], position: str, limit: int = 10_000
    ) -> SimPage[SimOrder]:
        return page_of(orders, position, self.profile, mark=lambda order: order.mark, limit=limit)

    def page_of_goods(self, position: str, limit: int = 10_000) -> SimPage[SimGood]:
        goods = sorted(self.goods.values(), key=lambda good: good.listing_id)
        return page_of(goods, position, self.profile, mark=lambda good: good.listing_id, limit=limit)

    def shown(self, listing_id: str, at: datetime) -> int | None:
        """What it reads out for a listing: as old as the profile's lag; None for an unknown one."""
        good = self.goods.get(listing_id)
        return good.level_at(at - timedelta(seconds=self.profile.lag_s)) if good else None

    def write_stock(
        self, levels: Mapping[str, int], at: datetime, *, expected: Mapping[str, int] = NOTHING_EXPECTED
    ) -> dict[str, str]:
        """Write what can be written; return {listing id: reason} of what cannot.

        A listing that is `expected` to show a number and shows another keeps it: compare and set.
        """
        refused: dict[str, str] = {}
        for listing_id, units in levels.items():
            good = self.goods.get(listing_id)
            if good is None:
                refused[listing_id] = NO_SUCH_LISTING
            elif good.sku in self.profile.refused_skus:
                refused[listing_id] = LOCKED
            elif expected.get(listing_id, good.level) != good.level:
                refused[listing_id] = NOT_AS_EXPECTED
            else:
                self._set_level(good, units, at)
        return refused

    def tell(self, topic: str, order: SimOrder, at: datetime) -> None:
        """Queue a webhook for every subscription to the topic."""
        self.hooks.tell(topic, lambda hook: self.webhook(hook, topic, order, at))

    def stamp(self, at: datetime) -> datetime:
        return at.replace(microsecond=0) if self.profile.whole_seconds else at

    def made_up(self, name: str) -> str:
        """A key or a secret that is the same for the same channel, and found nowhere else."""
        seed = msgspec.json.encode([self.kind, name, self._skus])
        return f"{name}-{hashlib.sha256(seed).hexdigest()[:32]}"

    def _new_order(self, wanted: Sequence[tuple[SimGood, int]], at: datetime, buyer: Person) -> SimOrder:
        self._sold += 1
        number, currency = self._sold + 1000, self.profile.currency
        shown_at = at + timedelta(seconds=self.profile.offline_s)
        lines = [SimLine(place, good, units) for place, (good, units) in enumerate(wanted, 1)]
        parcel = Decimal(0 if number % _FREE_EVERY == 0 else 3).scaleb(0)
        shipping = parcel.quantize(Decimal(1).scaleb(-minor_digits(currency)))
        change = self._next_change()
        return SimOrder(number, at, shown_at, shown_at, buyer, lines, currency, shipping, change)

    def _set_level(self, good: SimGood, units: int, at: datetime) -> None:
        good.levels.append((at, units))
