"""What a channel tells of its refunds is on record once: known, our own, a person's, in doubt, or news."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from hub.kit.ids import uuid7
from hub.model.sync.told_refunds import Asked, OnRecord, Ruling, Told, Verdict, doubt_since, rule
from hub.model.sync.write_backs import State
from tests.builders import NOON

TEN, FIVE = Decimal(10), Decimal(5)
A, B = uuid7(), uuid7()
KNOWN, SAME, OURS, WAITS, NEW = Verdict
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
        (BY_KEY, [], [asked(State.CLAIMED)], Ruling(WAITS)),
        (PLAIN, [], [asked(State.UNKNOWN, "R1")], Ruling(WAITS)),
        (PLAIN, [], [asked(State.UNKNOWN)], Ruling(WAITS)),
        (PLAIN, [], [asked(State.UNKNOWN, amount=FIVE)], Ruling(WAITS)),
        (PLAIN, [OnRecord(B, TEN)], [asked(State.UNKNOWN)], Ruling(WAITS)),
        (PLAIN, [], [asked(State.WAITING)], Ruling(NEW)),
        (PLAIN, [OnRecord(A, TEN, "")], [asked(State.APPLIED)], Ruling(SAME, A)),
        (PLAIN, [OnRecord(A, TEN, "R0")], [asked(State.APPLIED, "R0")], Ruling(NEW)),
        (BY_KEY, [], [asked(State.REJECTED)], Ruling(OURS, A)),
        (BY_KEY, [], [asked(State.WAITING)], Ruling(WAITS)),
        (BY_KEY, [OnRecord(A, TEN, "")], [asked(State.APPLIED)], Ruling(SAME, A)),
        (BY_KEY, [OnRecord(A, TEN, "R0")], [asked(State.APPLIED, "R0")], Ruling(NEW)),
        (
            BY_KEY,
            [OnRecord(A, TEN, "R0")],
            [asked(State.APPLIED, "R0"), Asked(B, State.CLAIMED, TEN)],
            Ruling(WAITS),
        ),
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


def test_what_the_channel_paid_again_under_the_next_key_is_another_refund():
    told = [Told("R1", TEN, str(A)), Told("R2", TEN, f"{A}-1")]
    for sent in (asked(State.APPLIED), asked(State.REJECTED)):
        recorded = [OnRecord(A, TEN, "")] if sent.state is State.APPLIED else []
        assert rule(told, recorded, [sent])[1] == Ruling(NEW)


def test_a_doubt_is_as_old_as_what_was_sent_last_and_has_no_age_while_that_is_open():
    first, last = (Asked(A, State.REJECTED, TEN, "", True, NOON - timedelta(days=ago)) for ago in (3, 2))
    assert doubt_since([last, first], at=NOON) == last.sent_at
    assert doubt_since([last, replace(first, state=State.UNKNOWN)], at=NOON) == NOON
