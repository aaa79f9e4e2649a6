"""Import a bank statement: each transfer is kept once, sealed. The same file again changes nothing."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from hub.flows.bank.match_transfers import record_transfers
from hub.flows.imports.taking import Around, By, Taken, lines_of
from hub.kit.ids import uuid7s
from hub.kit.secrets import Vault
from hub.model.bank.transfers import Transfer
from hub.model.imports import bank
from hub.model.imports.lines import Line
from hub.model.imports.rows import Given
from hub.store.bank.transfers import known_keys
from hub.store.db import Tx

Judged = tuple[Line, Transfer | None]


async def look(tx: Tx, rows: Sequence[Given], around: Around) -> list[Judged]:
    """What each row would add; nothing is written."""
    vault = _vault_of(around)
    comma = around.how.decimal_comma
    judged = [
        bank.read(given, transfer_id, decimal_comma=comma)
        for given, transfer_id in zip(rows, uuid7s(len(rows)), strict=True)
    ]
    keys = {each.id: vault.blind_index(each.key_text) for _, each in judged if each}
    seen = await known_keys(tx, keys.values())
    here: set[bytes] = set()
    return [_once(line, transfer, keys, seen, here) for line, transfer in judged]


def _once(
    line: Line,
    transfer: Transfer | None,
    keys: Mapping[UUID, bytes],
    seen: AbstractSet[bytes],
    here: set[bytes],
) -> Judged:
    """`seen` are told before, `here` by rows above this one."""
    if transfer is None:
        return line, None
    key = keys[transfer.id]
    if key in seen or (key in here and transfer.bank_id):
        return bank.known(line, by_bank_id=bool(transfer.bank_id)), None
    if key in here:
        return bank.doubled(line), None
    here.add(key)
    return line, transfer


async def take(tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime) -> Taken:
    judged = await look(tx, rows, around)
    new = [transfer for _, transfer in judged if transfer]
    done = await record_transfers(tx, _vault_of(around), new, actor=by.actor, at=at)
    return Taken(lines_of(judged), done.touched)


def _vault_of(around: Around) -> Vault:
    assert around.vault is not None, "whoever imports has a vault"
    return around.vault
