"""The address of the web, and the key that guards it where others can reach it: known before anything is started.

Nothing here imports the web itself, so that `hub up` and its workers start without it.
"""

import errno
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from hub.kit.config import Config
from hub.kit.variables import given_in
from hub.model.errors import InputError
from hub.spec import Secret

KEY_LENGTH_MIN = 16


def read_api_key(environment: Mapping[str, str]) -> Secret | None:
    """Take HUB_API_KEY; InputError where it is too short to be a key."""
    text = given_in(environment)["HUB_API_KEY"]
    if not text:
        return None
    if len(text) < KEY_LENGTH_MIN:
        msg = f"HUB_API_KEY has {len(text)} characters: take {KEY_LENGTH_MIN} or more"
        raise InputError(msg, field="HUB_API_KEY")
    return Secret(text)


def refuse_open_address(config: Config, key: Secret | None) -> None:
    """Raise InputError where others could reach the hub and no key guards it."""
    public = next((name for name in (config.host, host_of(config.url)) if not is_loopback(name)), None)
    if public is None or key is not None:
        return
    msg = f"others can reach the hub at {public!r}, and no key guards it: set HUB_API_KEY, or use 127.0.0.1"
    raise InputError(msg, field="HUB_API_KEY")


def listen(config: Config) -> socket.socket:
    """Take the address before anything else starts, so that a taken port is the first and only message."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        raise InputError(_why(config, error), field="HUB_PORT") from error


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _why(config: Config, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {config.port} is taken: stop what uses it, or set HUB_PORT"
    if error.errno == errno.EACCES:
        return f"port {config.port} is not for everybody: set HUB_PORT to 1024 or more"
    return f"cannot listen on {config.host}:{config.port} ({error.strerror}): set HUB_HOST to one of its own"
