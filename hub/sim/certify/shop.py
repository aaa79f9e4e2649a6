"""One channel as a scenario sees it: simulator, road, the hub's own transport, and the connector opened on them."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.transport import Line, Outside, Transport
from hub.model.errors import HubError
from hub.model.incoming import IncomingOrder, Person
from hub.sim.certify.ears import note
from hub.sim.certify.flaws import CRASHES, NEVER_ENDS, SIMULATOR, WAITS, BrokenRuleError
from hub.sim.certify.login import Login
from hub.sim.certify.people import CANARY
from hub.sim.certify.road import Road
from hub.spec import Capability, Connector, LogsIn, Message, Outcome, Page, Reply, StockTarget
from hub.spec.config import Form, read_settings, settings_of, write_settings
from hub.spec.testing import KnowsSales, LetsIn, NewSimulator, PlaysProfile, SendsLater, SimSale, Simulator

Answer = TypeVar("Answer")
CALL_S_MAX = 12.0  # one call of a connector over loopback; whoever takes longer waits for something
PAGES_MAX = 200


class Recording(Struct, frozen=True):
    """A file as the channel sent it, redacted."""

    name: str
    raw: bytes


class Subject(Struct, frozen=True):
    """What is certified. `replay` is how a person names it on the command line.

    `listings` remembers {SKU: listing id} of shops with the same goods, which are the same shop.
    """

    connector: Connector
    new_simulator: NewSimulator | None
    recordings: Sequence[Recording] = ()
    replay: str = ""
    listings: dict[tuple[str, ...], dict[str, str]] = {}

    @property
    def plays(self) -> frozenset[str]:
        """The quirks its simulator can be told to have."""
        if self.new_simulator is None:
            return frozenset()
        simulator = self.new_simulator(())
        return simulator.plays if isinstance(simulator, PlaysProfile) else frozenset()


class Scanned(Struct):
    """What a scan of the orders brought, page by page, and where the next one begins."""

    pages: list[list[Message]]
    resume: str | None

    @property
    def messages(self) -> list[Message]:
        return [message for page in self.pages for message in page]


class WatchedHttp:
    """The hub's transport with the scenario's clock; counts what the connector itself asked for.

    `before` hears of each call before it goes out.
    """

    def __init__(self, inner: Transport, clock: Callable[[], datetime], nonces: Iterator[int]) -> None:
        self.asked: list[tuple[str, str, bytes | None]] = []
        self._inner = inner
        self._clock = clock
        self._nonces = nonces
        self.before: Callable[[str, str], object] = lambda _method, _path: None

    @property
    def base_url(self) -> str:
        return self._inner.base_url

    def now(self) -> datetime:
        return self._clock()

    def nonce(self) -> str:
        return f"nonce{next(self._nonces):08}"

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str = "",
    ) -> Reply:
        self.before(method, path)
        self.asked.append((method, path, body))
        return await self._inner.request(
            method, path, query=query, body=body, headers=headers, idempotency_key=idempotency_key
        )


class Shop:
    """One channel: simulator, road, transport, and the connector opened on them."""

    def __init__(self, subject: Subject, simulator: Simulator, url: str, at: datetime, skew_s: float) -> None:
        self.subject = subject
        self.connector = subject.connector
        self.simulator = simulator
        self.url = url
        self.at = at
        self.skew = timedelta(seconds=skew_s)
        self.road = Road(simulator, self.channel_clock)
        self.settings = simulator.settings(url)
        self.told: dict[str, int] = {}
        self.version = 0
        self.nonces = count()  # none comes twice, however often the connector is opened
        self.http: WatchedHttp
        self.login: Login | None = None
        self.config: Any
        self.channel: Any  # what it can do is asked at run time, as the hub does

    def channel_clock(self) -> datetime:
        """The clock of the other side, which may be wrong."""
        return self.at + self.skew

    def connect(self, client: httpx.AsyncClient, settings: Mapping[str, str]) -> None:
        """Open the connector with these settings, as the hub does."""
        kind = self.connector.config_type
        self.config = read_settings(kind, write_settings(kind, settings))
        manifest, outside = self.connector.manifest, Outside(client)
        line = Line(patient=False, idempotency_header=manifest.idempotency_header)
        if isinstance(self.connector, LogsIn) and isinstance(self.simulator, LetsIn):
            plainly = Transport(outside, self.config.base_url, line)
            self.login = Login(self.connector, self.simulator, self.config, self.watched(plainly))
            line = replace(
                line,
                tokens=self.login,
                token_header=manifest.token_header,
                token_prefix=manifest.token_prefix,
            )
        self.http = self.watched(Transport(outside, self.config.base_url, line))
        self.channel = self.connector.open(self.http, self.config)

    def watched(self, inner: Transport) -> WatchedHttp:
        return WatchedHttp(inner, lambda: self.at, self.nonces)

    def heard(self, path: str) -> str:
        """A path that the connector asked for as the simulator hears it: behind that of the base address."""
        return f"{urlsplit(self.http.base_url).path}{path}"

    def can(self, capability: Capability) -> bool:
        return capability in self.connector.manifest.capabilities

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def sell(
        self,
        *baskets: Mapping[str, int],
        buyer: Person = CANARY,
        every_s: float = 1.0,
        to_send: bool = False,
    ) -> list[str]:
        """Sell each basket, so many seconds apart; return the orders' ids. `to_send`: nothing has left yet."""
        sell = self.simulator.sell
        if to_send and isinstance(self.simulator, SendsLater):
            sell = self.simulator.order
        sold = []
        for basket in baskets:
            sold.append(sell(basket, at=self.channel_clock(), buyer=buyer))
            self.pass_time(every_s)
        return [each for each in sold if each is not None]

    def cancel(self, channel_order_id: str) -> None:
        self.simulator.cancel(channel_order_id, at=self.channel_clock())

    async def ask(self, what: str, call: Awaitable[Answer]) -> Answer:
        """Wait for one call of the connector. What it raises beyond the four errors is a crash; it may not wait."""
        try:
            async with asyncio.timeout(CALL_S_MAX):
                return await call
        except TimeoutError as error:
            seen = f"{what} had not returned after {CALL_S_MAX:g} s"
            raise BrokenRuleError(WAITS, seen) from error
        except HubError as error:
            note(str(error))
            raise
        except Exception as error:
            raise crash(what, error) from error

    async def fetch(self, cursor: str | None) -> Page[Message]:
        page: Page[Message] = await self.ask("fetch_orders", self.channel.fetch_orders(cursor, until=self.at))
        for message in page.items:
            note(f"{message.delivery_key} {message.topic} {message.channel_order_id}")
        return page

    async def scan(self, cursor: str | None = None) -> Scanned:
        """Read page after page, as a poll does, until the channel has no more for now."""
        scanned = Scanned([], cursor)
        for _ in range(PAGES_MAX):
            page = await self.fetch(cursor)
            scanned.pages.append(page.items)
            if page.next_cursor is None:
                scanned.resume = page.resume_cursor
                return scanned
            cursor = page.next_cursor
        raise BrokenRuleError(NEVER_ENDS, f"after {PAGES_MAX} pages there was still a next_cursor")

    async def push(self, targets: Sequence[StockTarget]) -> list[Outcome]:
        outcomes: list[Outcome] = await self.ask("push_stock", self.channel.push_stock(targets))
        for each in outcomes:
            note(each.reason)
        return outcomes

    def truth(self, channel_order_id: str) -> SimSale:
        """What the channel itself says of the order."""
        assert isinstance(self.simulator, KnowsSales)
        return self.simulator.sale(channel_order_id)

    def translate(self, message: Message) -> IncomingOrder:
        return self.pure("to_incoming", lambda: self.connector.to_incoming(message, self.config))

    def pure(self, what: str, call: Callable[[], Answer]) -> Answer:
        """Call something that is not async; as `ask`."""
        try:
            return call()
        except HubError as error:
            note(str(error))
            raise
        except Exception as error:
            raise crash(what, error) from error


def secret_fields(connector: Connector) -> list[str]:
    return [each.name for each in settings_of(connector.config_type) if each.form is Form.SECRET]


def simulator_crash(error: Exception) -> BrokenRuleError:
    return BrokenRuleError(SIMULATOR, f"it raised {_told(error)}")


def crash(what: str, error: Exception) -> BrokenRuleError:
    note(f"{error}")
    return BrokenRuleError(CRASHES, f"{what} raised {_told(error)}")


def _told(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    said = str(error).splitlines()[0][:200] if str(error) else ""
    return f"{type(error).__name__} at {place}: {said}"
