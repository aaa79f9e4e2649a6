"""When to believe that what a channel does not show any more is gone (L12). Pure."""

MISSING_MAX = 10  # so few are believed in a shop of any size
SHARE_MAX = 0.5


def is_believable(*, seen: int, missing: int) -> bool:
    """Whether a look that found `seen` listings and missed `missing` known ones tells of deleted goods, not of a fault.

    A channel that shows nothing at all, or less than half of what is known, is not believed without a person.
    """
    if missing == 0:
        return True
    if seen == 0:
        return False
    return missing <= MISSING_MAX or missing <= SHARE_MAX * (seen + missing)
