"""Where a scenario plays: it opens shops on loopback ports, and all of them close with it.

Time is the scenario's: it begins at NOON and passes when the scenario says so.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import httpx

from hub.sim.certify.flaws import BrokenRuleError
from hub.sim.certify.shop import Shop, Subject, secret_fields, simulator_crash
from hub.sim.find import make
from hub.sim.listen import bind, listen
from hub.sim.profiles import profile_of
from hub.spec import Manifest
from hub.spec.config import settings_of
from hub.spec.testing import SimChannel, SimItem

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"  # the discard port: nobody answers there
PAGE = 5
PLAIN: Mapping[str, object] = {}
PRICE = Decimal("12.90")


class NobodyThere(SimChannel):
    """Stands in where there is no simulator."""

    kind = "nobody"


class Stage:
    """Opens shops for one scenario; all of them close with it. `random` depends on the seed and the name alone."""

    def __init__(self, subject: Subject, client: httpx.AsyncClient, stack: AsyncExitStack, seed: str) -> None:
        self.subject = subject
        self.random = Random(seed)
        self.client = client
        self._stack = stack
        self._page_size = PAGE
        self.secrets: dict[str, str] = {}
        self.remarks: list[str] = []  # what breaks no rule, and its author should look at
        self._shops: list[Shop] = []

    @property
    def manifest(self) -> Manifest:
        return self.subject.connector.manifest

    async def open(
        self,
        items: int | Sequence[SimItem] = 5,
        quirks: Mapping[str, object] = PLAIN,
        *,
        at: datetime = NOON,
        skew_s: float = 0,
    ) -> Shop:
        """Open a shop that sells so many goods, or these; `quirks` are fields of Profile."""
        goods = some_goods(items) if isinstance(items, int) else items
        assert self.subject.new_simulator is not None
        new = self.subject.new_simulator
        simulator = make(new, goods, profile_of(new(goods), quirks))
        bound = bind(0)
        shop = Shop(self.subject, simulator, bound.url, at, skew_s)
        await self._stack.enter_async_context(listen(bound, shop.road.handle))
        shop.connect(self.client, shop.settings)
        self.secrets |= {
            name: shop.settings[name] for name in secret_fields(shop.connector) if name in shop.settings
        }
        self._shops.append(shop)
        return shop

    def fault(self) -> BrokenRuleError | None:
        """What a simulator failed with: not the connector's doing, and first to be mended."""
        faults = (shop.road.fault for shop in self._shops if shop.road.fault)
        return next((simulator_crash(each) for each in faults), None)

    def all_secrets(self) -> list[tuple[str, str]]:
        """Those of the settings, and the tokens that were given meanwhile."""
        given = [each for shop in self._shops if shop.login for each in shop.login.secrets()]
        return [*self.secrets.items(), *(("a token", each) for each in given)]

    @property
    def page_size(self) -> int:
        """How many orders a page of `paged()` holds: few where the simulator can be told so."""
        return self._page_size

    async def paged(self, page_max: int = PAGE, *, skew_s: float = 0, **quirks: object) -> Shop:
        """Open a shop with small pages, or with the vendor's own where its simulator cannot turn that."""
        plays = self.plays
        self._page_size = page_max if "page_max" in plays else self.manifest.orders_batch_max
        small = {"page_max": page_max} if "page_max" in plays else {}
        return await self.open(5, {**small, **quirks}, skew_s=skew_s)

    @property
    def plays(self) -> frozenset[str]:
        return self.subject.plays

    @property
    def has_network(self) -> bool:
        """Whether there is another side: a form or a file has none."""
        return self.subject.new_simulator is not None

    async def opened(self) -> Shop:
        """Any shop; where there is no simulator, settings are made up and nobody answers."""
        return await self.open() if self.subject.new_simulator is not None else self.offline()

    def offline(self) -> Shop:
        """A shop where nobody answers: for what calls nobody."""
        new = self.subject.new_simulator
        simulator = new(some_goods(5)) if new else NobodyThere((), None)
        shop = Shop(self.subject, simulator, NOBODY, NOON, 0)
        if new is None:
            needed = [each.name for each in settings_of(shop.connector.config_type) if each.required]
            shop.settings = dict.fromkeys(needed, "made-up") | {"base_url": NOBODY}
        shop.connect(self.client, shop.settings)
        return shop

    def reopen(self, shop: Shop, **settings: str) -> None:
        """Open the same shop with other settings, as somebody would who typed them wrong."""
        shop.connect(self.client, {**shop.settings, **settings})


def some_goods(count: int, stock: int = 1000) -> list[SimItem]:
    return [SimItem(sku_of(n), f"Thing {n}", PRICE + n, stock) for n in range(1, count + 1)]


def sku_of(number: int) -> str:
    return f"SKU-{number:03}"
