"""Reads the steps of a page: shell blocks to run, files to write and changes to make, in the order they stand.

A block of `diff FILE` is a change: lines with - go, lines with + come, the others show the place. One of `python FILE`
is a whole file. Other blocks are there to be read.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Step(Struct, frozen=True):
    """`kind` is "sh", "diff" or "python"; `file` is what the block names beside it: a file, or another terminal."""

    kind: str
    file: str
    text: str

    @property
    def lines(self) -> list[str]:
        """What is typed, without what is said about it."""
        return [line.partition(" # ")[0].rstrip() for line in self.text.splitlines()]


def steps_of(page: str) -> list[Step]:
    found = (Step(kind, rest.strip(), text) for kind, rest, text in BLOCK.findall(page))
    return [each for each in found if each.kind == "sh" or (each.kind in {"diff", "python"} and each.file)]


def apply_change(folder: Path, step: Step) -> None:
    """Each hunk must be found exactly once; hunks are parted by a line of three dots."""
    file = folder / step.file
    text = file.read_text()
    for old, new in hunks_of(step.text):
        assert text.count(old) == 1, f"{step.file}: found {text.count(old)} times, not once:\n{old}"
        text = text.replace(old, new)
    file.write_text(text)


def hunks_of(text: str) -> Iterator[tuple[str, str]]:
    for hunk in text.split("…\n"):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
        new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
        yield old, new
