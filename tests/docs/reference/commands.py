"""Every command, with its arguments, options, defaults and help, as `--help` says them."""

import inspect
from collections.abc import Iterator

import click
from click.types import FloatRange, IntRange

from hub.cli import cli
from tests.docs.reference.markdown import code, page_of, table, words

INTRODUCTION = """\
# Commands

Made of the commands themselves; a test compares. Each says the same with `--help`. A command that fails says why in
one sentence and ends with exit code 1, one that was typed wrong with 2. A list with `--json` is one JSON document:
`{"items": […]}`.
"""


def page() -> str:
    groups = list(_members(cli, "hub"))
    listed = ((f"[{code(path)}](#{path.replace(' ', '-')})", _about(each)) for path, each in groups)
    lines = [INTRODUCTION, *table(("Command", "What it is for"), listed)]
    for path, each in groups:
        lines += [f"## {path}", "", *_section(path, each, "###")]
    return page_of(lines)


def _section(path: str, command: click.Command, level: str) -> Iterator[str]:
    """A group says what it is for, and then each of its commands; a command says it all."""
    if isinstance(command, click.Group):
        yield from (_help(command), "")
        for inner, each in _members(command, path):
            yield from (f"{level} {inner}", "", *_section(inner, each, level + "#"))
        return
    yield from (code(_usage(path, command)), "", _help(command), "")
    options = (each for each in command.params if isinstance(each, click.Option))
    yield from table(("Option", "Default", "What it does"), map(_row, options))


def _members(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command


def _usage(path: str, command: click.Command) -> str:
    return " ".join([path, *command.collect_usage_pieces(click.Context(command))])


def _help(command: click.Command) -> str:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(map(words, paragraphs))


def _about(command: click.Command) -> str:
    return _help(command).partition("\n\n")[0]


def _row(option: click.Option) -> tuple[str, str, str]:
    assert option.help, f"{option.opts} has no help"
    names = ", ".join(map(code, [*option.opts[:-1], _spelled(option)]))
    return names, _default(option), " ".join(filter(None, (words(option.help), _limits(option))))


def _spelled(option: click.Option) -> str:
    """With the other way of a switch, or the name of what follows it."""
    last = option.opts[-1]
    if option.is_flag:
        return " / ".join([last, *option.secondary_opts])
    name = option.metavar or (option.type.name.upper().replace(" RANGE", ""))
    return f"{last} {'WORD' if isinstance(option.type, click.Choice) else name}"


def _default(option: click.Option) -> str:
    if option.required:
        return "needed"
    default = option.to_info_dict()["default"]
    return "" if option.is_flag or default is None or default == () else code(str(default))


def _limits(option: click.Option) -> str:
    kind = option.type
    if isinstance(kind, click.Choice):
        return f"One of {', '.join(code(str(each)) for each in kind.choices)}."
    if isinstance(kind, IntRange | FloatRange):
        return f"{kind.min} or more." if kind.max is None else f"{kind.min} to {kind.max}."
    return ""
