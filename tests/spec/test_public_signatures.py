"""The border changes on purpose only: its signatures are compared with a recorded list.

After a change that is meant: `python -m tests.spec.test_public_signatures`, and tell the authors of connectors in the
changelog.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any

import msgspec
from typing_extensions import get_protocol_members, is_protocol

from hub import spec

RECORDED = Path(__file__).parent / "signatures.txt"
PLACES = (spec.__name__, "hub.model.incoming", "hub.model.money", "hub.model.errors")


def test_no_signature_of_the_border_changes_by_accident():
    assert list(signatures()) == RECORDED.read_text().splitlines()


def signatures() -> Iterator[str]:
    for module in modules():
        for name, member in sorted(vars(module).items()):
            if getattr(member, "__module__", None) == module.__name__ and not name.startswith("_"):
                yield from lines_of(f"{module.__name__}.{name}", member)


def modules() -> Iterator[Any]:
    for place in PLACES:
        package = importlib.import_module(place)
        yield package
        inner = pkgutil.walk_packages(getattr(package, "__path__", []), f"{place}.")
        yield from (importlib.import_module(each) for each in sorted(found.name for found in inner))


def lines_of(name: str, member: Any) -> Iterator[str]:
    if isinstance(member, FunctionType):
        yield f"{name}{inspect.signature(member)}"
    elif not isinstance(member, type):
        return
    elif issubclass(member, Enum):
        yield f"{name}: {', '.join(f'{each.name}={each.value!r}' for each in member)}"
    elif issubclass(member, msgspec.Struct):
        yield f"{name}{inspect.signature(member)}"
        yield from methods_of(name, member, [each for each in vars(member) if not each.startswith("_")])
    else:
        yield f"{name}({', '.join(base.__name__ for base in member.__bases__)})"
        members = [each for each in public_members(member) if not each.startswith("_") or each == "__init__"]
        yield from methods_of(name, member, members)


def public_members(member: type) -> list[str]:
    return list(get_protocol_members(member) if is_protocol(member) else vars(member))


def methods_of(name: str, owner: type, members: list[str]) -> Iterator[str]:
    for each in sorted(members):
        member = inspect.getattr_static(owner, each, None)
        if isinstance(member, (staticmethod, classmethod)):
            member = member.__func__
        if isinstance(member, FunctionType):
            kind = "async " if inspect.iscoroutinefunction(member) else ""
            yield f"{kind}{name}.{each}{inspect.signature(member)}"
        elif isinstance(member, property) and member.fget is not None:
            yield f"{name}.{each} -> {inspect.signature(member.fget).return_annotation}"
        elif member is None:
            yield f"{name}.{each}: {inspect.get_annotations(owner).get(each)}"


if __name__ == "__main__":
    RECORDED.write_text("".join(f"{line}\n" for line in signatures()))
