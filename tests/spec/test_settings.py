"""One Struct gives the form, the questions and the schema; secrets are never told, and old settings come along."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from msgspec import Meta
from typing_extensions import override

from hub.model.errors import InputError
from hub.spec import ChannelConfig, Secret, Settings
from hub.spec.config import Form, read_settings, schema_of, secrets_of, settings_of, write_settings


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Shop(ChannelConfig, frozen=True, kw_only=True):
    key: Annotated[Secret, Meta(description="Settings > Keys")]
    port: Annotated[int, Meta(ge=1, le=65535)] = 443
    size: Size = Size.SMALL
    mode: Literal["live", "test"] = "test"
    follow: bool = False


class ShopNow(Settings, frozen=True):
    """Version 2 calls the key a token."""

    version: ClassVar[int] = 2
    token: Secret = Secret("")

    @override
    @classmethod
    def upgrade(cls, held: dict[str, Any], version: int) -> dict[str, Any]:
        return {"token": held["key"]} if version == 1 else held


GIVEN = {"base_url": "https://shop.example", "key": "sesame"}


def test_every_field_says_how_it_is_typed_in():
    assert [(each.name, each.form, each.required) for each in settings_of(Shop)] == [
        ("base_url", Form.TEXT, True),
        ("key", Form.SECRET, True),
        ("port", Form.NUMBER, False),
        ("size", Form.CHOICE, False),
        ("mode", Form.CHOICE, False),
        ("follow", Form.SWITCH, False),
    ]


def test_help_choices_and_defaults_come_from_the_struct():
    key, port, size = settings_of(Shop)[1:4]
    assert (key.help, port.default, size.choices, size.default) == (
        "Settings > Keys",
        "443",
        ("small", "large"),
        "small",
    )


def test_a_kind_without_an_other_side_asks_for_nothing():
    assert settings_of(ChannelConfig) == []


def test_the_schema_marks_secrets_as_written_only():
    schema: Any = schema_of(Shop)
    assert schema["required"] == ["base_url", "key"]
    assert schema["properties"]["key"] == {
        "title": "key",
        "description": "Settings > Keys",
        "type": "string",
        "format": "password",
        "writeOnly": True,
    }


def test_what_is_typed_as_text_becomes_what_the_struct_wants():
    raw = write_settings(Shop, GIVEN | {"port": "8443", "follow": "yes", "size": "large"})
    config = read_settings(Shop, raw)
    assert (config.port, config.follow, config.size, config.key.value) == (8443, True, Size.LARGE, "sesame")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("port", "many", "port: expected a whole number, got a text"),
        ("port", "0", "port: expected a whole number >= 1"),
        ("size", "huge", "size: invalid enum value 'huge'"),
        ("shade", "red", "has no setting 'shade'"),
    ],
)
def test_a_wrong_setting_is_named_in_words(name: str, text: str, sentence: str):
    with pytest.raises(InputError, match=sentence) as refused:
        write_settings(Shop, GIVEN | {name: text})
    assert refused.value.field == name


def test_a_missing_setting_is_named():
    with pytest.raises(InputError, match="key: it is missing"):
        write_settings(Shop, {"base_url": "https://shop.example"})


def test_a_change_keeps_what_is_not_named():
    raw = write_settings(Shop, {"port": "8443"}, held=write_settings(Shop, GIVEN))
    assert read_settings(Shop, raw) == Shop(base_url="https://shop.example", key=Secret("sesame"), port=8443)


def test_settings_of_an_older_version_are_brought_along():
    stored = msgspec.json.encode({"key": {"value": "sesame"}})
    assert read_settings(ShopNow, stored, version=1).token.value == "sesame"
    changed = write_settings(ShopNow, {"token": "open"}, held=stored, version=1)
    assert read_settings(ShopNow, changed, version=2).token.value == "open"


def test_settings_of_a_newer_version_are_refused():
    with pytest.raises(InputError, match="newer version of the package"):
        read_settings(ShopNow, b"{}", version=3)


def test_a_secret_shows_nowhere_but_where_it_is_asked_for():
    config = read_settings(Shop, write_settings(Shop, GIVEN))
    assert secrets_of(config) == ["sesame"]
    assert "sesame" not in f"{config!r} {config} {config.key}"
