"""The embedded Valkey: a doorbell that keeps nothing on disk (law L3), reached through a socket in a private folder."""

import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from hub.kit.embedded.accounts import spawn_as
from hub.kit.embedded.binaries import find_valkey, usable_by
from hub.kit.embedded.errors import ServerStartError
from hub.kit.embedded.places import Places
from hub.kit.embedded.waiting import answers, last_lines, rotate, wait_until

_READY_S = 15.0
_STOP_S = 5.0
_OPTIONS = {
    "port": "0",
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
    "unixsocketperm": "700",
}


class Valkey:
    name = "valkey"

    def __init__(self, places: Places) -> None:
        self._places = places
        self._child: subprocess.Popen[bytes] | None = None
        self._program = usable_by(places.account, find_valkey(), places.cache)

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}"

    def running(self) -> bool:
        """A cleaner of /tmp may take the socket away: then it runs, but nobody can reach it."""
        return self._child is not None and self._child.poll() is None and self.socket_path.exists()

    def start(self) -> None:
        """Return when it answers; one that a killed hub left running is told to go first."""
        self.stop()
        self._stop_leftover()
        with rotate(self._log).open("ab") as log:
            self._child = spawn_as(self._places.account, [self._program, *self._options()], log)
        wait_until(lambda: answers(self.socket_path) or not self._alive(), _READY_S)
        if not (self._alive() and answers(self.socket_path)):
            self.stop()
            msg = f"Valkey did not start; the end of {self._log}:\n{last_lines(self._log)}"
            raise ServerStartError(msg)

    def stop(self) -> None:
        if self._child is None:
            return
        self._child.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(_STOP_S)
        self._child.kill()
        self._child.wait()
        self._child = None

    def _options(self) -> list[str]:
        options = _OPTIONS | {"unixsocket": str(self.socket_path), "dir": str(self._places.sockets)}
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _stop_leftover(self) -> None:
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.settimeout(1)
            line.connect(str(self.socket_path))
            line.sendall(b"SHUTDOWN NOSAVE NOW FORCE\r\n")
            wait_until(lambda: not answers(self.socket_path), _STOP_S)
        self.socket_path.unlink(missing_ok=True)

    @property
    def socket_path(self) -> Path:
        return self._places.sockets / "valkey.sock"

    @property
    def _log(self) -> Path:
        return self._places.log(self.name)
