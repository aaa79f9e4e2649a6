"""The calls a simulated channel answers in one window; beyond them it says how long to wait."""

from datetime import datetime, timedelta

from hub.spec.testing import Profile


class Quota:
    """Windows follow each other from the first call on; without a limit it never says no."""

    def __init__(self, profile: Profile) -> None:
        self._calls_max = profile.calls_max
        self._window = timedelta(seconds=profile.calls_window_s)
        self._ends: datetime | None = None
        self._calls = 0

    def take(self, at: datetime) -> float:
        """Take one call: 0 where it may come in, else the seconds until the next window opens."""
        if not self._calls_max:
            return 0.0
        if self._ends is None or at >= self._ends:
            self._ends, self._calls = at + self._window, 0
        if self._calls >= self._calls_max:
            return (self._ends - at).total_seconds()
        self._calls += 1
        return 0.0
