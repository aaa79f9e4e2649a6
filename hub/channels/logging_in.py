"""Log in to a channel: a person is sent there, and comes back with what becomes tokens.

What goes along as `state` is sealed, names the channel, and holds half of a secret; the other half stays in the browser
that began. So nobody can bring somebody else's log-in to an end.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import timedelta
from secrets import token_urlsafe

import msgspec
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.joining import reconnect
from hub.channels.opening import find_channel, line_of, open_channel
from hub.channels.tokens import TokenKeeper
from hub.channels.transport import Transport
from hub.kit.clock import now
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import Aware
from hub.spec import LogsIn
from hub.store.channels import ChannelRow

GOOD_FOR = timedelta(minutes=15)
AAD = b"log-in"
NOT_OURS = "this is no log-in that was begun in this browser: begin it again on the channel's page"


class _State(Struct, frozen=True):
    slug: str
    proof: str
    until: Aware


class Begun(Struct, frozen=True):
    """Where the person goes, and what their browser keeps until they are back."""

    url: str
    proof: str


def redirect_url(ctx: HubContext) -> str:
    """Where channels send people back to: to be registered there."""
    return f"{ctx.config.url}/log-in/back"


def begin_login(ctx: HubContext, row: ChannelRow) -> Begun:
    """Raises WrongStateError for a channel nobody logs in to."""
    opened, proof = open_channel(ctx, row), token_urlsafe(24)
    connector = opened.connector
    if not isinstance(connector, LogsIn):
        msg = f"nobody logs in to a {opened.connector.manifest.title} channel: its keys are settings"
        raise WrongStateError(msg)
    state = msgspec.json.encode(_State(row.slug, proof, now() + GOOD_FOR))
    sealed = base64.urlsafe_b64encode(ctx.vault.seal(state, AAD)).decode().rstrip("=")
    url = connector.auth_begin(opened.config, redirect_url=redirect_url(ctx), state=sealed)
    return Begun(url, proof)


async def complete_login(ctx: HubContext, answer: Mapping[str, str], *, proof: str) -> ChannelRow:
    """Keep the tokens, and let what waited for them go on. Raises InputError, UnauthorizedError."""
    state = _read_state(ctx, answer.get("state", ""))
    if not hmac.compare_digest(state.proof.encode(), proof.encode()) or state.until < now():
        raise InputError(NOT_OURS, field="state")
    row = await find_channel(ctx, state.slug)
    opened = open_channel(ctx, row)
    connector = opened.connector
    if not isinstance(connector, LogsIn):
        raise InputError(NOT_OURS, field="state")
    line = line_of(connector, opened.config, opened.keys, row)
    http = Transport(ctx.outside, opened.config.base_url, line)
    tokens = await connector.auth_complete(http, opened.config, answer, redirect_url=redirect_url(ctx))
    await TokenKeeper(ctx.db, ctx.vault, row.account_id, connector, opened.config, http).save(tokens)
    await reconnect(ctx, row)
    return row


def _read_state(ctx: HubContext, sealed: str) -> _State:
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        return msgspec.json.decode(ctx.vault.open(raw, AAD), type=_State)
    except (InputError, binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise InputError(NOT_OURS, field="state") from error
