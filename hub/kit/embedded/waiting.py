"""Small pieces both servers need: waiting, knocking on a socket, keeping and reading their logs."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

_STEP_S = 0.02
_LOG_BYTES_MAX = 10_000_000


def wait_until(true: Callable[[], bool], timeout_s: float) -> bool:
    """Poll in a thread of its own, never on the event loop."""
    for _ in range(round(timeout_s / _STEP_S)):
        if true():
            return True
        time.sleep(_STEP_S)  # noqa: TID251 -- in a thread of its own
    return true()


def answers(path: Path) -> bool:
    """Whether somebody listens on the socket."""
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(1)
        try:
            knock.connect(str(path))
        except OSError:
            return False
    return True


def rotate(log: Path) -> Path:
    """Put a big log aside, once, at start; return the path to write to."""
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    return log


def last_lines(log: Path, count: int = 8) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (its log is empty)"
