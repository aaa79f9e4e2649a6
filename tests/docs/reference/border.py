"""The border with its signatures: hooks, capabilities, and every other name an author may import, module by module."""

import inspect
from collections.abc import Iterator, Sequence
from enum import Enum
from types import FunctionType, ModuleType
from typing import Any

from msgspec import Struct
from typing_extensions import get_protocol_members, is_protocol

from hub.cli.connector.docs import signature_of
from hub.spec import Capability, hooks
from hub.spec.declared import OF_A_CHANNEL, OF_A_KIND
from tests.docs.reference.annotations import fields_of, text_of
from tests.docs.reference.markdown import block, code, page_of, words
from tests.spec.test_public_signatures import modules

INTRODUCTION = """\
# The border, with every signature

Made of the code itself; a test compares. What is meant by it is told in [The author of a
connector](../connector-author.md) and [The border, name by name](../connector-spec.md). The kit for simulators is on
[Simulated channels](simulators.md).

## Hooks

A package implements those it needs, each with `@hookimpl`.
"""
CAPABILITIES = """\
## Capabilities

Declared in the manifest, and then called: each is a Protocol that the channel, or its kind, has the methods of.
"""
LINE_MAX = 110
KIT = "hub.spec.testing"
OF_CAPABILITIES = {**OF_A_CHANNEL, **OF_A_KIND}


def page() -> str:
    found = [each for each in vars(hooks).values() if inspect.isfunction(each)]
    lines = [INTRODUCTION, *map(_function, (each for each in found if each.__module__ == hooks.__name__)), ""]
    lines += [CAPABILITIES]
    for capability in Capability:
        owner = OF_CAPABILITIES[capability]
        whose = "the channel" if capability in OF_A_CHANNEL else "the kind"
        lines += [f"### {capability}", "", f"`{owner.__name__}`, of {whose}:", "", *_methods(owner), ""]
    lines += of_modules([each for each in modules() if not each.__name__.startswith(KIT)])
    return page_of(lines)


def of_modules(wanted: Sequence[ModuleType]) -> Iterator[str]:
    for module in wanted:
        members = [
            line
            for name, member in vars(module).items()
            if getattr(member, "__module__", None) == module.__name__ and not name.startswith("_")
            for line in _member(member)
        ]
        if members:
            about, _, rest = (module.__doc__ or "").partition("\n\n")
            yield from (f"## {module.__name__}", "", words(about), "", *([words(rest), ""] if rest else []))
            yield from (*members, "")


def _member(member: Any) -> Iterator[str]:
    if isinstance(member, FunctionType):
        yield _function(member)
    elif isinstance(member, type) and member not in OF_CAPABILITIES.values():
        yield from ("", f"### {member.__name__}", "", *_class(member))


def _class(owner: type) -> Iterator[str]:
    if owner.__doc__ and not owner.__doc__.startswith(f"{owner.__name__}("):
        yield from (words(owner.__doc__), "")
    if issubclass(owner, Enum):
        yield from block(f'{each.name} = "{each.value}"' for each in owner)
        return
    if issubclass(owner, Struct):
        yield from block(_fields(owner))
    elif issubclass(owner, Exception) and "__init__" in vars(owner):
        yield from block([f"{owner.__name__}{signature_of(owner.__init__).removesuffix(' -> None')}"])
    elif issubclass(owner, Exception):
        return
    if methods := list(_methods(owner)):
        yield from (*methods, "")


def _fields(owner: type[Struct]) -> Iterator[str]:
    for each in fields_of(owner):
        field = f"{each.name}: {each.type}" + (f" = {each.default}" if each.default else "")
        said = f"{field}  # {each.limits}" if each.limits else field
        yield from [said] if len(said) <= LINE_MAX else [f"# {each.limits}", field]


def _methods(owner: type) -> Iterator[str]:
    """Also what is no method: a property, or an attribute a Protocol asks for."""
    names = [*inspect.get_annotations(owner), *vars(owner)]
    wanted = (
        get_protocol_members(owner)
        if is_protocol(owner)
        else {each for each in vars(owner) if each[0] != "_"}
    )
    for name in (each for each in names if each in wanted):
        member = inspect.getattr_static(owner, name, None)
        if isinstance(member, (staticmethod, classmethod)):
            member = member.__func__
        if isinstance(member, FunctionType):
            yield _function(member)
        elif isinstance(member, property) and member.fget is not None:
            returned = text_of(inspect.signature(member.fget).return_annotation)
            yield _item(f"{name}: {returned}", member.fget.__doc__)
        elif member is None:
            yield _item(f"{name}: {text_of(inspect.get_annotations(owner)[name])}", None)


def _function(function: FunctionType) -> str:
    word = "async def" if inspect.iscoroutinefunction(function) else "def"
    return _item(f"{word} {function.__name__}{signature_of(function)}", function.__doc__)


def _item(signature: str, about: str | None) -> str:
    return f"* {code(signature)}" + (f"  \n  {words(about)}" if about else "")
