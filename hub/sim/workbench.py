"""Where an author sees a connector at work: simulated orders arrive, and changed code is loaded anew."""

import importlib
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from hub.channels.registry import load_registry
from hub.channels.transport import Line, Outside, Transport, new_client
from hub.kit.clock import now
from hub.model.errors import HubError, InputError
from hub.model.orders.taking import difference
from hub.sim.buyers import make_buyer
from hub.sim.catalog import demo_catalog, sim_items
from hub.sim.find import new_simulator_of, simulator_module
from hub.sim.folder import connector_in, is_folder
from hub.sim.serve import serve
from hub.sim.server import SimServer
from hub.spec import Connector, Message
from hub.spec.config import read_settings, write_settings

GOODS = 12
PAGES_MAX = 100


class Seen(Struct, frozen=True):
    """One message, and what the connector makes of it: fields by path, or the error's words."""

    message: Message
    fields: Mapping[str, str]
    error: str = ""


class Change(Struct, frozen=True):
    """A field that reads differently with the new code; "" where it was not there."""

    order_id: str
    path: str
    before: str
    after: str


class Workbench:
    """`target` is a kind or a project's folder."""

    def __init__(self, target: str, sim: SimServer, connector: Connector, client: Any, seed: int) -> None:
        self.target = target
        self.connector = connector
        self.sim = sim
        self.seen: dict[str, Seen] = {}
        self._client = client
        self._random = Random(f"{seed}/workbench")
        self._cursor: str | None = None
        self._folder = _folder(connector)  # a module that cannot be loaded is nowhere to be found
        self._changed_at = _newest(self._folder)
        self._open()

    async def sell(self) -> str | None:
        """Somebody buys one to three things."""
        skus = self._random.sample(sorted(self.sim.simulator.stock()), self._random.randint(1, 3))
        return await self.sim.sell(
            {sku: self._random.randint(1, 3) for sku in skus}, make_buyer(self._random)
        )

    async def poll(self) -> list[Seen]:
        """Fetch what is new, as the hub does, and translate it. Raises the four errors of hub.spec."""
        fresh: list[Seen] = []
        for _ in range(PAGES_MAX):
            page = await self._channel.fetch_orders(self._cursor, until=now())
            fresh += [self._translated(each) for each in page.items if each.delivery_key not in self.seen]
            self.seen |= {each.message.delivery_key: each for each in fresh}
            self._cursor = page.next_cursor or page.resume_cursor
            if page.next_cursor is None:
                break
        return fresh

    def has_changed(self) -> bool:
        """Whether a file of the connector was written since it was loaded."""
        return _newest(self._folder) > self._changed_at

    def reload(self) -> list[Change]:
        """Load the code anew and read every message again; raises InputError where it cannot be loaded."""
        self._changed_at = _newest(self._folder)
        self.connector = loaded_anew(self.target, self.connector)
        self._open()
        before = self.seen
        self.seen = {key: self._translated(each.message) for key, each in before.items()}
        return [change for key, old in before.items() for change in _changes(old, self.seen[key])]

    def _open(self) -> None:
        kind = self.connector.config_type
        self.config = read_settings(kind, write_settings(kind, self.sim.settings()))
        http = Transport(Outside(self._client), self.config.base_url, Line())
        self._channel: Any = self.connector.open(http, self.config)

    def _translated(self, message: Message) -> Seen:
        try:
            order = self.connector.to_incoming(message, self.config)
        except HubError as error:
            return Seen(message, {}, str(error))
        except Exception as error:  # noqa: BLE001 - whatever the author's code does is shown, and the bench goes on
            return Seen(message, {}, f"{type(error).__name__}: {error}")
        gap = difference(order)
        missed = {"difference": f"its parts miss its total by {gap}"} if gap else {}
        return Seen(message, dict(flat(msgspec.to_builtins(order))) | missed)


@asynccontextmanager
async def workbench(target: str, *, seed: int = 1) -> AsyncIterator[Workbench]:
    """Serve the connector's simulator, and open the connector on it through the hub's own transport."""
    connector = find_connector(target)
    module = simulator_module(connector)
    if module is None:
        msg = f"{target} has no module `simulator`: write one, or try it on a channel of a running hub"
        raise InputError(msg, field="connector")
    goods = sim_items(demo_catalog()[:GOODS])
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(new_client())
        [sim] = await stack.enter_async_context(serve([new_simulator_of(module)(goods)]))
        yield Workbench(target, sim, connector, client, seed)


def find_connector(target: str) -> Connector:
    """By kind, or from the folder of a project."""
    return connector_in(Path(target)) if is_folder(target) else load_registry().connector(target)


def loaded_anew(target: str, connector: Connector) -> Connector:
    """Forget the connector's modules, but not its simulator's, and import them again."""
    package = _package(connector)
    for name in list(sys.modules):
        if (name == package or name.startswith(f"{package}.")) and not name.endswith(".simulator"):
            del sys.modules[name]
    importlib.invalidate_caches()
    return find_connector(target)


def flat(value: object, path: str = "") -> list[tuple[str, str]]:
    """A document as (path, text) pairs; what is empty is left out."""
    if isinstance(value, dict):
        return [
            pair for name, each in value.items() for pair in flat(each, f"{path}.{name}" if path else name)
        ]
    if isinstance(value, list | tuple):
        return [pair for index, each in enumerate(value) for pair in flat(each, f"{path}[{index}]")]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return [] if value in {None, ""} else [(path, text)]


def _changes(old: Seen, new: Seen) -> list[Change]:
    before, after = {**old.fields, "error": old.error}, {**new.fields, "error": new.error}
    return [
        Change(new.message.channel_order_id, path, before.get(path, ""), after.get(path, ""))
        for path in dict.fromkeys([*before, *after])
        if before.get(path, "") != after.get(path, "")
    ]


def _package(connector: Connector) -> str:
    module = type(connector).__module__
    return module.rpartition(".")[0] or module


def _folder(connector: Connector) -> Path:
    file = sys.modules[type(connector).__module__].__file__
    return Path(file or ".").parent


def _newest(folder: Path) -> float:
    """When a file of the connector's package was written last."""
    return max((each.stat().st_mtime for each in folder.glob("*.py")), default=0.0)
