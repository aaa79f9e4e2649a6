"""One simulated channel at work: a connector's simulator, its faults, and its webhooks on their way.

The same few verbs serve tests in the same process and, through the control API, everybody else.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Person
from hub.sim.deliver import Deliverer, Tally
from hub.sim.faults import CALM, CallFate, CallFault, FaultPlan, Faults
from hub.sim.quota import Quota
from hub.spec.testing import (
    PaysBack,
    PlaysProfile,
    Profile,
    SetsStock,
    SimReply,
    SimRequest,
    Simulator,
    TakesReturns,
)

LAST_SALES = 20  # how many the page for people shows


class Sale(Struct, frozen=True):
    """A sale as the page shows it; `channel_order_id` None where the channel refused."""

    at: datetime
    channel_order_id: str | None
    basket: Mapping[str, int]
    buyer: Person


class SimState(Struct, frozen=True, kw_only=True):
    """`refused`: sales the channel turned away for lack of stock. `calls`: API calls by what befell them.

    `ahead_s`: how far its clock is ahead, or below zero behind.
    """

    kind: str
    url: str
    stock: Mapping[str, int]
    orders: int
    sold: int
    refused: int
    canceled: int
    webhooks: Tally
    webhooks_waiting: int
    calls: Mapping[str, int]
    faults: FaultPlan
    profile: Profile | None
    ahead_s: float


class SimServer:
    """`clock` is the only source of time; the simulator is called from one event loop."""

    def __init__(
        self,
        simulator: Simulator,
        url: str,
        deliverer: Deliverer,
        *,
        plan: FaultPlan = CALM,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.simulator = simulator
        self.url = url
        self.last_sales: deque[Sale] = deque(maxlen=LAST_SALES)
        self._deliverer = deliverer
        self.profile = simulator.profile if isinstance(simulator, PlaysProfile) else None
        self._faults = Faults(plan)
        self._quota = Quota(self.profile or Profile())
        self._clock = clock
        self._ahead = timedelta()
        self._count: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._arrived = self._written = 0
        self._known: set[str] = set()
        self._watched = False
        self.overtaken = 0

    def settings(self) -> dict[str, str]:
        """Return the connector's config values that reach this channel."""
        return self.simulator.settings(self.url)

    def set_faults(self, plan: FaultPlan) -> None:
        """From now on this plan, from the beginning of its seed."""
        self._faults = Faults(plan)

    def now(self) -> datetime:
        """The channel's own clock."""
        return self._clock() + self._ahead

    def travel(self, seconds: float) -> None:
        """Move the channel's clock on: offline sales arrive, lag passes, signatures grow old."""
        self._ahead += timedelta(seconds=seconds)

    def set_clock(self, ahead_s: float) -> None:
        """Set the channel's clock so far ahead, or below zero behind."""
        self._ahead = timedelta(seconds=ahead_s)

    async def sell(self, basket: Mapping[str, int], buyer: Person) -> str | None:
        """Let a customer buy; None where the channel refuses for lack of stock."""
        self._must_know(basket)
        at = self.now()
        channel_order_id = self.simulator.sell(basket, at=at, buyer=buyer)
        self._count["refused" if channel_order_id is None else "sold"] += 1
        self.last_sales.appendleft(Sale(at, channel_order_id, dict(basket), buyer))
        self._send_webhooks()
        return channel_order_id

    async def give_back(self, channel_order_id: str, amount: Decimal) -> str:
        """Somebody there sends money back; the channel's id of it. NotFoundError for an order it does not hold."""
        self._must_hold(channel_order_id)
        if not isinstance(self.simulator, PaysBack):
            msg = f"the simulator of {self.simulator.kind} has no refund: it sends no money back"
            raise InputError(msg)
        made = self.simulator.refund(channel_order_id, amount, at=self.now())
        self._send_webhooks()
        return made

    async def bring_back(self, channel_order_id: str, units: Mapping[str, int]) -> str:
        """A buyer brings units back, by the channel's id of a line; the id of the return, as give_back."""
        self._must_hold(channel_order_id)
        if not isinstance(self.simulator, TakesReturns):
            msg = f"the simulator of {self.simulator.kind} has no ask_return: it takes nothing back"
            raise InputError(msg)
        made = self.simulator.ask_return(channel_order_id, units, at=self.now())
        self._send_webhooks()
        return made

    def _must_hold(self, channel_order_id: str) -> None:
        if channel_order_id not in self.simulator.order_ids():
            msg = f"{self.simulator.kind} at {self.url} has no order {channel_order_id!r}: see /_sim/orders"
            raise NotFoundError(msg)

    async def cancel(self, channel_order_id: str) -> None:
        """Cancel at the channel; NotFoundError for an order it does not hold."""
        self._must_hold(channel_order_id)
        self.simulator.cancel(channel_order_id, at=self.now())
        self._count["canceled"] += 1
        self._send_webhooks()

    async def set_stock(self, levels: Mapping[str, int]) -> None:
        """Tamper: the channel shows these numbers, although nobody bought and the hub wrote nothing."""
        self._must_know(levels)
        if not isinstance(self.simulator, SetsStock):
            msg = f"the simulator of {self.simulator.kind} has no set_stock: change its stock through its API"
            raise InputError(msg)
        self.simulator.set_stock(levels, at=self.now())
        self._send_webhooks()

    def next_call(self) -> CallFate:
        """Decide, and count, what befalls the API call that just came in; its quota is asked first."""
        wait_s = self._quota.take(self.now())
        fate = CallFate(CallFault.TOO_MANY, wait_s) if wait_s else self._faults.next_call()
        self._calls[fate.fault] += 1
        return fate

    def watch_writes(self) -> None:
        """From now on count in `overtaken` what was written after something that came here later."""
        self._watched = True

    def arrive(self) -> int:
        """The how-manieth call it is."""
        self._arrived += 1
        return self._arrived

    def answer(self, request: SimRequest, arrived: int = 0) -> SimReply:
        """Carry out one API call, and send the webhooks it causes."""
        before = self.simulator.stock() if self._watched else {}
        reply = self.simulator.answer(replace(request, sent_at=self._clock()), at=self.now())
        if self._watched and self.simulator.stock() != before:
            self.overtaken += arrived < self._written
            self._written = max(self._written, arrived)
        self._send_webhooks()
        return reply

    async def settle(self) -> None:
        """Return when every webhook so far has arrived or was given up."""
        await self._deliverer.settle()

    def state(self) -> SimState:
        return SimState(
            kind=self.simulator.kind,
            url=self.url,
            stock=self.simulator.stock(),
            orders=len(self.simulator.order_ids()),
            sold=self._count["sold"],
            refused=self._count["refused"],
            canceled=self._count["canceled"],
            webhooks=self._deliverer.tally,
            webhooks_waiting=self._deliverer.waiting,
            calls=dict(self._calls),
            faults=self._faults.plan,
            profile=self.profile,
            ahead_s=self._ahead.total_seconds(),
        )

    def _must_know(self, skus: Mapping[str, int]) -> None:
        if not self._known.issuperset(skus):  # what is on sale once stays so; to list it all takes long
            self._known.update(self.simulator.stock())
        unknown = sorted(set(skus) - self._known)
        if unknown:
            msg = f"{self.simulator.kind} at {self.url} does not sell {', '.join(unknown)}: see /_sim/state"
            raise NotFoundError(msg)

    def _send_webhooks(self) -> None:
        self._deliverer.send(self.simulator.take_deliveries(), self._faults)
