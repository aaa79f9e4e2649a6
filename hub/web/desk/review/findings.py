"""What the review found in one order, as its page shows it."""

from collections.abc import Sequence

import msgspec

from hub.model.review.checks import Finding
from hub.store.desk.order import Event


def findings_of(events: Sequence[Event]) -> list[Finding]:
    """Of its newest review; those that held it first."""
    reviewed = next((each for each in events if each.kind == "reviewed"), None)
    found = msgspec.convert(reviewed.facts.get("findings", []), list[Finding]) if reviewed else []
    return sorted(found, key=lambda each: not each.hold)
