"""Lists of thousands of values as parameters: written at once, since psycopg's own way asks for each by itself."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import astuple
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


def unnested(kinds: Mapping[str, str]) -> str:
    """SQL of a batch that enters by `columns`, as rows of x; `kinds` are the types of its columns."""
    arrays = {name: f"CAST(:{name} AS {kind}[])" for name, kind in kinds.items()}
    fields = [
        f"CASE cardinality({array}) WHEN 1 THEN ({array})[1] ELSE u.{name} END AS {name}"
        for name, array in arrays.items()
    ]
    return f"(SELECT {', '.join(fields)} FROM unnest({', '.join(arrays.values())}) AS u({', '.join(kinds)})) AS x"  # noqa: S608


def columns(rows: Sequence[Struct]) -> dict[str, str]:
    """The fields of a batch, each as the text of an array: words, whole numbers, ids or nothing.

    A field that is the same in all rows enters once, but for the first, whose array says how many rows there are.
    """
    first, *others = zip(*map(astuple, rows), strict=True)
    arrays = [_array(first), *map(_array, map(_once, others))]
    return dict(zip(rows[0].__struct_fields__, arrays, strict=True))


def _once(values: Sequence[object]) -> Sequence[object]:
    alike = values[0] == values[-1] and values.count(values[0]) == len(values)  # ids differ at the first look
    return values[:1] if alike else values


def _array(values: Sequence[object]) -> str:
    written = msgspec.json.encode(values).decode()
    if "\\" in written:  # JSON and PostgreSQL escape differently
        written = f"[{','.join(map(_quoted, values))}]"
    return f"{{{written[1:-1]}}}"


def _quoted(value: object) -> str:
    if value is None:
        return "null"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
