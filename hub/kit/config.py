"""The settings of one hub, read from the environment once, at the edge."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from typing_extensions import override

from hub.kit.variables import given_in
from hub.model.errors import InputError
from hub.spec import Secret

_PORT_MAX = 65_535
_DRAFT_MINUTES_MAX = 1440
_SQLALCHEMY = "postgresql+psycopg://"
_REDIS = ("redis://", "rediss://", "unix://")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `database_url` or `redis_url` the hub runs that server itself, with its files in `folder`."""

    folder: Path = Path(".hub")
    host: str = "127.0.0.1"
    port: int = 8700
    url: str = "http://127.0.0.1:8700"
    database_url: str | None = None
    redis_url: str | None = None
    secret_key: Secret | None = None
    postgres_bin: Path | None = None
    draft_minutes: int = 15

    @override
    def __repr__(self) -> str:
        return f"Config(folder={str(self.folder)!r}, url={self.url!r})"


def read_config(environment: Mapping[str, str]) -> Config:
    """Raise InputError, naming the variable, where a value cannot be used. An empty variable counts as not set."""
    given = given_in(environment)
    host, port = given["HUB_HOST"], _port(given["HUB_PORT"])
    key, binaries = given["HUB_SECRET_KEY"], given["HUB_PG_BIN"]
    return Config(
        folder=Path(given["HUB_DATA"]).absolute(),
        host=host,
        port=port,
        url=_public_url(given["HUB_URL"] or f"http://{host}:{port}"),
        database_url=_database_url(given["DATABASE_URL"]),
        redis_url=_redis_url(given["REDIS_URL"]),
        secret_key=Secret(key) if key else None,
        postgres_bin=Path(binaries) if binaries else None,
        draft_minutes=_minutes(given["HUB_DRAFT_MINUTES"]),
    )


def folder_unusable(folder: Path, error: OSError) -> InputError:
    """Name the data folder that cannot be made, read or written to."""
    msg = f"the data folder {folder} cannot be used ({error.strerror}): set HUB_DATA to a folder you may write to"
    return InputError(msg, field="HUB_DATA")


def _port(text: str) -> int:
    if text.isdecimal() and 0 <= int(text) <= _PORT_MAX:
        return int(text)
    msg = f"HUB_PORT is {text!r}: set it to a number from 0 (any free port) to {_PORT_MAX}"
    raise InputError(msg, field="HUB_PORT")


def _minutes(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= _DRAFT_MINUTES_MAX:
        return int(text)
    msg = f"HUB_DRAFT_MINUTES is {text!r}: set it to whole minutes from 1 to {_DRAFT_MINUTES_MAX}"
    raise InputError(msg, field="HUB_DRAFT_MINUTES")


def _public_url(text: str) -> str:
    if text.startswith(("http://", "https://")):
        return text.rstrip("/")
    msg = f"HUB_URL is {text!r}: write it with its scheme, for example https://hub.example"
    raise InputError(msg, field="HUB_URL")


def _database_url(text: str) -> str | None:
    """Take the forms that hosters give, and name the driver SQLAlchemy must use."""
    if not text or text.startswith(_SQLALCHEMY):
        return text or None
    for scheme in ("postgresql://", "postgres://"):
        if text.startswith(scheme):
            return _SQLALCHEMY + text.removeprefix(scheme)
    msg = "DATABASE_URL is not of PostgreSQL: write it as postgresql://user:password@host/database"
    raise InputError(msg, field="DATABASE_URL")


def _redis_url(text: str) -> str | None:
    if not text or text.startswith(_REDIS):
        return text or None
    msg = "REDIS_URL is not of Redis or Valkey: write it as redis://host:6379/0"
    raise InputError(msg, field="REDIS_URL")
