"""Unpaid orders: until when their stock stays promised, by the word of their channel. Pure."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.incoming import Payment

UNPAID = frozenset({Payment.PENDING, Payment.FAILED})
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)  # a person said so: nothing ends it
HOURS_MAX = 24 * 90
PAID_AT_THE_DOOR = ("cod", "cash on delivery")


class Patience(Struct, frozen=True):
    """How long unpaid orders of a channel keep their stock; `hours` None: as long as they are open.

    An order paid by one of the methods `but` is paid when it arrives, so it waits for no payment; nor does one of
    which the channel says that it is paid `at_the_door`.
    """

    hours: int | None = None
    but: tuple[str, ...] = PAID_AT_THE_DOOR

    def pay_by(
        self,
        payment: str,
        method: str,
        placed_at: datetime,
        held: datetime | None = None,
        *,
        at_the_door: bool = False,
    ) -> datetime | None:
        """When the promise ends; `held` is what was said of this order before, and stays while it is unpaid."""
        if payment not in UNPAID:
            return None
        if held is not None:
            return held
        if self.hours is None or at_the_door or method.strip().lower() in {each.lower() for each in self.but}:
            return None
        return placed_at + timedelta(hours=self.hours)


FOR_EVER = Patience()


def has_lapsed(pay_by: datetime | None, at: datetime) -> bool:
    """Whether the time to pay is over: nothing is promised to the order any more."""
    return pay_by is not None and pay_by <= at


def refuse_bad(patience: Patience) -> None:
    """Raises InputError naming the field that cannot be so."""
    if patience.hours is not None and not 1 <= patience.hours <= HOURS_MAX:
        msg = f"unpaid orders may keep their stock for 1 to {HOURS_MAX} hours, not {patience.hours}"
        raise InputError(msg, field="hours")
    if any(not each.strip() or len(each) > 100 or "\0" in each for each in patience.but):
        msg = "name each payment method as the channel writes it, such as: Cash on delivery"
        raise InputError(msg, field="but")
