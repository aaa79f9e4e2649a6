"""Lists of thousands of keys as parameters: written at once, since psycopg's own way asks for each key by itself."""

from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.types.array import ListDumper
from typing_extensions import override


class KeysDumper(ListDumper):
    """Text of an array. What JSON and PostgreSQL quote alike is quoted by the encoder of JSON: ids, and plain text."""

    @override
    def dump(self, obj: list[Any]) -> Buffer | None:
        kinds = set(map(type, obj))
        if kinds == {bytes}:
            return b'{"\\\\x' + b'","\\\\x'.join([each.hex().encode() for each in obj]) + b'"}'
        if kinds in ({UUID}, {str}):
            written = msgspec.json.encode(obj)
            if written.isascii() and b"\\" not in written:
                return b"{" + written[1:-1] + b"}"
        return super().dump(obj)


def write_lists_fast(connection: AsyncConnection[Any]) -> None:
    """For one new connection; its other types stay as they are."""
    connection.adapters.register_dumper(list, KeysDumper)
