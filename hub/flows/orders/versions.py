"""Versions: orders as they stand, opened, for whoever compares or changes them; and what people own, sealed again."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited
from hub.model.edits.owners import Owned, Owners
from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder, Payment, Person
from hub.model.orders.payments import Word
from hub.store import edits
from hub.store.db import Tx
from hub.store.edits import OrderVersion

_T = TypeVar("_T")


async def read_versions(
    tx: Tx, vault: Vault, ids: Sequence[UUID], *, to_compare: bool = False
) -> dict[UUID, Edited]:
    """These orders, which are locked, as they stand. Raises InputError where no key of this hub opens one.

    Who only has `to_compare` them, because the channel says all of it anew, does without what nobody can read: the
    person, who owns which field, and the note.
    """
    return {row.id: _opened(vault, row, to_compare=to_compare) for row in await edits.versions(tx, ids)}


async def readable_versions(tx: Tx, vault: Vault, ids: Sequence[UUID]) -> dict[UUID, Edited]:
    """As read_versions, for looking only: those that no key of this hub opens are left out."""
    found: dict[UUID, Edited] = {}
    for row in await edits.versions(tx, ids):
        with suppress(InputError):
            found[row.id] = _opened(vault, row, to_compare=False)
    return found


def _opened(vault: Vault, row: OrderVersion, *, to_compare: bool) -> Edited:
    return Edited(
        order=_order(
            row,
            _read(_person, vault, row, Person() if to_compare else None),
            _read(_personal_values, vault, row, {} if to_compare else None),
        ),
        number=row.number,
        canceled=row.canceled,
        refunded=row.refunded,
        priority=row.priority,
        tags=tuple(row.tags),
        remark=_read(_remark, vault, row, "" if to_compare else None),
        owners=_read(_owners, vault, row, {} if to_compare else None),
        shipped=row.shipped,
        captured=row.captured,
        given_back=row.given_back,
        told=row.told,
        authorized=row.authorized,
        channel_payment=Payment(row.channel_payment),
        collected=row.collected,
    )


def _read(
    open_sealed: Callable[[Vault, OrderVersion], _T], vault: Vault, row: OrderVersion, otherwise: _T | None
) -> _T:
    """`otherwise` where no key of this hub opens it; with none, raises InputError."""
    try:
        return open_sealed(vault, row)
    except InputError:
        if otherwise is None:
            raise
        return otherwise


def _person(vault: Vault, row: OrderVersion) -> Person:
    return msgspec.json.decode(vault.open(row.personal, row.id.bytes), type=Person)


def _order(row: OrderVersion, person: Person, personal: Mapping[str, str]) -> IncomingOrder:
    return IncomingOrder(
        channel_order_id=row.channel_order_id,
        channel_order_number=row.channel_order_number,
        placed_at=row.placed_at,
        updated_at=row.channel_updated_at,
        currency=row.currency,
        lines=row.lines,
        total=row.total,
        tax_total=row.tax_total,
        shipping_total=row.shipping_total,
        shipping_tax=row.shipping_tax,
        discount_total=row.discount_total,
        tax_included=row.tax_included,
        payment=Payment(row.payment),
        payment_method=row.payment_method,
        shipping_method=row.shipping_method,
        channel_state=row.channel_state,
        canceled=row.canceled,
        person=person,
        notes=tuple(row.notes),
        pickup=row.pickup,
        cash_on_delivery=row.cash_on_delivery,
        custom={**row.custom, **personal},
    )


def with_payment(
    order: IncomingOrder, version: Edited | None, word: Word, *, canceled: bool
) -> IncomingOrder:
    """The order with the word for its payment as the sums on record have it, else the channel's."""
    if version is None:
        return order
    said = {"channel_payment": word.payment, "collected": word.collected, "canceled": canceled}
    return replace(order, payment=replace(version, order=order, **said).account.payment)


def _owners(vault: Vault, row: OrderVersion) -> Owners:
    if row.owners is None:
        return {}
    owners = msgspec.json.decode(vault.open(row.owners, b"owners" + row.id.bytes), type=dict[str, Owned])
    return {name: each for name, each in owners.items() if name != "payment"}  # the sums say that by now


def seal_owners(vault: Vault, order_id: UUID, owners: Mapping[str, Owned]) -> bytes | None:
    return vault.seal(msgspec.json.encode(owners), b"owners" + order_id.bytes) if owners else None


def _personal_values(vault: Vault, row: OrderVersion) -> Mapping[str, str]:
    return open_values(vault, row.id, row.custom_personal)


def open_values(vault: Vault, order_id: UUID, sealed: bytes | None) -> dict[str, str]:
    """Values of personal fields. Raises InputError where no key of this hub opens them."""
    if sealed is None:
        return {}
    return msgspec.json.decode(vault.open(sealed, b"custom" + order_id.bytes), type=dict[str, str])


def seal_values(vault: Vault, order_id: UUID, values: Mapping[str, str]) -> bytes | None:
    return vault.seal(msgspec.json.encode(values), b"custom" + order_id.bytes) if values else None


def _remark(vault: Vault, row: OrderVersion) -> str:
    return "" if row.remark is None else vault.open(row.remark, b"remark" + row.id.bytes).decode()


def seal_remark(vault: Vault, order_id: UUID, remark: str) -> bytes | None:
    return vault.seal(remark.encode(), b"remark" + order_id.bytes) if remark else None
