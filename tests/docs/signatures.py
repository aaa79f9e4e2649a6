"""The part of the author's guide that lists every method: `python -m tests.docs.signatures` writes it anew."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from typing_extensions import get_protocol_members

from hub.cli.connector.docs import signature_of
from hub.spec import Capability, hooks
from hub.spec.declared import OF_A_CHANNEL, OF_A_KIND

PAGE = Path(__file__).parents[2] / "docs/connector-author.md"
TITLE = "## Every method, with its signature\n"


def hook_lines() -> list[str]:
    found = ((name, each) for name, each in vars(hooks).items() if inspect.isfunction(each))
    return [f"def {name}{signature_of(each)}" for name, each in found if each.__module__ == hooks.__name__]


def method_lines(capability: Capability) -> Iterator[str]:
    protocol = OF_A_CHANNEL.get(capability) or OF_A_KIND[capability]
    for name in sorted(get_protocol_members(protocol)):
        method = getattr(protocol, name)
        word = "async def" if inspect.iscoroutinefunction(method) else "def"
        yield f"{word} {name}{signature_of(method)}"


def section() -> str:
    lines = [*hook_lines()]
    for capability in Capability:
        lines += ["", f"# {capability}", *method_lines(capability)]
    words = "As the border has them; a test compares. `hub connector docs` adds what each one asks for."
    return "\n".join([TITLE, words, "", "```python", *lines, "```", ""])


if __name__ == "__main__":
    text = PAGE.read_text()
    PAGE.write_text(text[: text.index(TITLE)] + section())
