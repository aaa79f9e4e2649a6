"""Refunds that a channel tells: which of them are on record here, and which are news. Pure.

| it is                                             | then                                                   |
|---------------------------------------------------|--------------------------------------------------------|
| told before                                       | known: nothing                                         |
| what the channel is being asked for, by our key   | waits until that has ended                             |
| what it was asked for, or a person recorded       | same: that refund has the channel's id from now on     |
| what it was asked for, and nobody heard of        | ours: recorded under the id it was asked for with      |
| perhaps what it is being asked for: nobody knows  | waits until that is known                              |
| what it was asked for, and paid once before       | new: it paid twice                                     |
| anything else                                     | new                                                    |
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.sync.write_backs import ON_ITS_WAY, OPEN, State


class Verdict(StrEnum):
    KNOWN = "known"
    SAME = "same"
    OURS = "ours"
    WAITS = "waits"
    NEW = "new"


class Told(Struct, frozen=True):
    """What the channel says; `key` as in IncomingRefund."""

    id: str
    amount: Decimal
    key: str = ""


class OnRecord(Struct, frozen=True):
    """A refund that is recorded; `channel_refund_id` as in Entry."""

    id: UUID
    amount: Decimal
    channel_refund_id: str | None = None


class Asked(Struct, frozen=True):
    """A refund that the channel is, or was, to pay. `may_be_there`: an answer to it was lost."""

    id: UUID
    state: State
    amount: Decimal
    channel_ref: str = ""
    may_be_there: bool = False
    sent_at: datetime | None = None

    @property
    def is_in_doubt(self) -> bool:
        return self.state in ON_ITS_WAY or (self.state is State.REJECTED and self.may_be_there)


class Ruling(Struct, frozen=True):
    """`id` names what is on record, or was asked for."""

    verdict: Verdict
    id: UUID | None = None


def rule(told: Sequence[Told], recorded: Iterable[OnRecord], asked: Sequence[Asked]) -> list[Ruling]:
    """What each of one order's refunds is, in this order; nothing on record is two of them."""
    known, rulings = {each.id: each for each in recorded}, list[Ruling]()
    for each in told:
        ruling = _rule(each, known, asked)
        if ruling.id is not None:
            known[ruling.id] = OnRecord(ruling.id, each.amount, each.id)
        rulings.append(ruling)
    return rulings


def _rule(told: Told, known: Mapping[UUID, OnRecord], asked: Sequence[Asked]) -> Ruling:
    if any(each.channel_refund_id == told.id for each in known.values()):
        return Ruling(Verdict.KNOWN)
    ours = next((each for each in asked if _names(told, each)), None) or next(
        (each for each in asked if _may_be(told, each, known)), None
    )
    if ours and ours.state in OPEN:
        return Ruling(Verdict.WAITS)
    if ours and ours.id in known:
        if not known[ours.id].channel_refund_id:
            return Ruling(Verdict.SAME, ours.id)
        ours = None  # the channel paid it before, by another id
    if not ours and any(each.is_in_doubt for each in asked):
        return Ruling(Verdict.WAITS)
    by_hand = (each for each in known.values() if each.channel_refund_id is None)
    same = next((each.id for each in by_hand if each.amount == told.amount), None)
    if same:
        return Ruling(Verdict.SAME, same)
    return Ruling(Verdict.OURS, ours.id) if ours else Ruling(Verdict.NEW)


def _names(told: Told, asked: Asked) -> bool:
    """A key begins with the id, whatever was refused before."""
    return told.key.startswith(str(asked.id)) or told.id == asked.channel_ref


def _may_be(told: Told, asked: Asked, known: Mapping[UUID, OnRecord]) -> bool:
    """The same amount, where the channel named neither: no id with its answer, no key of ours with the refund."""
    if told.key or asked.channel_ref or asked.amount != told.amount or asked.state in OPEN:
        return False
    return known[asked.id].channel_refund_id == "" if asked.id in known else asked.may_be_there


def doubt_since(asked: Sequence[Asked], *, at: datetime) -> datetime:
    """Since when a person has to say what the channel did; what is open ends by itself, however long that takes."""
    if any(each.state in OPEN for each in asked):
        return at
    return max((each.sent_at for each in asked if each.is_in_doubt and each.sent_at), default=at)
