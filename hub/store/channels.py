"""Accounts and channels: what is joined, how it is doing, and when it is to be asked next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.fulfillment.ship_by import NO_HANDLING, Handling
from hub.store.accounts import AccountKeys
from hub.store.db import Tx, page
from hub.store.doubts import doubt_all

CLOSED = "closed"


class ChannelRow(Struct, frozen=True):
    """One channel with its account. `credentials` are sealed with the account's id."""

    id: UUID
    slug: str
    name: str
    kind: str
    account_id: UUID
    account_state: str
    state: str
    location: str | None
    webhook_token: str
    orders_cursor: str | None
    pull_every_s: int
    next_pull_at: datetime
    pulled_at: datetime | None
    paused_until: datetime | None
    failures: int
    problem: str
    joined_at: datetime
    credentials: bytes
    settings_version: int
    unpaid_hours: int | None = None
    unpaid_but: Sequence[str] = ()
    ships_here: bool = False
    webhooks_at: datetime | None = None
    webhooks_problem: str = ""
    reopened_at: datetime | None = None
    ranked_until: datetime | None = None
    handling: Handling = NO_HANDLING
    keys: AccountKeys = AccountKeys()

    @property
    def is_closed(self) -> bool:
        return self.state == CLOSED


_FIELDS = """c.id, c.slug, c.name, a.kind, a.id, a.state, c.state, c.location, c.webhook_token, c.orders_cursor,
  c.pull_every_s, c.next_pull_at, c.pulled_at, c.paused_until, c.failures, c.problem, c.created_at, a.credentials,
  a.settings_version, c.unpaid_hours, c.unpaid_but, c.ships_here, c.webhooks_at, c.webhooks_problem,
  c.reopened_at, c.ranked_until, c.handling, a.limits_key, a.login_key"""
_FROM = "FROM channels c JOIN accounts a ON a.id = c.account_id"
_ALL = text(f"SELECT {_FIELDS} {_FROM} ORDER BY c.slug")
_BY_ID = text(f"SELECT {_FIELDS} {_FROM} WHERE c.id = :id")
_BY_SLUG = text(f"SELECT {_FIELDS} {_FROM} WHERE c.slug = :slug")
_BY_TOKEN = text(f"SELECT {_FIELDS} {_FROM} WHERE c.webhook_token = :token")


async def all_channels(tx: Tx) -> list[ChannelRow]:
    return [_row(row) for row in await tx.execute(_ALL)]


async def channel_by_id(tx: Tx, channel_id: UUID) -> ChannelRow | None:
    row = (await tx.execute(_BY_ID, {"id": channel_id})).first()
    return _row(row) if row else None


async def channel_by_slug(tx: Tx, slug: str) -> ChannelRow | None:
    row = (await tx.execute(_BY_SLUG, {"slug": slug})).first()
    return _row(row) if row else None


async def channel_by_token(tx: Tx, token: str) -> ChannelRow | None:
    row = (await tx.execute(_BY_TOKEN, {"token": token})).first()
    return _row(row) if row else None


def _row(row: Any) -> ChannelRow:
    *fields, handling, limits, login = row
    return ChannelRow(*(*fields, msgspec.convert(handling or {}, Handling), AccountKeys(limits, login)))


AfterSales = Literal["returns", "refunds"]
_CURSOR = {
    what: text(f"SELECT {what}_cursor FROM channels WHERE id = :id")  # noqa: S608 -- one of two words
    for what in get_args(AfterSales)
}
_SAVE_AFTER_SALES = {
    what: text(f"UPDATE channels SET {what}_cursor = :cursor WHERE id = :id")  # noqa: S608 -- one of two words
    for what in get_args(AfterSales)
}


async def cursor_of(tx: Tx, channel_id: UUID, what: AfterSales) -> str | None:
    """Where what the channel tells after the sale is read from."""
    cursor: str | None = await tx.scalar(_CURSOR[what], {"id": channel_id})
    return cursor


async def save_cursor_of(tx: Tx, channel_id: UUID, what: AfterSales, cursor: str | None) -> None:
    """Commit with the page it belongs to, as save_cursor."""
    await tx.execute(_SAVE_AFTER_SALES[what], {"id": channel_id, "cursor": cursor})


class NewChannel(Struct, frozen=True):
    id: UUID
    account_id: UUID
    slug: str
    name: str
    kind: str
    credentials: bytes
    webhook_token: str
    location: str | None = None
    pull_every_s: int = 60
    settings_version: int = 1
    keys: AccountKeys = AccountKeys()


_ADD = text("""
WITH account AS (
  INSERT INTO accounts (id, name, kind, credentials, settings_version, limits_key, login_key, created_at)
  VALUES (:account_id, :slug, :kind, :credentials, :settings_version, :limits_key, :login_key, :at)
)
INSERT INTO channels (id, account_id, slug, name, location, webhook_token, pull_every_s, next_pull_at,
                      next_listings_pull_at, next_read_at, created_at)
VALUES (:id, :account_id, :slug, :name, :location, :webhook_token, :pull_every_s, :at, :at + interval '1 day',
        :at + interval '1 minute', :at)""")


async def add_channel(tx: Tx, new: NewChannel, *, at: datetime) -> None:
    """Add a channel with an account of its own; an IntegrityError names the rule that refuses it."""
    values = {name: getattr(new, name) for name in NewChannel.__struct_fields__ if name != "keys"}
    keys = {"limits_key": new.keys.limits, "login_key": new.keys.login}
    await tx.execute(_ADD, {**values, **keys, "at": at})


_SAVE_CURSOR = text("""
UPDATE channels SET orders_cursor = :cursor, pulled_at = coalesce(:until, pulled_at),
  next_pull_at = :at + make_interval(secs => pull_every_s) WHERE id = :id""")


async def save_cursor(
    tx: Tx, channel_id: UUID, cursor: str | None, *, until: datetime | None, at: datetime
) -> None:
    """Commit with the page it belongs to, or a crash skips a page (L4).

    All orders `until` then have been asked for; None where more pages follow.
    """
    await tx.execute(_SAVE_CURSOR, {"id": channel_id, "cursor": cursor, "until": until, "at": at})


_DUE = text("""
SELECT c.id FROM channels c JOIN accounts a ON a.id = c.account_id
WHERE c.state = 'active' AND a.state = 'ok' AND c.next_pull_at <= :at
  AND (c.paused_until IS NULL OR c.paused_until <= :at) AND c.id = ANY(:ids)""")


async def due_for_pull(tx: Tx, *, ids: Sequence[UUID], at: datetime) -> list[UUID]:
    return [row.id for row in await tx.execute(_DUE, {"at": at, "ids": list(ids)})]


_FAIL = text("""
UPDATE channels SET failures = failures + 1, problem = :problem,
  paused_until = :at + make_interval(secs => coalesce(:after_s, least(300, power(2, least(failures, 8))::int)))
WHERE id = :id""")
_REST = text("""
UPDATE channels SET paused_until = greatest(paused_until, :at + make_interval(secs => :after_s)) WHERE id = :id""")
_NOTE_PROBLEM = text("""
UPDATE channels SET failures = greatest(failures, 1), problem = :problem WHERE id = :id AND problem <> :problem""")
_RECOVER = text(
    "UPDATE channels SET failures = 0, problem = '', paused_until = NULL WHERE id = :id AND failures > 0"
)


async def pause_after_failure(
    tx: Tx, channel_id: UUID, *, problem: str, after_s: float | None, at: datetime
) -> None:
    """Back off: 1, 2, 4 … 256 s, or as the channel asked; the pause ends by itself (L13)."""
    await tx.execute(_FAIL, {"id": channel_id, "problem": problem, "after_s": after_s, "at": at})


async def rest(tx: Tx, channel_id: UUID, *, after_s: float, at: datetime) -> None:
    """Send nothing for a while, although nothing went wrong: the budget of the account is spent."""
    await tx.execute(_REST, {"id": channel_id, "after_s": after_s, "at": at})


async def note_problem(tx: Tx, channel_id: UUID, problem: str) -> bool:
    """Say what is wrong, without a pause; the next call that goes well takes it back. False where it was said."""
    noted = await tx.execute(_NOTE_PROBLEM, {"id": channel_id, "problem": problem})
    return bool(noted.rowcount)


async def recover(tx: Tx, channel_id: UUID) -> None:
    await tx.execute(_RECOVER, {"id": channel_id})


_SWITCH = text("""
UPDATE channels SET state = :state, paused_until = NULL, failures = 0, problem = '', next_pull_at = :at
WHERE id = :id AND state <> 'closed'""")
_REOPEN = text("""
UPDATE channels SET state = 'active', next_pull_at = :at, reopened_at = :at WHERE id = :id AND state = 'closed'""")
_CATCH_UP = text("""
UPDATE channels SET reopened_at = NULL WHERE id = :id AND reopened_at = :reopened_at
  AND NOT EXISTS (SELECT FROM inbox WHERE channel_id = :id AND state = 'waiting')
RETURNING id""")
_RESEAL = text("""
UPDATE accounts SET credentials = :credentials, settings_version = :version, limits_key = :limits_key,
  login_key = :login_key WHERE id = :account_id""")


async def pause(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Stop talking to the channel until a person resumes it; what it sends is still kept."""
    await tx.execute(_SWITCH, {"id": channel_id, "state": "paused", "at": at})


async def close(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Nothing is asked, told or taken any more, until it is reopened."""
    await tx.execute(_SWITCH, {"id": channel_id, "state": CLOSED, "at": at})


async def resume(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Go on, with a pull that is due at once; one that is closed stays so. Others may have moved its numbers."""
    await tx.execute(_SWITCH, {"id": channel_id, "state": "active", "at": at})
    await doubt_all(tx, channel_id)


async def reopen(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Put a closed channel into service again, with a pull that is due at once; nothing is told until `catch_up`."""
    await tx.execute(_REOPEN, {"id": channel_id, "at": at})


async def catch_up(tx: Tx, channel_id: UUID, *, reopened_at: datetime) -> bool:
    """After a whole pull since it was reopened: whether all of it is taken, so that the channel may be told again."""
    return await tx.scalar(_CATCH_UP, {"id": channel_id, "reopened_at": reopened_at}) is not None


async def save_credentials(
    tx: Tx, account_id: UUID, credentials: bytes, keys: AccountKeys, *, version: int
) -> None:
    """Replace the sealed settings of an account; `version` is that of their shape."""
    new = {"credentials": credentials, "version": version, "limits_key": keys.limits, "login_key": keys.login}
    await tx.execute(_RESEAL, {"account_id": account_id, **new})


_SAVE_TOKENS = text("UPDATE accounts SET tokens = :tokens WHERE id = :account_id")
_TOKENS = text("SELECT tokens FROM accounts WHERE id = :account_id")


async def save_tokens(tx: Tx, account_id: UUID, tokens: bytes) -> None:
    """Replace the sealed tokens of an account."""
    await tx.execute(_SAVE_TOKENS, {"account_id": account_id, "tokens": tokens})


async def tokens_of(tx: Tx, account_id: UUID) -> bytes | None:
    """Sealed; None where nobody has logged in."""
    found: bytes | None = await tx.scalar(_TOKENS, {"account_id": account_id})
    return found


_PATIENCE = text("UPDATE channels SET unpaid_hours = :hours, unpaid_but = :but WHERE id = :id")


async def save_patience(tx: Tx, channel_id: UUID, *, hours: int | None, but: Sequence[str]) -> None:
    """How long unpaid orders of the channel keep their stock; None: as long as they are open."""
    await tx.execute(_PATIENCE, {"id": channel_id, "hours": hours, "but": list(but)})


_SHIPS = text("UPDATE channels SET ships_here = :here WHERE id = :id")


async def save_ships_here(tx: Tx, channel_id: UUID, *, here: bool) -> None:
    await tx.execute(_SHIPS, {"id": channel_id, "here": here})


_ELSEWHERE = text("""
SELECT c.slug FROM channels c JOIN accounts a ON a.id = c.account_id
WHERE NOT c.ships_here AND NOT a.kind = ANY(:our_own)""")


async def shipped_elsewhere(tx: Tx, our_own: Collection[str]) -> set[str]:
    """The slugs of channels whose orders are not shipped here; those of `our_own` kinds, the hub's own, always are."""
    return {row.slug for row in await tx.execute(_ELSEWHERE, {"our_own": list(our_own)})}


_NOTE_WEBHOOKS = text("UPDATE channels SET webhooks_at = :at, webhooks_problem = :problem WHERE id = :id")
_DUE_FOR_WEBHOOKS = text("""
SELECT c.id FROM channels c JOIN accounts a ON a.id = c.account_id
WHERE c.state = 'active' AND a.state = 'ok' AND c.webhooks_at <= :before
  AND (c.paused_until IS NULL OR c.paused_until <= :at)""")


async def note_webhooks(tx: Tx, channel_id: UUID, *, problem: str, at: datetime) -> None:
    """Its webhooks were looked after; `problem` says which do not stand, and what to do."""
    await tx.execute(_NOTE_WEBHOOKS, {"id": channel_id, "problem": problem, "at": at})


async def due_for_webhooks(tx: Tx, *, before: datetime, at: datetime) -> list[UUID]:
    """The channels that were asked to send webhooks, and not looked after since then."""
    return [row.id for row in await tx.execute(_DUE_FOR_WEBHOOKS, {"before": before, "at": at})]


COUNT = """
INSERT INTO counters AS c (channel_id, name, count, last_at)
SELECT :channel_id, name, times, :at FROM json_to_recordset(CAST(:tallies AS json)) AS x(name text, times bigint)
ORDER BY name
ON CONFLICT (channel_id, name) DO UPDATE SET count = c.count + excluded.count, last_at = excluded.last_at"""
"""For a statement that has more to keep of the same batch; `:tallies` is `tally_page` of them."""
_COUNT = text(COUNT)


def tally_page(tallies: Mapping[str, int]) -> str:
    return page([{"name": name, "times": times} for name, times in tallies.items() if times])


async def count(tx: Tx, channel_id: UUID, name: str, *, at: datetime, times: int = 1) -> None:
    """Raise a counter that outlives every process, such as "webhooks refused"."""
    await tx.execute(_COUNT, {"channel_id": channel_id, "tallies": tally_page({name: times}), "at": at})


_COUNTERS = text("SELECT name, count AS times FROM counters WHERE channel_id = :channel_id ORDER BY name")


async def counters_of(tx: Tx, channel_id: UUID) -> dict[str, int]:
    rows = await tx.execute(_COUNTERS, {"channel_id": channel_id})
    return {row.name: row.times for row in rows}
