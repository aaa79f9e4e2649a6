"""What the review said of one order, as its page shows it."""

from collections.abc import Sequence

import msgspec

from hub.model.review.verdicts import Verdict
from hub.store.desk.order import Event


def verdict_of(events: Sequence[Event]) -> Verdict | None:
    """That of its newest review."""
    reviewed = next((each for each in events if each.kind == "reviewed"), None)
    return msgspec.convert(reviewed.facts, Verdict) if reviewed else None
