"""What a page is made of."""

import re
from collections.abc import Iterable, Iterator, Sequence


def page_of(lines: Iterable[str]) -> str:
    """One blank line between any two parts, however many they came with."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Nothing where there are no rows."""
    lines = [_line(row) for row in rows]
    if lines:
        yield from (_line(titles), "|" + "---|" * len(titles), *lines, "")


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def words(text: str) -> str:
    """A docstring as one paragraph, its code as Markdown has it."""
    return " ".join(text.split()).replace("``", "`")


def block(lines: Iterable[str]) -> Iterator[str]:
    yield from ("```python", *lines, "```", "")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"
