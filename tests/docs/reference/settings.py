"""Every setting: of the hub itself, and of each kind of channel, notifier, exporter and observer."""

from collections.abc import Iterator, Mapping
from typing import Any

from hub.channels.registry import load_registry
from hub.kit.variables import VARIABLES, Variable
from hub.spec.config import Form, Setting, settings_of
from tests.docs.reference.markdown import code, page_of, table

INTRODUCTION = """\
# Settings

Made of the code itself; a test compares. How to use them is told in [The operator](../operator.md).

## Of the hub

All are environment variables; an empty one counts as not set.
"""
OF_MEMBERS = """\
## Of what it speaks to

Given with `--set NAME=VALUE` when a channel, notifier, exporter or observer is added, and asked for where they are
needed and not given. `secret` ones are sealed, and shown nowhere again.
"""
MEMBERS = {
    "Channels": "kinds",
    "Notifiers": "notifiers",
    "Exporters": "exporters",
    "Observers": "observers",
}


def page() -> str:
    variables = ((code(name), _value(each), each.help) for name, each in VARIABLES.items())
    lines = [INTRODUCTION, *table(("Variable", "Default", "What it is"), variables), OF_MEMBERS]
    registry = load_registry()
    for title, members in MEMBERS.items():
        lines += [f"### {title}", "", *_members(getattr(registry, members))]
    return page_of(lines)


def _value(variable: Variable) -> str:
    return variable.otherwise or code(variable.default)


def _members(members: Mapping[str, Any]) -> Iterator[str]:
    for kind, member in sorted(members.items()):
        title = getattr(member, "title", "") or member.manifest.title
        rows = [_row(each) for each in settings_of(member.config_type)]
        yield f"**{title}** ({code(kind)}, [its page](../../connectors/{kind}/README.md))"
        yield from ("" if rows else "has no settings.", *([] if rows else [""]))
        yield from table(("Setting", "Form", "Default", "What it is"), rows)


def _row(setting: Setting) -> tuple[str, str, str, str]:
    default = "needed" if setting.required else code(setting.default)
    form = ", ".join(map(code, setting.choices)) if setting.form is Form.CHOICE else str(setting.form)
    return code(setting.name), form, default, setting.help
