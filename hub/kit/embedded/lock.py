"""One hub at a time for each folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.kit.config import folder_unusable
from hub.kit.embedded.errors import FolderInUseError


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends. The lock is the kernel's: it goes with its process, however that ends."""
    descriptor = _open(folder)
    try:
        _take(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _open(folder: Path) -> int:
    try:
        return os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise folder_unusable(folder, error) from error


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
        msg = f"another hub (pid {owner}) uses {folder}: stop it, or set HUB_DATA to another folder"
        raise FolderInUseError(msg) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
