"""The environment is read once; what cannot be used is refused by the name of its variable, and secrets stay unseen."""

from pathlib import Path

import pytest

from hub.kit.config import read_config
from hub.model.errors import InputError


def test_nothing_needs_to_be_set():
    config = read_config({})
    assert (config.database_url, config.redis_url, config.secret_key) == (None, None, None)
    assert (config.folder, config.url) == (Path.cwd() / ".hub", "http://127.0.0.1:8700")


def test_the_public_address_follows_host_and_port_unless_it_is_given():
    assert read_config({"HUB_PORT": "9000"}).url == "http://127.0.0.1:9000"
    assert read_config({"HUB_PORT": "9000", "HUB_URL": "https://hub.example/"}).url == "https://hub.example"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_as_hosters_give_it_gets_the_driver(scheme: str):
    config = read_config({"DATABASE_URL": f"{scheme}://u:p@db.example/hub?sslmode=require"})
    assert config.database_url == "postgresql+psycopg://u:p@db.example/hub?sslmode=require"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_PORT", "eighty"),
        ("HUB_PORT", "70000"),
        ("HUB_URL", "hub.example"),
        ("DATABASE_URL", "mysql://db/hub"),
        ("REDIS_URL", "cache:6379"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str):
    with pytest.raises(InputError, match=name) as refused:
        read_config({name: value})
    assert refused.value.field == name


def test_an_empty_variable_counts_as_not_set():
    assert read_config({"DATABASE_URL": " ", "HUB_PORT": ""}) == read_config({})


def test_no_secret_is_ever_shown():
    config = read_config({"DATABASE_URL": "postgresql://u:hush@db/hub", "HUB_SECRET_KEY": "hush"})
    assert "hush" not in f"{config!r} {config}"
