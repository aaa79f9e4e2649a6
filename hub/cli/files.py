"""Raw payload files, exactly as a channel sends them, cut into messages by its connector."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from hub.model.errors import InputError
from hub.spec import Connector, MalformedError, Message, RejectedError

FILE_BYTES_MAX = 50_000_000


class Piece(Struct, frozen=True):
    """One message cut out of a file; or what could not be cut, with the reason; or a file nobody could open."""

    file: str
    message: Message | None = None
    unread: bytes | None = None
    reason: str = ""


def read_files(connector: Connector, files: Iterable[str]) -> Iterator[Piece]:
    for file in files:
        yield from _read_file(connector, file)


def _read_file(connector: Connector, file: str) -> Iterator[Piece]:
    name = "stdin" if file == "-" else file
    try:
        raw = _bytes_of(file)
    except OSError as error:
        yield Piece(name, reason=f"{error.strerror or error}: check the name and who may read it")
        return
    if len(raw) > FILE_BYTES_MAX:
        yield Piece(
            name, reason=f"it has more than {FILE_BYTES_MAX // 1_000_000} MB: cut it into smaller files"
        )
        return
    try:
        messages = connector.split_file(raw)
    except (MalformedError, RejectedError, InputError) as error:
        yield Piece(name, unread=raw, reason=str(error))
        return
    yield from (Piece(name, message) for message in messages)
    if not messages:
        yield Piece(name, reason="")


def _bytes_of(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
    with Path(file).open("rb") as opened:
        return opened.read(FILE_BYTES_MAX + 1)


def bytes_of(file: Path) -> bytes:
    """What a file holds, or the input for -; raises InputError where it cannot be opened."""
    try:
        return _bytes_of(str(file))
    except OSError as error:
        msg = f"{file}: {error.strerror or error}: check the name and who may read it"
        raise InputError(msg, field="file") from error


def text_of(file: Path) -> str:
    """The text of a file, or of the input for -; raises InputError where it is none."""
    raw = bytes_of(file)
    try:
        return raw[:FILE_BYTES_MAX].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{file} is no text: save it as CSV in UTF-8"
        raise InputError(msg, field="file") from error
