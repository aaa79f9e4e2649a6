"""What the hub keeps for the connector: bodies without people, limits in words."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from hub.model.errors import HubError
from hub.model.incoming import Person
from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must
from hub.sim.certify.people import CANARY, personal
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.source import samples
from hub.sim.certify.stage import Stage
from hub.spec import Capability

NO_BODIES = {
    "nothing": b"",
    "half a document": b'{"orders": [{"id":',
    "no JSON": b"Ada King, Baker Street",
    "another alphabet": b"\xff\xfe\x00",
    "a number": b"7",
}


def scenarios() -> list[Scenario]:
    return [
        _redacts("no-person", "a redacted body names no buyer, however the order came", nobody),
        _redacts("same-order", "a redacted body is read as the same order", same_order),
        _redacts("no-body", "what is no order is left out rather than let through", unreadable),
        Scenario(
            "limits/in-words",
            Tier.GOLD,
            "what it cannot do is said in sentences, before anybody joins",
            in_words,
            (Capability.KNOWN_LIMITS,),
        ),
    ]


def _redacts(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"redaction/{what}", Tier.BRONZE, says, run, (Capability.REDACT,))


async def nobody(stage: Stage) -> None:
    _, found = await samples(stage)
    for sample in found:
        redacted = _redact(stage, sample.body).decode(errors="replace")
        shown = [text for text in sample.personal if text in redacted]
        must(not shown, flaws.LEAKS_PERSON, "the buyer stands in the redacted body")


async def same_order(stage: Stage) -> None:
    shop, found = await samples(stage)
    for sample in found:
        before, after = (
            [shop.translate(each) for each in shop.connector.split_file(body)]
            for body in (sample.body, _redact(stage, sample.body))
        )
        alike = [replace(each, person=Person()) for each in before] == [
            replace(each, person=Person()) for each in after
        ]
        must(alike, flaws.REDACTS_TOO_MUCH, "the order reads differently without its buyer")


async def unreadable(stage: Stage) -> None:
    for what, body in NO_BODIES.items():
        redacted = _redact(stage, body)
        must(b"Ada King" not in redacted, flaws.LEAKS_PERSON, f"{what} was let through as it came")
    named = msgspec.json.encode([{"deep": [{"er": [CANARY.name]}]}, *(text for text in personal(CANARY))])
    _redact(stage, named)


def _redact(stage: Stage, body: bytes) -> bytes:
    connector = stage.subject.connector
    try:
        redacted: bytes = connector.redact(body)  # type: ignore[attr-defined]
    except (HubError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenRuleError(flaws.CRASHES, f"redact raised {type(error).__name__}") from error
    return redacted


async def in_words(stage: Stage) -> None:
    limits: list[str] = stage.subject.connector.known_limits()  # type: ignore[attr-defined]
    poor = list(_poor(limits))
    must(bool(limits) and not poor, flaws.MANIFEST, f"known_limits says {poor[:1] or 'nothing'}")


def _poor(limits: list[str]) -> Iterator[str]:
    yield from (each for each in limits if len(each.split()) < 3)
