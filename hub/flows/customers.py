"""Customers: one person across channels, by somebody's word; a note, tags, and whether their orders wait for a look.

A merge moves nothing: it says that two rows are one person, and can be taken back. Events name ids only (L17).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from hub.flows.orders.keep_people import Known, find_people
from hub.kit.secrets import Vault
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.incoming import Person
from hub.model.review.rules import TAG_FORM, TAG_MAX
from hub.model.telling.kinds import Kind
from hub.store import customers
from hub.store.customers import KeptCustomer
from hub.store.db import Tx
from hub.store.events import Event, add_events

NOTE_MAX = 2_000
TAGS_MAX = 20


class About(Struct, frozen=True, omit_defaults=True):
    """What people here have written of a customer; it may be personal, so it is kept sealed."""

    note: str = ""
    why_blocked: str = ""


class Identity(Struct, frozen=True):
    """One row of the person: what they called themselves once."""

    id: UUID
    person: Person


class Customer(Struct, frozen=True):
    """`identities` are all rows of the person, the one that stands for them first."""

    id: UUID
    identities: list[Identity]
    blocked_at: datetime | None
    tags: list[str]
    about: About

    @property
    def person(self) -> Person:
        return self.identities[0].person

    @property
    def ids(self) -> list[UUID]:
        return [each.id for each in self.identities]


async def show_customer(tx: Tx, vault: Vault, customer_id: UUID) -> Customer:
    """Raises NotFoundError; InputError where this hub has no key of theirs."""
    rows = await customers.rows_of_person(tx, customer_id)
    if not rows:
        msg = "there is no such customer: search for the e-mail or the phone number"
        raise NotFoundError(msg)
    return _opened(vault, rows)


def _opened(vault: Vault, rows: Sequence[KeptCustomer]) -> Customer:
    first, people = rows[0], [Identity(each.id, _person(vault, each)) for each in rows]
    about = (
        msgspec.json.decode(vault.open(first.about, _aad(first.id)), type=About) if first.about else About()
    )
    blocked_at = max((each.blocked_at for each in rows if each.blocked_at), default=None)
    return Customer(first.id, people, blocked_at, first.tags, about)


def _person(vault: Vault, row: KeptCustomer) -> Person:
    return msgspec.json.decode(vault.open(row.personal, row.id.bytes), type=Person)


def _aad(customer_id: UUID) -> bytes:
    return b"about" + customer_id.bytes


async def blocked_list(tx: Tx, vault: Vault, *, limit: int) -> list[Customer]:
    """The last one first."""
    return [_opened(vault, [row]) for row in await customers.blocked_customers(tx, limit=limit)]


async def suggest_same(tx: Tx, vault: Vault, customer: Customer) -> list[Known]:
    """Others who have the same phone: maybe the same person under another e-mail. A person decides."""
    phones = sorted({each.person.phone for each in customer.identities if each.person.phone})
    found = [known for phone in phones for known in await find_people(tx, vault, Person(phone=phone))]
    own = {*customer.ids}
    strange = {known.ids[0]: known for known in found if not own & {*known.ids}}
    return list(strange.values())


async def write_about(
    tx: Tx, vault: Vault, customer_id: UUID, *, note: str, tags: Sequence[str], actor: str, at: datetime
) -> None:
    """Raises NotFoundError, InputError."""
    if len(note) > NOTE_MAX or "\0" in note:
        msg = f"the note has {len(note)} characters: {NOTE_MAX} are enough"
        raise InputError(msg, field="note")
    wrong = [tag for tag in tags if not TAG_FORM.fullmatch(tag)]
    if wrong or len(tags) > TAGS_MAX:
        msg = (
            f"at most {TAGS_MAX} tags, each of small letters, digits, spaces and at most {TAG_MAX} characters"
        )
        raise InputError(msg, field="tags")
    was = await _locked(tx, vault, customer_id)
    await _save(tx, vault, was, About(note.strip(), was.about.why_blocked), sorted({*tags}))
    await _tell(tx, "customer noted", was.id, actor, at)


async def block(tx: Tx, vault: Vault, customer_id: UUID, *, why: str, actor: str, at: datetime) -> None:
    """New orders of theirs wait for a look, as the check says; those there are stay as they are. Raises InputError."""
    if not why.strip() or len(why) > NOTE_MAX or "\0" in why:
        msg = f"say in a few words why, such as: sent three parcels back (at most {NOTE_MAX} characters)"
        raise InputError(msg, field="why")
    was = await _locked(tx, vault, customer_id)
    await _save(tx, vault, was, About(was.about.note, why.strip()), was.tags)
    await customers.set_blocked(tx, [was.id], was.blocked_at or at)
    await _tell(tx, "customer blocked", was.id, actor, at)


async def unblock(tx: Tx, vault: Vault, customer_id: UUID, *, actor: str, at: datetime) -> None:
    """Raises NotFoundError."""
    was = await _locked(tx, vault, customer_id)
    await _save(tx, vault, was, About(was.about.note), was.tags)
    await customers.set_blocked(tx, was.ids, None)
    await _tell(tx, "customer unblocked", was.id, actor, at)


async def merge(tx: Tx, vault: Vault, customer_id: UUID, into: UUID, *, actor: str, at: datetime) -> None:
    """Say that they are the same person. Raises NotFoundError, WrongStateError."""
    people = [await show_customer(tx, vault, each) for each in (customer_id, into)]
    await customers.lock_customers(tx, [each.id for each in people])
    one, other = [await show_customer(tx, vault, each) for each in (customer_id, into)]
    if one.id == other.id:
        msg = "they are one person already"
        raise WrongStateError(msg)
    if len(one.ids) > 1:
        msg = (
            "others are merged into this customer: merge the other way round, or take those merges back first"
        )
        raise WrongStateError(msg)
    await customers.set_merged(tx, one.id, other.id)
    await _tell(tx, "customers merged", other.id, actor, at, merged=str(one.id))


async def unmerge(tx: Tx, vault: Vault, customer_id: UUID, *, actor: str, at: datetime) -> None:
    """They are two people after all; each has what it had. Raises NotFoundError, WrongStateError."""
    customer = await _locked(tx, vault, customer_id)
    if customer.id == customer_id:
        msg = "this customer is merged into nobody"
        raise WrongStateError(msg)
    await customers.set_merged(tx, customer_id, None)
    await _tell(tx, "customers parted", customer.id, actor, at, merged=str(customer_id))


async def _locked(tx: Tx, vault: Vault, customer_id: UUID) -> Customer:
    await customers.lock_customers(tx, [customer_id])
    return await show_customer(tx, vault, customer_id)


async def _save(tx: Tx, vault: Vault, was: Customer, about: About, tags: Sequence[str]) -> None:
    await customers.set_about(
        tx, was.id, tags=tags, about=vault.seal(msgspec.json.encode(about), _aad(was.id))
    )


async def _tell(tx: Tx, kind: Kind, customer_id: UUID, actor: str, at: datetime, **facts: str) -> None:
    await add_events(tx, [Event(kind, actor, facts={"customer": str(customer_id), **facts})], at=at)
