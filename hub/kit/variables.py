"""The settings of one hub: environment variables, what each is for, and what stands where it is not set."""

from collections.abc import Mapping

from msgspec import Struct


class Variable(Struct, frozen=True):
    """`default` is the value of one that is not set; where the hub finds one by itself, `otherwise` says which."""

    help: str
    default: str = ""
    otherwise: str = ""


VARIABLES: Mapping[str, Variable] = {
    "HUB_DATA": Variable("the data folder", ".hub"),
    "HUB_HOST": Variable("the address the web listens on", "127.0.0.1"),
    "HUB_PORT": Variable("its port; 0 takes any free one", "8700"),
    "HUB_URL": Variable(
        "the address others reach it by; webhooks are sent there", otherwise="`http://HUB_HOST:HUB_PORT`"
    ),
    "HUB_API_KEY": Variable(
        "the key of a hub that others can reach: 16 characters or more", otherwise="none"
    ),
    "HUB_SECRET_KEY": Variable(
        "the key personal data and credentials are sealed with, base64 of 32 bytes; retired ones after commas",
        otherwise="the file `secret.key`",
    ),
    "HUB_DRAFT_MINUTES": Variable(
        "how long the stock of a draft stays reserved after its last change; 1 to 1440", "15"
    ),
    "HUB_PG_BIN": Variable(
        "the folder of `postgres` and `initdb` to run as its own server", otherwise="found by itself"
    ),
    "DATABASE_URL": Variable(
        "`postgresql://user:password@host/database`, PostgreSQL 16 or newer with its own extension `pg_trgm`",
        otherwise="its own PostgreSQL",
    ),
    "REDIS_URL": Variable(
        "`redis://host:6379/0`, also `rediss://` and `unix://`; give each hub a database of its own",
        otherwise="its own Valkey",
    ),
    "HUB_TIED": Variable(
        "the hub sets it itself, for processes that must end with the one that started them",
        otherwise="never set it",
    ),
}


def given_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The value of each variable; an empty one counts as not set, and "" stands for one without a default."""
    return {name: environment.get(name, "").strip() or each.default for name, each in VARIABLES.items()}
