"""Settings that a person types in: what they are called, what may stand in them, and which of them are secret.

The form on the desk, the questions on the command line and the JSON Schema of the API all come from one Struct.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import NODEFAULT, Meta, Struct
from msgspec.inspect import BoolType, EnumType, FloatType, IntType, LiteralType, Metadata, StructType, Type
from msgspec.structs import FieldInfo
from typing_extensions import override

from hub.model.errors import InputError
from hub.spec.reading import in_words


class Secret(Struct, frozen=True):
    """A credential. Its repr, and so every log line and diff, shows nothing of it."""

    value: str

    @override
    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person sets. Fields of type Secret are sealed at rest; a field's help text is its Meta(description=…).

    Raise `version` when a field is renamed or means something else, and let `upgrade` bring old settings along.
    `stored` has an example of what each older version stored: certification upgrades it.
    """

    version: ClassVar[int] = 1
    stored: ClassVar[Mapping[int, Mapping[str, Any]]] = {}

    @classmethod
    def upgrade(cls, held: dict[str, Any], version: int) -> dict[str, Any]:
        """Pure: settings as they were stored under an older `version`, in the shape of this one."""
        del version
        return held


class ChannelConfig(Settings, frozen=True, forbid_unknown_fields=True):
    """The settings every kind of channel has; a connector's own config Struct extends it."""

    base_url: Annotated[str, Meta(description="Address of the channel, for example https://shop.example")] = (
        ""
    )


class Form(StrEnum):
    """How a setting is typed in."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 -- a word of the form, no password
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"


class Setting(Struct, frozen=True):
    """One field of a form. `default` is what stands for a field left empty; a secret's is never told."""

    name: str
    form: Form
    help: str = ""
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


_FORMS: Mapping[type[Type], Form] = {BoolType: Form.SWITCH, IntType: Form.NUMBER, FloatType: Form.NUMBER}
Config = TypeVar("Config", bound=Settings)


def settings_of(config_type: type[Settings]) -> list[Setting]:
    """What a person is asked for, in the order of the Struct; nothing where the config adds nothing of its own."""
    fields = msgspec.structs.fields(config_type)
    if _adds_nothing(fields):
        return []
    return [_setting(each, msgspec.inspect.type_info(each.type)) for each in fields]


def schema_of(config_type: type[Settings]) -> dict[str, object]:
    """JSON Schema (2020-12) of the settings as the API takes them: secrets are plain text, and written only."""
    settings = settings_of(config_type)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [each.name for each in settings if each.required],
        "properties": {each.name: _property(each) for each in settings},
    }


def write_settings(
    config_type: type[Settings], given: Mapping[str, str], *, held: bytes = b"{}", version: int | None = None
) -> bytes:
    """Turn typed-in `name: text` into what is stored, over what is `held`; raises InputError by the field's name.

    `version` is that of what is held, which is brought up to date.
    """
    fields = {each.name: each for each in msgspec.structs.fields(config_type)}
    if unknown := sorted(set(given) - set(fields)):
        msg = f"it has no setting {unknown[0]!r}; it has: {', '.join(fields)}"
        raise InputError(msg, field=unknown[0])
    typed = {name: _typed(fields[name], text) for name, text in given.items()}
    raw = msgspec.json.encode(_up_to_date(config_type, held, version) | typed)
    read_settings(config_type, raw)
    return raw


def read_settings(config_type: type[Config], raw: bytes, *, version: int | None = None) -> Config:
    """Read what was stored, brought up to date first; raises InputError with the field and what to do."""
    try:
        return msgspec.convert(_up_to_date(config_type, raw, version), type=config_type)
    except msgspec.ValidationError as error:
        path, sentence = in_words(error)
        msg = f"{path or 'the settings'}: {sentence}"
        raise InputError(msg, field=path or "settings") from error


def secrets_of(config: Settings) -> list[str]:
    """Every secret that is set, for whoever must keep them out of a record."""
    values = (getattr(config, name) for name in config.__struct_fields__)
    return [each.value for each in values if isinstance(each, Secret) and each.value]


def _up_to_date(config_type: type[Settings], raw: bytes, version: int | None) -> dict[str, Any]:
    held = msgspec.json.decode(raw, type=dict[str, Any])
    if version is None or version == config_type.version:
        return held
    if version > config_type.version:
        msg = f"these settings were stored by a newer version of the package ({version}): install it again"
        raise InputError(msg, field="settings")
    return config_type.upgrade(held, version)


def _adds_nothing(fields: tuple[FieldInfo, ...]) -> bool:
    return [(each.name, each.default) for each in fields] == [("base_url", "")]


def _setting(field: FieldInfo, info: Type) -> Setting:
    form, choices = _form(info)
    given = "" if field.default in {NODEFAULT, None} or form is Form.SECRET else typed_text(field.default)
    missing = field.default is NODEFAULT and field.default_factory is NODEFAULT
    return Setting(
        name=field.name,
        form=form,
        help=_help(field.type),
        required=missing or (field.name, field.default) == ("base_url", ""),
        default=given,
        choices=choices,
    )


def _form(info: Type) -> tuple[Form, tuple[str, ...]]:
    """How it is typed in, and what there is to choose from."""
    match info:
        case Metadata(type=inner):
            return _form(inner)
        case StructType(cls=cls) if cls is Secret:
            return Form.SECRET, ()
        case LiteralType(values=values):
            return Form.CHOICE, tuple(map(str, values))
        case EnumType(cls=cls):
            return Form.CHOICE, tuple(str(each.value) for each in cls)
        case _:
            return _FORMS.get(type(info), Form.TEXT), ()


def _help(annotated: object) -> str:
    metadata: tuple[object, ...] = getattr(annotated, "__metadata__", ())
    return next((each.description for each in metadata if isinstance(each, Meta) and each.description), "")


def _typed(field: FieldInfo, text: str) -> object:
    form, _ = _form(msgspec.inspect.type_info(field.type))
    if form is Form.SECRET:
        return {"value": text}
    if form is Form.SWITCH:
        text = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower(), text)
    try:
        value: object = msgspec.convert(text, type=field.type, strict=False)
    except msgspec.ValidationError as error:
        msg = f"{field.name}: {in_words(error)[1]}"
        raise InputError(msg, field=field.name) from error
    return value


def typed_text(value: object) -> str:
    """A value as a person would type it in."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _property(setting: Setting) -> dict[str, object]:
    shape: dict[str, object] = {"title": setting.name, "description": setting.help, "type": "string"}
    if setting.form is Form.SECRET:
        return shape | {"format": "password", "writeOnly": True}
    if setting.choices:
        shape["enum"] = list(setting.choices)
    if setting.form is Form.NUMBER:
        shape["pattern"] = r"^-?\d+(\.\d+)?$"
    return shape | ({"default": setting.default} if setting.default else {})
