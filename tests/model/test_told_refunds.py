"""What a channel tells of its refunds is on record once: known, our own, a person's, in doubt, or news."""

from decimal import Decimal

import pytest

from hub.kit.ids import uuid7
from hub.model.sync.told_refunds import Asked, OnRecord, Ruling, Told, Verdict, rule
from hub.model.sync.write_backs import State

TEN, FIVE = Decimal(10), Decimal(5)
A, B = uuid7(), uuid7()
KNOWN, LEFT, SAME, OURS, WAITS, NEW = Verdict
BY_KEY = Told("R1", TEN, str(A))
PLAIN = Told("R1", TEN)


def asked(state: State, ref: str = "", *, lost: bool = False, amount: Decimal = TEN) -> Asked:
    return Asked(A, state, amount, ref, lost)


@pytest.mark.parametrize(
    ("told", "recorded", "sent", "ruling"),
    [
        (PLAIN, [], [], Ruling(NEW)),
        (PLAIN, [OnRecord(B, TEN, "R1")], [], Ruling(KNOWN)),
        (PLAIN, [OnRecord(B, TEN, "R0")], [], Ruling(NEW)),
        (PLAIN, [OnRecord(B, TEN)], [], Ruling(SAME, B)),
        (PLAIN, [OnRecord(B, FIVE)], [], Ruling(NEW)),
        (BY_KEY, [], [asked(State.CLAIMED)], Ruling(LEFT)),
        (PLAIN, [], [asked(State.UNKNOWN, "R1")], Ruling(LEFT)),
        (PLAIN, [], [asked(State.UNKNOWN)], Ruling(WAITS)),
        (PLAIN, [], [asked(State.UNKNOWN, amount=FIVE)], Ruling(WAITS)),
        (PLAIN, [OnRecord(B, TEN)], [asked(State.UNKNOWN)], Ruling(WAITS)),
        (PLAIN, [], [asked(State.WAITING)], Ruling(NEW)),
        (PLAIN, [OnRecord(A, TEN, "")], [asked(State.APPLIED)], Ruling(SAME, A)),
        (PLAIN, [OnRecord(A, TEN, "R0")], [asked(State.APPLIED, "R0")], Ruling(NEW)),
        (BY_KEY, [], [asked(State.REJECTED)], Ruling(OURS, A)),
        (PLAIN, [], [asked(State.REJECTED, lost=True)], Ruling(OURS, A)),
        (PLAIN, [], [asked(State.REJECTED, lost=True, amount=FIVE)], Ruling(WAITS)),
        (PLAIN, [], [asked(State.REJECTED)], Ruling(NEW)),
        (BY_KEY, [OnRecord(B, TEN)], [asked(State.DISMISSED, lost=True)], Ruling(SAME, B)),
    ],
)
def test_each_is_told_apart_by_id_then_by_key_then_by_amount(
    told: Told, recorded: list[OnRecord], sent: list[Asked], ruling: Ruling
):
    assert rule([told], recorded, sent) == [ruling]


def test_one_refund_by_hand_is_one_of_two_alike():
    told = [Told("R1", TEN), Told("R2", TEN)]
    assert rule(told, [OnRecord(B, TEN)], []) == [Ruling(SAME, B), Ruling(NEW)]
