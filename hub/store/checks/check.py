"""What a check is, and what it finds."""

from enum import StrEnum
from typing import Any

from msgspec import Struct


class Verdict(StrEnum):
    """`late` is a warning: something waits longer than it should, and no law is broken."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


class Check(Struct, frozen=True):
    """`compared` returns one row of named counts, `broken` the rows that break the law, without LIMIT."""

    name: str
    law: str
    compared: str
    broken: str
    only_late: bool = False


class Finding(Struct, frozen=True):
    """`rows` are the first that break the law; `more` tells whether there are others."""

    name: str
    law: str
    verdict: Verdict
    compared: dict[str, int]
    rows: list[dict[str, Any]]
    more: bool = False
