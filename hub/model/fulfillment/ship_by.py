"""Ship-by: until when an order must leave, where its channel does not say so itself. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from hub.model.errors import InputError

HOURS_MAX = 24 * 60
WEEK = range(1, 8)  # Monday is 1


class Handling(Struct, frozen=True):
    """How many hours an order may take to leave; None: as many as it takes.

    They are counted from when it was placed, or with a `cutoff` from that hour of the day on which it was placed before
    it. The clock stands still on days that are not worked; days and hours are those of the channel's `time_zone`.
    """

    hours: int | None = None
    cutoff: time | None = None
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    time_zone: str = "UTC"

    def ship_by(self, placed_at: datetime) -> datetime | None:
        if self.hours is None:
            return None
        zone = ZoneInfo(self.time_zone)
        start = self._start(placed_at.astimezone(zone).replace(tzinfo=None))
        return self._after(start, timedelta(hours=self.hours)).replace(tzinfo=zone).astimezone(UTC)

    def _start(self, placed: datetime) -> datetime:
        """When the clock starts, by the wall clock there."""
        today = placed.date()
        if self.cutoff is not None:
            in_time = self._works(today) and placed.time() <= self.cutoff
            return datetime.combine(today if in_time else self._next(today), self.cutoff)
        return placed if self._works(today) else _midnight(self._next(today))

    def _after(self, start: datetime, left: timedelta) -> datetime:
        while (ends := _midnight(start.date() + timedelta(days=1))) < start + left:
            left -= ends - start
            start = _midnight(self._next(start.date()))
        return start + left

    def _works(self, day: date) -> bool:
        return day.isoweekday() in self.days

    def _next(self, day: date) -> date:
        following = (day + timedelta(days=ahead) for ahead in WEEK)
        return next(each for each in following if self._works(each))


NO_HANDLING = Handling()


def refuse_bad(handling: Handling) -> None:
    """Raises InputError naming the field that cannot be so; the time zone is whoever's who knows them all."""
    if handling.hours is not None and not 1 <= handling.hours <= HOURS_MAX:
        msg = f"an order may take 1 to {HOURS_MAX} hours to leave, not {handling.hours}"
        raise InputError(msg, field="hours")
    if not handling.days or not {*handling.days} <= {*WEEK}:
        msg = "name the days on which you work, from 1 (Monday) to 7 (Sunday)"
        raise InputError(msg, field="days")
    if handling.cutoff is not None and handling.cutoff.tzinfo is not None:
        msg = "the cut-off is an hour of the day at the channel, such as 14:00, without a zone"
        raise InputError(msg, field="cutoff")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
