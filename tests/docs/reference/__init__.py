"""The pages under docs/reference, made of the code itself: `python -m tests.docs.reference` writes them anew."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs.reference import border, commands, errors, settings, simulators

FOLDER = Path(__file__).parents[3] / "docs/reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "settings.md": settings.page,
    "border.md": border.page,
    "simulators.md": simulators.page,
    "errors.md": errors.page,
}
