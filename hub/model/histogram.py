"""A histogram: how many stayed within each bound, and beyond the one before it. Pure."""

from collections.abc import Mapping


def within(counts: Mapping[float, float], share: float) -> float | None:
    """The bound within which that share of them stayed; None where there are none."""
    total, so_far = sum(counts.values()), 0.0
    for bound in sorted(counts):
        so_far += counts[bound]
        if total and so_far >= share * total:
            return bound
    return None
