"""The settings of a channel as a person gives them: name=value, or asked for one by one, secrets hidden."""

import sys
from collections.abc import Mapping, Sequence

import click
import msgspec
from msgspec import NODEFAULT

from hub.channels.opening import is_secret
from hub.model.errors import InputError
from hub.spec import ChannelConfig, Connector, Secret


def read_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """Read name=value; the value may hold more equals signs."""
    found = {}
    for each in pairs:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            msg = f"--set {each!r} is not NAME=VALUE, for example --set base_url=https://shop.example"
            raise InputError(msg, field="set")
        found[name.strip()] = value
    return found


def complete(connector: Connector, given: Mapping[str, str]) -> dict[str, str]:
    """Ask for what is missing, on a terminal; refuse without it elsewhere."""
    missing = [name for name in _wanted(connector) if name not in given]
    if not missing:
        return dict(given)
    if sys.stdin.isatty():
        answers = {name: ask(connector, name) for name in missing}
        return dict(given) | {name: value for name, value in answers.items() if value}
    needed = [name for name in missing if name in _required(connector)]
    if needed:
        sets = " ".join(f"--set {name}=…" for name in needed)
        msg = f"a {connector.manifest.title} channel needs {', '.join(needed)}: add {sets}"
        raise InputError(msg, field=needed[0])
    return dict(given)


def _required(connector: Connector) -> list[str]:
    """Without a default; and the address, where there is anything to connect to."""
    fields = msgspec.structs.fields(connector.config_type)
    if len(fields) == len(msgspec.structs.fields(ChannelConfig)):
        return []
    return [
        each.name
        for each in fields
        if each.default is NODEFAULT or (each.name, each.default) == ("base_url", "")
    ]


def _wanted(connector: Connector) -> list[str]:
    """What a person is asked for: all that is required, and all that has no value of its own."""
    fields = msgspec.structs.fields(connector.config_type)
    required = _required(connector)
    empty = [each.name for each in fields if each.default in {"", Secret("")}] if required else []
    return list(dict.fromkeys([*required, *empty]))


def ask(connector: Connector, name: str) -> str:
    fields = {each.name: each for each in msgspec.structs.fields(connector.config_type)}
    if name not in fields:
        return ""  # the connector names what it has instead
    help_text = _help_of(fields[name].type)
    if help_text:
        click.echo(click.style(f"  {help_text}", dim=True))
    default = None if name in _required(connector) else ""
    answer: str = click.prompt(
        name, default=default, hide_input=is_secret(fields[name].type), show_default=False
    )
    return answer.strip()


def _help_of(annotated: object) -> str:
    for each in getattr(annotated, "__metadata__", ()):
        if isinstance(each, msgspec.Meta) and each.description:
            return each.description
    return ""


def plain_settings(raw: bytes) -> dict[str, str]:
    """Turn a stored config back into plain name=value settings."""
    held = msgspec.json.decode(raw, type=dict[str, str | dict[str, str]])
    return {name: value if isinstance(value, str) else value["value"] for name, value in held.items()}
