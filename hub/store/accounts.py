"""Accounts: whose limits and whose login the channels share, and whether it is good. Keys are blind indexes."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page

TRIES_APART_S = 30.0  # as long as one call may take


class AccountKeys(Struct, frozen=True):
    """None: like no other."""

    limits: bytes | None = None
    login: bytes | None = None


SHARES_LIMITS_WITH = """ARRAY(
    SELECT o.slug FROM channels o JOIN accounts b ON b.id = o.account_id
    WHERE b.limits_key = a.limits_key AND o.id <> c.id AND o.state <> 'closed' ORDER BY o.slug)"""
_SAVE_KEYS = text("""
UPDATE accounts a SET limits_key = decode(x.limits, 'base64'), login_key = decode(x.login, 'base64')
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, limits text, login text) WHERE a.id = x.id""")
_SET_FOUND = """ORDER BY id FOR UPDATE),
account AS (UPDATE accounts a SET state = :state FROM found WHERE a.id = found.id),
own AS (
    SELECT c.id FROM channels c JOIN found ON c.account_id = found.id ORDER BY c.id FOR UPDATE OF c)"""
_NEEDS_LOGIN = text(f"""
WITH found AS (
    SELECT id FROM accounts WHERE id = :account_id AND login_key IS NOT DISTINCT FROM CAST(:login AS bytea)
        OR NOT :alone AND login_key = CAST(:login AS bytea)
    {_SET_FOUND}
UPDATE channels c SET problem = :problem FROM own WHERE c.id = own.id""")  # noqa: S608 -- constants only
_RECONNECT = text(f"""
WITH found AS (
    SELECT id FROM accounts WHERE id = :account_id
        OR state = 'needs login' AND login_key = (SELECT login_key FROM accounts WHERE id = :account_id)
    {_SET_FOUND}
UPDATE channels c SET problem = '', failures = 0, paused_until = NULL FROM own WHERE c.id = own.id
RETURNING c.id""")  # noqa: S608 -- constants only
_LOCK_SHARING = text("""
SELECT c.id FROM channels c JOIN accounts a ON a.id = c.account_id
WHERE c.state = 'active' AND a.limits_key = (
    SELECT b.limits_key FROM accounts b JOIN channels o ON o.account_id = b.id WHERE o.id = :id)
ORDER BY c.id FOR UPDATE OF c""")
_WAIT_BEHIND = text("""
UPDATE channels c SET paused_until = greatest(
    c.paused_until, o.paused_until + make_interval(secs => :apart_s) * array_position(CAST(:others AS uuid[]), c.id))
FROM channels o WHERE o.id = :id AND c.id = ANY(:others)""")
_GO_ON = text("""
UPDATE channels SET paused_until = NULL WHERE id = ANY(:ids) AND failures = 0 AND problem = ''""")


async def save_keys(tx: Tx, keys: Mapping[UUID, AccountKeys]) -> None:
    rows = [
        {"id": account_id, "limits": each.limits, "login": each.login} for account_id, each in keys.items()
    ]
    await tx.execute(_SAVE_KEYS, {"page": page(rows)})


async def needs_login(
    tx: Tx, account_id: UUID, *, login: bytes | None, problem: str, alone: bool = False
) -> None:
    """Stop asking with the login that was refused, on every channel that has it still, until a person reconnects it.

    `alone`: the others that have it go on.
    """
    values = {"account_id": account_id, "login": login, "alone": alone, "problem": problem}
    await tx.execute(_NEEDS_LOGIN, {**values, "state": "needs login"})


async def reconnect(tx: Tx, account_id: UUID) -> list[UUID]:
    """Return the channels that can be talked to again: its own, and those that waited for the same login."""
    rows = await tx.execute(_RECONNECT, {"account_id": account_id, "state": "ok"})
    return [row.id for row in rows]


async def lock_sharing(tx: Tx, channel_id: UUID) -> list[UUID]:
    """Lock it and the channels that share its limits, in the order of their ids; return the others."""
    rows = await tx.execute(_LOCK_SHARING, {"id": channel_id})
    return [row.id for row in rows if row.id != channel_id]


async def wait_behind(tx: Tx, channel_id: UUID, others: Sequence[UUID]) -> None:
    """What was told to one is told to all: it tries first, and each of the others while nobody before it has."""
    await tx.execute(_WAIT_BEHIND, {"id": channel_id, "others": list(others), "apart_s": TRIES_APART_S})


async def go_on(tx: Tx, channel_ids: Sequence[UUID]) -> None:
    """They may be called again, but for those that failed themselves."""
    await tx.execute(_GO_ON, {"ids": list(channel_ids)})
