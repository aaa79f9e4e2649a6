"""The form of a kind's settings, made of its config: a field each, its help, and what is wrong with it.

A secret never goes back to the browser in the clear. What was typed into a form that comes back waits in it sealed, for
this hub alone to open; what is stored already is kept where nothing is typed.
"""

import base64
import binascii
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.spec import Settings
from hub.spec.config import Form, Setting, settings_of

AAD = b"typed"
NEEDED = "This is needed"


class SettingField(Struct, frozen=True):
    """`kept`: a secret that is there already, though nobody sees it."""

    name: str
    label: str
    form: Form
    help: str
    required: bool
    value: str
    default: str
    choices: tuple[str, ...]
    kept: bool = False
    problem: str = ""


class Typed(Struct, frozen=True):
    """What a form sent: settings by name, those that are empty left out, and the secrets sealed for the next time."""

    settings: Mapping[str, str] = {}
    kept: str = ""


def fields_of_settings(
    config_type: type[Settings],
    given: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    held: frozenset[str] = frozenset(),
) -> list[SettingField]:
    """`given` fills the fields, secrets excepted; `held` names secrets that are stored."""
    return [_field(each, given, problems, held) for each in settings_of(config_type)]


def read_typed(
    config_type: type[Settings], sent: Mapping[str, str], vault: Vault, *, clearing: bool = False
) -> Typed:
    """`clearing`: a field that is no secret and was emptied says so, and is not left as it was."""
    settings = settings_of(config_type)
    secrets = {each.name for each in settings if each.form is Form.SECRET}
    typed = {each.name: sent.get(f"set-{each.name}", "").strip() for each in settings}
    waiting = _open_kept(sent.get("kept", ""), vault)
    whole = {name: value or waiting.get(name, "") for name, value in typed.items()}
    told = {name: value for name, value in whole.items() if value or (clearing and name not in secrets)}
    sealed = {name: value for name, value in told.items() if name in secrets}
    return Typed(told, _seal_kept(sealed, vault) if sealed else "")


def missing_in(config_type: type[Settings], given: Mapping[str, str]) -> dict[str, str]:
    """{name: problem} of what must be typed and is not."""
    return {
        each.name: NEEDED for each in settings_of(config_type) if each.required and not given.get(each.name)
    }


def problem_of(error: InputError) -> dict[str, str]:
    """Beside the field it is about; what is about none stands above the form."""
    text = str(error).removeprefix(f"{error.field}: ")
    return {error.field: text[:1].upper() + text[1:]}


def _field(
    setting: Setting, given: Mapping[str, str], problems: Mapping[str, str], held: frozenset[str]
) -> SettingField:
    is_secret = setting.form is Form.SECRET
    words = setting.name.replace("_", " ")
    return SettingField(
        name=setting.name,
        label={"base_url": "Address"}.get(setting.name, words[:1].upper() + words[1:]),
        form=setting.form,
        help=setting.help,
        required=setting.required,
        value="" if is_secret else given.get(setting.name, setting.default),
        default=setting.default,
        choices=("yes", "no") if setting.form is Form.SWITCH else setting.choices,
        kept=is_secret and (setting.name in held or bool(given.get(setting.name))),
        problem=problems.get(setting.name, ""),
    )


def _seal_kept(secrets: Mapping[str, str], vault: Vault) -> str:
    return base64.urlsafe_b64encode(vault.seal(msgspec.json.encode(secrets), AAD)).decode()


def _open_kept(sealed: str, vault: Vault) -> dict[str, str]:
    if not sealed:
        return {}
    try:
        raw = vault.open(base64.urlsafe_b64decode(sealed), AAD)
        return msgspec.json.decode(raw, type=dict[str, str])
    except (InputError, binascii.Error, ValueError):
        return {}
