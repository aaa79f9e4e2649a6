"""Keep people: one customer for each e-mail or phone, found by a blind index, sealed at rest (L17)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.incoming import Person
from hub.store import customers
from hub.store.db import Tx

PHONE_DIGITS_MIN = 6  # fewer tell nobody apart


def identity_text(person: Person) -> str:
    """What tells this person from others: the e-mail, else the digits of the phone; empty for nobody in particular."""
    if person.email.strip():
        return f"email:{person.email.strip().lower()}"
    digits = "".join(character for character in person.phone if character.isdigit())
    return f"phone:{digits}" if len(digits) >= PHONE_DIGITS_MIN else ""


async def keep_people(tx: Tx, vault: Vault, people: Sequence[Person], *, at: datetime) -> dict[str, UUID]:
    """Return a customer id for each identity text, adding those who are new."""
    by_text = {text: person for person in people if (text := identity_text(person))}
    by_index = {vault.blind_index(text): text for text in by_text}
    known = await customers.known_customers(tx, list(by_index))
    new = [_row(vault, index, by_text[text]) for index, text in by_index.items() if index not in known]
    known |= await customers.add_customers(tx, new, at=at)
    return {by_index[index]: customer_id for index, customer_id in known.items()}


def _row(vault: Vault, index: bytes, person: Person) -> customers.NewCustomer:
    new_id = uuid7()
    return customers.NewCustomer(new_id, index, vault.seal(msgspec.json.encode(person), new_id.bytes))
