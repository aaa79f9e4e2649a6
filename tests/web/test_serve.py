"""The web process says clearly why it cannot start, and ends by itself when it is told to."""

import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

import httpx
import pytest

from hub.kit.config import Config
from hub.model.errors import InputError
from hub.web.address import listen

RUN = """
import sys
from threading import Event
from pathlib import Path
from hub.kit.config import Config
from hub.kit.embedded import Endpoints
from hub.web.serve import run
run(Config(folder=Path(sys.argv[1]), port=int(sys.argv[2])), Endpoints(sys.argv[3], sys.argv[4]))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_taken_port_is_named_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken: stop what uses it, or set HUB_PORT"):
            listen(Config(port=port))


def test_an_address_of_another_machine_is_named():
    with pytest.raises(InputError, match="HUB_HOST"):
        listen(Config(host="192.0.2.1"))


def test_it_ends_although_a_page_is_open(fresh_db_url: str, valkey_url: str, tmp_path: Path):
    port = free_port()
    command = [sys.executable, "-c", RUN, str(tmp_path), str(port), fresh_db_url, valkey_url]
    with subprocess.Popen(command) as process, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        wait_until_ready(client)
        with client.stream("GET", "/live") as page:
            assert page.status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


def wait_until_ready(client: httpx.Client) -> None:
    for _ in range(600):
        with suppress(httpx.HTTPError):
            if client.get("/ready").status_code == 200:
                return
        Event().wait(0.1)
    pytest.fail("the web did not start within a minute")
