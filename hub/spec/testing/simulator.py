"""What a connector's simulator is: the channel's API as a plain object that keeps stock and orders.

hub.sim serves it over real HTTP, signs nothing and knows no vendor: faults (429, 500, time-outs; dropped, delayed,
repeated, reordered webhooks) are laid over it there, alike for every kind.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from msgspec import Struct

from hub.model.incoming import Person
from hub.spec.after_sales import ReturnState
from hub.spec.testing.profile import Profile
from hub.spec.testing.wire import Delivery, SimReply, SimRequest


class SimItem(Struct, frozen=True):
    """What a simulated channel offers at the start. Two items may share a SKU: channels allow it."""

    sku: str
    title: str
    price: Decimal
    stock: int
    barcode: str = ""


class SimSale(Struct, frozen=True):
    """What was really sold, in no vendor's words: what a translation is held against. `units` by SKU.

    Whether the buyer collects it, whether it is paid at the door, the numbers of its parcels, whether its money came,
    and all of its tax; None where the vendor does not say.
    """

    channel_order_id: str
    bought_at: datetime
    currency: str
    total: Decimal
    units: Mapping[str, int]
    canceled: bool = False
    collected: bool | None = None
    at_the_door: bool | None = None
    parcels: Sequence[str] | None = None
    paid: bool | None = None
    tax: Decimal | None = None


class SimWritten(Struct, frozen=True):
    """What became of one order after the sale: units that left by line id, their parcels, money that went back."""

    shipped: Mapping[str, int] = {}
    parcels: Sequence[str] = ()
    canceled: bool = False
    refunded: Decimal = Decimal(0)


class Simulator(Protocol):
    """State in memory, answers like the vendor's API. Not thread safe; the server calls it from one loop."""

    kind: str

    def settings(self, base_url: str) -> dict[str, str]:
        """The values of the connector's config that reach this simulator at `base_url`; secrets in plain text."""

    def answer(self, request: SimRequest, *, at: datetime) -> SimReply:
        """Answer one API call. Unknown paths answer as the vendor does."""

    def sell(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        """A customer buys {sku: units}: stock falls, webhooks are queued. None where the channel lacks the stock."""

    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        """The channel cancels the order and, as the vendor does, puts its own stock back."""

    def take_deliveries(self) -> list[Delivery]:
        """Webhooks queued since the last call, oldest first."""

    def stock(self) -> dict[str, int]:
        """What the channel shows now, by SKU; what was ever on sale stays in it."""

    def order_ids(self) -> list[str]:
        """Every order the channel holds, oldest first."""


@runtime_checkable
class SetsStock(Protocol):
    """A simulator whose stock can be tampered with behind everybody's back: what reconcile must find."""

    def set_stock(self, levels: Mapping[str, int], *, at: datetime) -> None:
        """Show these numbers from now on. Webhooks are queued where the vendor would send them."""


@runtime_checkable
class KnowsSales(Protocol):
    """A simulator that can be asked what it really sold; certification holds every translation against it."""

    def sale(self, channel_order_id: str) -> SimSale:
        """The order as it stands now."""


@runtime_checkable
class LetsCollect(Protocol):
    """A simulator whose buyers may come for what they bought."""

    def collect(self, channel_order_id: str, *, at: datetime) -> None:
        """The buyer of this order collects it, all of it."""


@runtime_checkable
class SendsParcels(Protocol):
    """A simulator where people there let goods leave."""

    def send_away(self, channel_order_id: str, numbers: Sequence[str], *, at: datetime) -> None:
        """A person there lets all of an order leave, in parcels with these numbers."""


@runtime_checkable
class SendsLater(Protocol):
    """A simulator whose sales leave at once, as a till's, and that takes orders which are to be sent as well."""

    def order(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        """A customer orders {sku: units} and pays; nothing has left. As `sell` otherwise."""


@runtime_checkable
class DeletesOrders(Protocol):
    """A simulator where an order can be deleted for good."""

    def delete_order(self, channel_order_id: str, *, at: datetime) -> None:
        """A person there deletes it: the channel knows it no more."""


@runtime_checkable
class SellsBundles(Protocol):
    """A simulator whose vendor lists a bundle together with what is in it."""

    def sell_bundle(self, parts: Mapping[str, int], *, at: datetime, buyer: Person) -> str:
        """A buyer takes these parts as one bundle, at one price; the id of the order."""


@runtime_checkable
class KnowsSkus(Protocol):
    """A simulator that says whether its vendor knows nothing but SKUs: each once, and no goods without one."""

    @property
    def skus_only(self) -> bool: ...


@runtime_checkable
class HasPlaces(Protocol):
    """A simulator that can have any number of places of stock."""

    def put_places(self, count: int) -> None:
        """From now on it has so many."""


@runtime_checkable
class HasRegions(Protocol):
    """A simulator of a vendor with several regions, each with accounts and an address of its own."""

    def move_away(self) -> None:
        """From now on it answers as another region does to this account."""


@runtime_checkable
class SwitchesOff(Protocol):
    """A simulator whose webhooks can be switched off, as vendors do after failed deliveries."""

    def switch_off_webhooks(self) -> None:
        """Disable every subscription; ensure_webhooks must find and revive it."""


@runtime_checkable
class KnowsWrites(Protocol):
    """A simulator that can be asked what became of an order; write-back is held against it."""

    def written(self, channel_order_id: str) -> SimWritten:
        """The order as it stands now."""


@runtime_checkable
class TakesReturns(Protocol):
    """A simulator whose buyers send things back."""

    def ask_return(self, channel_order_id: str, units: Mapping[str, int], *, at: datetime) -> str:
        """A buyer asks to send units back, by line id; the id of the return."""

    def return_state(self, channel_return_id: str) -> ReturnState:
        """Where it stands now."""


@runtime_checkable
class PaysBack(Protocol):
    """A simulator where people send money back."""

    def refund(self, channel_order_id: str, amount: Decimal, *, at: datetime) -> str:
        """A person there sends money back; the id of the refund."""


@runtime_checkable
class Settles(Protocol):
    """A simulator that pays its seller."""

    def settle(self, *, at: datetime) -> tuple[str, Decimal]:
        """Pay what is due now; the id of the settlement and what was paid."""


@runtime_checkable
class LetsIn(Protocol):
    """A simulator of a channel one logs in to."""

    def log_in(self, url: str, *, at: datetime) -> Mapping[str, str]:
        """A person follows `url`, logs in and agrees: the query they come back with."""

    def revoke(self) -> None:
        """The person takes it back: no token is good any more, and none can be renewed."""


@runtime_checkable
class PlaysProfile(Protocol):
    """A simulator with quirks: `plays` names the fields of Profile that it heeds, `profile` holds their values."""

    @property
    def plays(self) -> frozenset[str]: ...

    @property
    def profile(self) -> Profile: ...


class NewSimulator(Protocol):
    """`new_simulator` of a connector's module `simulator`. `profile` None: the habits of the vendor."""

    def __call__(self, items: Sequence[SimItem], profile: Profile | None = None, /) -> Simulator: ...
