"""Times as channels write them, turned into aware UTC. Pure: none of these reads a clock."""

from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.model.errors import InputError
from hub.spec.errors import MalformedError

_EPOCH_S_MAX = 253_402_300_799  # the end of the year 9999


def utc(moment: datetime, zone: tzinfo = UTC) -> datetime:
    """In UTC; one without a zone is of `zone`. The hour that an autumn has twice is read as its first."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone a setting names, such as Europe/Berlin. Raises InputError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"there is no time zone {name!r}: write it as Europe/Berlin"
        raise InputError(msg, field="time_zone") from error


def from_epoch(number: float, what: str, *, per_second: int = 1) -> datetime:
    """Seconds since 1970, or with `per_second` 1000 milliseconds. Raises MalformedError that names `what`."""
    seconds = number / per_second
    if not 0 <= seconds <= _EPOCH_S_MAX:
        msg = f"{what} is no time: expected seconds since 1970"
        raise MalformedError(msg)
    return datetime.fromtimestamp(seconds, UTC)


def from_rfc2822(text: str, what: str) -> datetime:
    """Read "Mon, 02 Mar 2026 09:00:00 +0000", as e-mail and some shops write it; MalformedError names `what`."""
    try:
        return utc(parsedate_to_datetime(text))
    except ValueError as error:
        msg = f"{what} is no time: expected one such as Mon, 02 Mar 2026 09:00:00 +0000"
        raise MalformedError(msg) from error
