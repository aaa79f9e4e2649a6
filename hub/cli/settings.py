"""Settings as a person gives them: name=value, or asked for one by one, secrets hidden."""

import sys
from collections.abc import Mapping, Sequence

import click

from hub.model.errors import InputError
from hub.spec import Settings
from hub.spec.config import Form, Setting, settings_of

_EXAMPLES = {
    "--set": ", for example --set base_url=https://shop.example",
    "--quirk": ", such as --quirk page_max=3",
}


def read_pairs(pairs: Sequence[str], option: str = "--set") -> dict[str, str]:
    """Read name=value; the value may hold more equals signs."""
    found = {}
    for each in pairs:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            msg = f"{option} {each!r} is not NAME=VALUE{_EXAMPLES.get(option, '')}"
            raise InputError(msg, field=option.strip("-"))
        found[name.strip()] = value
    return found


def complete(config_type: type[Settings], given: Mapping[str, str], *, what: str) -> dict[str, str]:
    """Ask for what is missing, on a terminal; refuse without it elsewhere. `what` is a noun with its article."""
    missing = [each for each in _wanted(config_type) if each.name not in given]
    if not missing:
        return dict(given)
    if sys.stdin.isatty():
        answers = {each.name: _ask(each) for each in missing}
        return dict(given) | {name: value for name, value in answers.items() if value}
    needed = [each.name for each in missing if each.required]
    if needed:
        sets = " ".join(f"--set {name}=…" for name in needed)
        msg = f"{what} needs {', '.join(needed)}: add {sets}"
        raise InputError(msg, field=needed[0])
    return dict(given)


def ask(config_type: type[Settings], name: str) -> str:
    """Ask for one setting; what there is no setting for is refused elsewhere, by name."""
    found = [each for each in settings_of(config_type) if each.name == name]
    return _ask(found[0]) if found else ""


def _wanted(config_type: type[Settings]) -> list[Setting]:
    """What a person is asked for: all that is required, and all that has no value of its own."""
    settings = settings_of(config_type)
    required = [each for each in settings if each.required]
    return [*required, *(each for each in settings if not each.required and not each.default)]


def _ask(setting: Setting) -> str:
    if setting.help:
        click.echo(click.style(f"  {setting.help}", dim=True))
    default = None if setting.required else ""
    hidden = setting.form is Form.SECRET
    answer: str = click.prompt(setting.name, default=default, hide_input=hidden, show_default=False)
    return answer.strip()
