"""The garbage collector, set for a process that makes many objects at a time and few that refer to each other."""

import gc

YOUNG_MAX = 50_000  # objects before the young are looked at: as many as a batch of a hundred orders makes
OLDER_AFTER, ALL_AFTER = 20, 20


def settle_memory() -> None:
    """Call it once when the process has started: what it holds by then stays, and is never looked at again.

    Measured by bench/intake.py: the collector's own settings cost a quarter of the Python time of taking orders.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, OLDER_AFTER, ALL_AFTER)
