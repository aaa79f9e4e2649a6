"""Stock targets as Square's physical counts, and what became of each. Pure."""

import re
from collections.abc import Sequence

from connectors.square import wire_shop as shop
from connectors.square.quantities import whole_units
from hub.spec import Outcome, OutcomeState, StockTarget
from hub.spec.signing import digest

IN_STOCK = "IN_STOCK"
_INDEX = re.compile(r"changes\[(\d+)\]")
# Refusals that say nothing of the listings: what Square shows is read back.
_NOT_KNOWN = {
    "IDEMPOTENCY_KEY_REUSED": "Square has seen this version before, with another time or quantity",
    "CONFLICT": "Square was changing the same counts at the same time",
    "INVALID_TIME": "Square finds the time of the count wrong: check the clock of this machine",
}


def latest(targets: Sequence[StockTarget]) -> list[StockTarget]:
    """One target per listing: the one of the highest version."""
    by_listing: dict[str, StockTarget] = {}
    for target in sorted(targets, key=lambda each: each.version):
        by_listing[target.channel_listing_id] = target
    return list(by_listing.values())


def change_request(targets: Sequence[StockTarget], location_id: str) -> shop.ChangeInventory:
    """One count per target, as of `occurred_at`: a till sale after that still comes off.

    The same count again is the same wish to Square; a version that is told anew is counted anew.
    """
    changes = [
        shop.InventoryChange(
            shop.PhysicalCount(
                each.channel_listing_id, location_id, str(each.quantity), each.at, reference_id(each)
            )
        )
        for each in targets
    ]
    key = digest(*(f"{reference_id(each)} {each.at.isoformat()}".encode() for each in targets))
    return shop.ChangeInventory(key, changes)


def reference_id(target: StockTarget) -> str:
    return f"{target.channel_listing_id}:{target.version}"


def confirmed(targets: Sequence[StockTarget], reply: shop.InventoryCounts) -> list[Outcome]:
    """Read a 2xx answer: a listing that it does not count, or counts otherwise, was not confirmed.

    Sales that Square dates after the count come off it at once: where its clock is ahead of ours, those of a while ago.
    """
    if reply.errors:
        return refused(targets, reply.errors)
    ours = [each for each in reply.counts or [] if each.state in {None, IN_STOCK}]
    counted = {each.catalog_object_id: units(each) for each in ours}
    return [_confirmed(each, counted.get(each.channel_listing_id)) for each in targets]


def _confirmed(target: StockTarget, shown: int | None) -> Outcome:
    if shown is None:
        return Outcome(target.channel_listing_id, OutcomeState.UNKNOWN, "Square's answer does not count it")
    if shown != target.quantity:
        why = f"Square shows {shown} after a count of {target.quantity}: it dates sales after the count"
        return Outcome(target.channel_listing_id, OutcomeState.UNKNOWN, why)
    return Outcome(target.channel_listing_id, OutcomeState.APPLIED)


def refused(targets: Sequence[StockTarget], errors: Sequence[shop.Error]) -> list[Outcome]:
    """Square refuses a batch as a whole: the targets its errors name are rejected, the others not known.

    Where no target is named, the reason is one for all, and each is rejected with it.
    """
    for error in errors:
        if error.code in _NOT_KNOWN:
            return unknown(targets, _NOT_KNOWN[error.code])
    reasons: dict[str, str] = {}
    for error in errors:
        for target in _named_by(error, targets):
            reasons.setdefault(target.channel_listing_id, _reason(error))
    if not reasons:
        why = "; ".join(map(_reason, errors)) or "Square refuses the batch and does not say why"
        reasons = {each.channel_listing_id: why for each in targets}
    return [_refusal(each.channel_listing_id, reasons) for each in targets]


def unknown(targets: Sequence[StockTarget], reason: str) -> list[Outcome]:
    return [Outcome(each.channel_listing_id, OutcomeState.UNKNOWN, reason) for each in targets]


def units(count: shop.InventoryCount) -> int:
    """Whole units of a count; Square lets it fall below zero, and 2.5 kilograms are 2 units."""
    return whole_units(count.quantity or "0")


def _refusal(listing_id: str, reasons: dict[str, str]) -> Outcome:
    if listing_id in reasons:
        return Outcome(listing_id, OutcomeState.REJECTED, reasons[listing_id])
    return Outcome(listing_id, OutcomeState.UNKNOWN, "Square refused the whole batch for another listing")


def _named_by(error: shop.Error, targets: Sequence[StockTarget]) -> list[StockTarget]:
    place = _INDEX.search(error.field or "")
    if place:
        return list(targets[int(place[1]) :][:1])
    text = f"{error.field or ''} {error.detail or ''}"
    return [each for each in targets if each.channel_listing_id in text]


def _reason(error: shop.Error) -> str:
    return f"Square: {error.detail or error.code}"
