"""The embedded servers of one hub, as one thing to start and stop. Blocking: call it from a thread."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Protocol

from hub.kit.config import Config
from hub.kit.embedded.endpoints import Endpoints, forget_run, given_endpoints, write_run
from hub.kit.embedded.lock import folder_lock
from hub.kit.embedded.places import hub_folder, open_places
from hub.kit.embedded.postgres import Postgres
from hub.kit.embedded.valkey import Valkey


class Server(Protocol):
    name: str

    @property
    def url(self) -> str: ...

    @property
    def socket_path(self) -> Path: ...

    def running(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Servers:
    """Those of PostgreSQL and Valkey that the config gives no address for.

    While one of them runs, the folder is this process's alone. Where both are elsewhere, nothing is started, held or
    written: any number of hubs may then share a folder.
    """

    def __init__(self, config: Config, *, durable: bool = True) -> None:
        self._config = config
        self._durable = durable
        self._busy = Lock()
        self._undo: ExitStack | None = None
        self.all: list[Server] = []

    def start(self) -> Endpoints:
        """Raise FolderInUseError or ServerStartError; nothing runs then."""
        with self._busy, ExitStack() as undo:
            if (given := given_endpoints(self._config)) is not None:
                return given
            folder = hub_folder(self._config)
            undo.enter_context(folder_lock(folder))
            endpoints = self._start_all(undo)
            undo.callback(forget_run, folder)
            write_run(folder, endpoints, [server.socket_path for server in self.all])
            self._undo = undo.pop_all()
            return endpoints

    def stop(self) -> None:
        with self._busy:
            if self._undo is not None:
                self._undo.close()
            self._undo = None

    def restart(self, server: Server) -> None:
        """Start a server that died, unless all were told to stop meanwhile."""
        with self._busy:
            if self._undo is not None:
                server.start()

    def _start_all(self, undo: ExitStack) -> Endpoints:
        places = open_places(self._config)
        undo.callback(shutil.rmtree, places.sockets, ignore_errors=True)
        return Endpoints(
            self._config.database_url or self._begin(Postgres(places, durable=self._durable), undo),
            self._config.redis_url or self._begin(Valkey(places), undo),
        )

    def _begin(self, server: Server, undo: ExitStack) -> str:
        undo.callback(server.stop)
        server.start()
        self.all.append(server)
        return server.url


def refuse_second_hub(config: Config) -> None:
    """Raise FolderInUseError where another hub runs on the folder: its port would be the lesser half of the story."""
    if given_endpoints(config) is None:
        with folder_lock(hub_folder(config)):
            return
