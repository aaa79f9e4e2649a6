"""Keep people: one customer for each e-mail or phone, found again by a blind index, sealed at rest (L17).

Somebody with an e-mail is kept under it. So that their phone number finds them too, however it is written, a pointer is
kept beside: a row under the number's last digits, of which nothing but e-mail and phone is sealed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.incoming import Person
from hub.store import customers
from hub.store.db import Tx

PHONE_DIGITS_MIN = 6  # fewer tell nobody apart
PHONE_DIGITS_MAX = 15  # E.164
SHARING_MAX = 4  # people found by one phone: a family, an office
_TAIL_DIGITS = 7  # what a number has in common however it is dialed: 030 5550101, +49 30 5550101
_NO_DIGITS = re.compile(r"[^0-9]+")
_PHONE = re.compile(r"\+?[0-9 ()./\-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Known(Struct, frozen=True):
    """One person the hub knows, and the customers who are they."""

    ids: list[UUID]
    person: Person


def identity_text(person: Person) -> str:
    """What tells this person from others: the e-mail, else the digits of the phone; empty for nobody in particular."""
    if person.email.strip():
        return f"email:{person.email.strip().lower()}"
    digits = phone_digits(person.phone)
    return f"phone:{digits}" if len(digits) >= PHONE_DIGITS_MIN else ""


def phone_digits(phone: str) -> str:
    """As one dials it from abroad, where it says so: +49 (0)30 and 0049 30 are both 4930."""
    digits = _NO_DIGITS.sub("", phone.replace("(0)", ""))
    return digits.removeprefix("00")


def read_identity(text: str) -> Person | None:
    """Whom an e-mail or a phone number names; None for anything else, such as a name."""
    words = text.strip()
    if _EMAIL.fullmatch(words):
        return Person(email=words)
    if _PHONE.fullmatch(words) and PHONE_DIGITS_MIN <= len(phone_digits(words)) <= PHONE_DIGITS_MAX:
        return Person(phone=words)
    return None


async def keep_people(tx: Tx, vault: Vault, people: Sequence[Person], *, at: datetime) -> dict[str, UUID]:
    """Return a customer id for each identity text, adding those who are new."""
    by_text = {text: person for person in people if (text := identity_text(person))}
    by_index = {vault.blind_index(text): text for text in by_text}
    known = await customers.known_customers(tx, list(by_index))
    new = {index: by_text[text] for index, text in by_index.items() if index not in known}
    rows = [_row(vault, index, person) for index, person in new.items()]
    pointers = await _pointers(tx, vault, list(new.values()))
    known |= await customers.add_customers(tx, [*rows, *pointers], at=at)
    return {by_index[index]: customer_id for index, customer_id in known.items() if index in by_index}


async def find_people(tx: Tx, vault: Vault, typed: Person) -> list[Known]:
    """Whoever has this e-mail, or else this phone: two statements, and nothing is searched in plain text."""
    first = await _open(tx, vault, [identity_text(typed), *_slots(typed.phone)])
    pointed = {
        identity_text(person)
        for text, _, person in first
        if text.startswith("tail:") and same_phone(person.phone, typed.phone)
    }
    found = [each for each in first if not each[0].startswith("tail:")]
    also = {identity_text(Person(phone=person.phone)) for _, _, person in found}
    seen = {text for text, _, _ in found}
    found += await _open(tx, vault, sorted((pointed | also) - seen))
    if typed.email and any(text == identity_text(typed) for text, _, _ in found):
        found = [each for each in found if each[0] == identity_text(typed) or each[0].startswith("phone:")]
    return _together(found)


def same_phone(one: str, other: str) -> bool:
    """A number written for its own country is the end of the one written for the world."""
    short, long = sorted((phone_digits(one).lstrip("0"), phone_digits(other).lstrip("0")), key=len)
    return len(short) >= PHONE_DIGITS_MIN and long.endswith(short)


_Found = tuple[str, UUID, Person]


def _together(found: Iterable[_Found]) -> list[Known]:
    """People are told apart by e-mail; what is known by the phone alone is theirs only where one person has it."""
    by_text = {text: (customer_id, person) for text, customer_id, person in found}
    named = [by_text[text] for text in by_text if text.startswith("email:")]
    nameless = [by_text[text] for text in by_text if text.startswith("phone:")]
    if len(named) == 1:
        (customer_id, person), *_ = named
        return [Known([customer_id, *(each for each, _ in nameless)], person)]
    return [Known([customer_id], person) for customer_id, person in (*named, *nameless)]


async def _open(tx: Tx, vault: Vault, texts: Sequence[str]) -> list[_Found]:
    """The customers under these texts, in their order; one whose key this hub has no more is left out."""
    by_index = {vault.blind_index(text): text for text in texts if text}
    rows = {row.identity: row for row in await customers.sealed_customers(tx, list(by_index))}
    opened = []
    for index, text in by_index.items():
        row = rows.get(index)
        person = _unseal(vault, row) if row else None
        if row and person:
            opened.append((text, row.id, person))
    return opened


def _unseal(vault: Vault, row: customers.NewCustomer) -> Person | None:
    try:
        return msgspec.json.decode(vault.open(row.personal, row.id.bytes), type=Person)
    except (InputError, msgspec.DecodeError):
        return None


async def _pointers(tx: Tx, vault: Vault, people: Sequence[Person]) -> list[customers.NewCustomer]:
    """The first free slot of the phone of each new person; who comes after the last is found by e-mail only.

    Most have their number alone, so the later slots are looked at only for those whose first is taken.
    """
    rows: dict[bytes, customers.NewCustomer] = {}
    waiting = [(person, slots) for person in people if (slots := _slots(person.phone))]
    for places in (slice(1), slice(1, SHARING_MAX)):
        indexes = [[vault.blind_index(slot) for slot in slots[places]] for _, slots in waiting]
        taken = await customers.known_customers(tx, [each for own in indexes for each in own])
        left = []
        for (person, slots), own in zip(waiting, indexes, strict=True):
            free = next((each for each in own if each not in taken and each not in rows), None)
            if free is None:
                left.append((person, slots))
            else:
                rows[free] = _row(vault, free, Person(email=person.email, phone=person.phone))
        waiting = left
    return list(rows.values())


def _slots(phone: str) -> list[str]:
    digits = phone_digits(phone).lstrip("0")
    if len(digits) < PHONE_DIGITS_MIN:
        return []
    return [f"tail:{digits[-_TAIL_DIGITS:]}:{place}" for place in range(SHARING_MAX)]


def _row(vault: Vault, index: bytes, person: Person) -> customers.NewCustomer:
    new_id = uuid7()
    return customers.NewCustomer(new_id, index, vault.seal(msgspec.json.encode(person), new_id.bytes))
