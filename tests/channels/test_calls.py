"""The last calls of an account can be looked at: bounded, and without a secret or a person in any part of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from hub.channels.calls import (
    CALLS_MAX,
    TEXT_MAX,
    WRITTEN_AFTER_S,
    Call,
    CallLog,
    Outgoing,
    Redactor,
    call_of,
)
from hub.spec import Reply
from hub.spec.redaction import redact_json

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET, CANARY = "s3cr3t/+value", "Canary Street 1"
REDACTOR = Redactor([SECRET], lambda body: redact_json(body, {"address", "note"}))
ORDER = msgspec.json.encode({"id": 7, "address": {"street": CANARY}, "note": "", "total": "9.50"})


def outgoing(**changes: object) -> Outgoing:
    given_ = {"method": "POST", "path": "/orders", "query": {}, "body": ORDER, "headers": {}, "key": ""}
    return Outgoing(**(given_ | changes))  # type: ignore[arg-type]


def recorded(redactor: Redactor = REDACTOR, *, answer: bytes = ORDER, **changes: Any) -> Call:
    return call_of(redactor, outgoing(**changes), NOON, 12, Reply(200, {"set-cookie": SECRET}, answer))


@pytest.fixture
async def log(valkey: Redis) -> AsyncIterator[CallLog]:
    async with aclosing(CallLog(valkey)) as opened:
        yield opened


def test_a_call_keeps_its_shape_and_no_person():
    call = recorded()
    assert call.sent == call.answer == '{"id":7,"address":{"street":"redacted"},"note":"","total":"9.50"}'
    assert (call.method, call.path, call.status, call.took_ms, call.sent_bytes) == (
        "POST",
        "/orders",
        200,
        12,
        len(ORDER),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"path": f"/orders/{SECRET}"},
        {"query": {"filter": SECRET}},
        {"query": {"access_token": "anything", "oauth_signature": "anything"}},
        {"body": msgspec.json.encode({"id": SECRET})},
        {"body": b"grant_type=refresh_token&refresh_token=anything"},
        {"body": msgspec.json.encode({"deep": [{"client_secret": "anything"}]})},
        {"headers": {"authorization": f"Bearer {SECRET}"}},
        {"path": "/orders/s3cr3t%2F%2Bvalue"},
    ],
)
def test_no_secret_is_kept_by_value_by_name_or_encoded(changes: dict[str, Any]):
    kept = msgspec.json.encode(recorded(**changes)).decode()
    assert not any(word in kept for word in ("s3cr3t", "anything"))


def test_without_a_way_to_redact_no_body_is_kept():
    call = recorded(Redactor([], None))
    assert (call.sent, call.answer, call.answer_bytes) == ("", "", len(ORDER))


def test_a_connector_that_fails_to_redact_fails_no_call():
    assert recorded(Redactor([], lambda body: body.missing)).sent == ""  # type: ignore[attr-defined]


@given(st.binary(max_size=300))
def test_whatever_comes_back_can_be_recorded(body: bytes):
    assert len(recorded(answer=body).answer) <= TEXT_MAX


def test_what_was_never_answered_says_why_and_quotes_no_secret():
    call = call_of(REDACTOR, outgoing(), NOON, 12, f"no answer from https://shop/{SECRET}")
    assert (call.status, call.problem) == (0, "no answer from https://shop/redacted")


async def test_the_newest_calls_stand_first_and_the_oldest_go(log: CallLog):
    for n in range(CALLS_MAX + 5):
        log.keep("one", Call(NOON, "GET", f"/{n}"))
    kept = await log.latest("one")
    assert (len(kept), kept[0].path, kept[-1].path) == (CALLS_MAX, f"/{CALLS_MAX + 4}", "/5")
    assert [each.path for each in await log.latest("one", limit=2)] == [
        f"/{CALLS_MAX + 4}",
        f"/{CALLS_MAX + 3}",
    ]


def test_bodies_of_calls_that_go_well_at_once_are_looked_at_once_and_those_of_failures_always():
    log, well, ill = CallLog(Redis.from_url("redis://127.0.0.1:1")), Reply(200, {}, b""), Reply(500, {}, b"")
    asked: list[tuple[str, Reply | str]] = [
        ("one", well),
        ("one", well),
        ("two", well),
        ("one", ill),
        ("one", "no answer"),
    ]
    assert [log.is_to_look(account, outcome, at=NOON) for account, outcome in asked] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert log.is_to_look("one", well, at=NOON + timedelta(seconds=1))


async def test_accounts_do_not_see_each_other(log: CallLog):
    log.keep("one", Call(NOON, "GET", "/"))
    assert await log.latest("two") == []


async def test_without_redis_nothing_is_kept_and_nothing_fails():
    async with aclosing(CallLog(Redis.from_url("redis://127.0.0.1:1"))) as log:
        log.keep("one", Call(NOON, "GET", "/"))
        assert await log.latest("one") == []


async def test_others_see_a_call_a_moment_later_and_at_the_latest_when_its_process_ends(valkey: Redis):
    others = CallLog(valkey)
    async with aclosing(CallLog(valkey)) as log:
        log.keep("one", Call(NOON, "GET", "/first"))
        async with asyncio.timeout(100 * WRITTEN_AFTER_S):
            while [each.path for each in await others.latest("one")] != ["/first"]:  # noqa: ASYNC110 -- Redis
                await asyncio.sleep(0.01)
        log.keep("one", Call(NOON + timedelta(seconds=1), "GET", "/last"))
    assert [each.path for each in await others.latest("one")] == ["/last", "/first"]
