"""What the review said of one order, as its page shows it."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from hub.model.review.verdicts import Verdict
from hub.store.desk.order import Event


def verdict_of(events: Sequence[Event]) -> Verdict | None:
    """That of its review, with the rules that could not be followed afterwards. `events` has the newest first."""
    said = [msgspec.convert(each.facts, Verdict) for each in events if each.kind == "reviewed"]
    if not said:
        return None
    return replace(said[-1], failures=tuple(failure for each in reversed(said) for failure in each.failures))
