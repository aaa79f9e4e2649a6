"""Hears whatever a connector says while a scenario runs: logs, standard output, errors. Nothing secret may be in it.

Scenarios run side by side in one loop; each hears only itself, by the context it runs in.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from typing_extensions import override

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)
_OURS = ("httpx", "httpcore", "asyncio", "uvicorn", "hub")  # transport and server, not the connector


def note(text: str) -> None:
    """Add what a connector said by other ways, such as an error's words."""
    heard = _heard.get()
    if heard is not None:
        heard.append(text)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Yield the list that fills with what is said in this context while the block runs."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


@contextmanager
def ears() -> Iterator[None]:
    """Listen to logging and to standard output and error while the block runs."""
    handler, outputs = _Ear(level=logging.DEBUG), (sys.stdout, sys.stderr)
    levels = {name: logging.getLogger(name).level for name in ("", *_OURS)}
    logging.getLogger().addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.WARNING if name else logging.DEBUG)
    sys.stdout, sys.stderr = _Tee(sys.stdout), _Tee(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = outputs
        logging.getLogger().removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


class _Ear(logging.Handler):
    @override
    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_OURS):
            note(record.getMessage())


class _Tee:
    """Swallows what a scenario writes, and passes on everything else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        if _heard.get() is None:
            return self._stream.write(text)
        note(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
