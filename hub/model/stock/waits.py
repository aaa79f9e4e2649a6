"""Why a channel does not show the right number yet, and what ends it. Pure."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from hub.model.stock.grounds import Grounds, Offer


class Reason(Struct, frozen=True):
    """Why the channel does not show the right number yet, and what ends it."""

    name: str
    says: str


_Holds = Callable[[Offer, datetime], bool]

# What keeps a newer number from the channel. All that hold are named: the first must be ended first.
_WAITS: tuple[tuple[str, _Holds, str], ...] = (
    (
        "in shadow",
        lambda o, _at: o.shadowed,
        "{o.channel} is in shadow, so nothing is written to it: hub channel shadow {o.channel}",
    ),
    (
        "group paused",
        lambda o, _at: o.paused,
        "its group of SKUs is paused on {o.channel}: hub sync resume {o.channel} GROUP",
    ),
    (
        "suspended",
        lambda o, _at: o.suspended,
        "it would change drastically with many others{dismissed}: hub sync suspended {o.channel}",
    ),
    (
        "channel paused",
        lambda o, _at: o.channel_state == "paused",
        "{o.channel} is paused by a person: hub channel resume {o.channel}",
    ),
    (
        "catching up",
        lambda o, _at: o.reopened_at is not None,
        "{o.channel} was reopened: what it sold while it was closed is taken first",
    ),
    (
        "needs login",
        lambda o, _at: o.account_state == "needs login",
        "{o.channel} refuses the hub's keys{because}: hub channel set {o.channel}, then hub channel test {o.channel}",
    ),
    (
        "account paused",
        lambda o, _at: o.account_state == "paused",
        "the account of {o.channel} is paused by a person",
    ),
    (
        "backing off",
        lambda o, at: o.paused_until is not None and o.paused_until > at,
        "{o.channel} does not answer{because}: it is tried again at {o.paused_until:%Y-%m-%d %H:%M:%S} UTC",
    ),
    (
        "rejected",
        lambda o, _at: o.outcome == "rejected",
        "{o.channel} refused the last number{problem}: correct the listing there; tried again {again}",
    ),
    (
        "unknown",
        lambda o, _at: o.outcome == "unknown",
        "nobody knows whether the last number arrived{problem}: tried again {again}",
    ),
    (
        "answer awaited",
        lambda o, _at: o.sent_version == o.version and o.next_try_at is None and not o.suspended,
        "version {o.version} was sent, and {o.channel} has not answered yet",
    ),
    (
        "to be sent",
        lambda o, _at: o.sent_version < o.version and not o.shadowed and not o.paused,
        "version {o.version} is not sent yet{since}",
    ),
)


def waits_of(offer: Offer, shows: int | None, grounds: Grounds, at: datetime) -> list[Reason]:
    if not offer.matched or offer.version == 0 or offer.stopped:
        return [_never(offer, grounds)]
    if offer.confirmed_version < offer.version:
        return reasons(offer, at)
    if offer.confirmed_quantity != shows:
        return [
            Reason("differs", f"{offer.confirmed_quantity} was confirmed, and nothing waits: run hub check")
        ]
    return []


def reasons(offer: Offer, at: datetime) -> list[Reason]:
    """All that keeps a newer number from the channel; the first must be ended first."""
    return [Reason(name, _say(says, offer)) for name, holds, says in _WAITS if holds(offer, at)]


def _never(offer: Offer, grounds: Grounds) -> Reason:
    """Why no number is to be sent at all, and how to begin."""
    if offer.gone_at is not None:
        says = (
            f"{offer.channel} has not offered it since {offer.gone_at:%Y-%m-%d %H:%M} UTC, so nothing is sent"
        )
        return Reason("gone", f"{says}: if it is back there, hub channel pull {offer.channel} --listings")
    match = f"hub listing match {offer.channel} {offer.channel_listing_id} {grounds.sku}"
    if not offer.matched:
        return Reason("unmatched", f"the listing has no SKU, so nothing is sent: if it is this one, {match}")
    what = next((each.sku for each in grounds.parts if not each.counted), grounds.sku)
    where = grounds.books[0].location if grounds.books else "main"
    count = f"hub stock adjust {what} {where} --count N"
    if not grounds.counted:
        nobody = f"nobody has counted {what if grounds.parts else 'it'}, so nothing is sent"
        says = f"{nobody}: say how many there are: {count} --reason 'opening stock'"
        return Reason("not counted", says)
    if grounds.parts:
        return Reason("not published", f"no number is to be sent yet: match it again, {match}")
    says = f"no number is to be sent yet: count it, {count} --reason counted, or match it again, {match}"
    return Reason("not published", says)


def _say(says: str, offer: Offer) -> str:
    return says.format(
        o=offer,
        dismissed=f", and {offer.dismissed_by} kept it back"
        if offer.dismissed_by
        else ", so a person is asked",
        because=f" ({offer.channel_problem})" if offer.channel_problem else "",
        problem=f" ({offer.problem})" if offer.problem else "",
        again=f"at {offer.next_try_at:%Y-%m-%d %H:%M:%S} UTC" if offer.next_try_at else "at once",
        since=f"; it waits since {offer.dirty_since:%Y-%m-%d %H:%M:%S} UTC" if offer.dirty_since else "",
    )
