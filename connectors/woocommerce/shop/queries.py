"""Filtering, sorting and paging of collections, as the REST API of WordPress does it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct

from connectors.woocommerce.shop.answers import SITE_AHEAD, Json, error
from connectors.woocommerce.shop.things import Order, Refund
from hub.spec.testing import SimReply, sim_json

STATUSES = {
    "any",
    "trash",
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
}
_HIDDEN = {"trash", "auto-draft"}  # what "any" leaves out
_PER_PAGE = 10
_PER_PAGE_MAX = 100
Row = TypeVar("Row")


class Call(Struct, frozen=True):
    """What a route needs of a request."""

    query: Mapping[str, str]
    body: bytes
    at: datetime


class InvalidQueryError(Exception):
    """A parameter is not what the API's schema allows; the answer is a 400."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.reply = error(400, "rest_invalid_param", f"Invalid parameter(s): {name}")


def paged(
    rows: Sequence[Row],
    query: Mapping[str, str],
    write: Callable[[Row], Json],
    *,
    page_max: int = _PER_PAGE_MAX,
) -> SimReply:
    """Answer one page, with the two headers that count; a page past the end is empty.

    A host may grant less than what was asked for: `page_max`.
    """
    per_page = _number(query, "per_page", _PER_PAGE)
    if per_page > _PER_PAGE_MAX:
        name = "per_page"
        raise InvalidQueryError(name)
    per_page = min(per_page, page_max)
    start = (_number(query, "page", 1) - 1) * per_page
    page = [write(row) for row in rows[start : start + per_page]]
    pages = -(-len(rows) // per_page)
    return sim_json(page, x_wp_total=str(len(rows)), x_wp_totalpages=str(pages))


def included(numbers: Iterable[int], query: Mapping[str, str]) -> list[int]:
    """Return the ids that `include` lets through, ascending or as `order` says (descending by default)."""
    given = query.get("include", "")
    wanted: Collection[int] = {int(one) for one in given.split(",") if one.isdigit()}
    kept = [number for number in numbers if not given or number in wanted]
    return sorted(kept, reverse=query.get("order", "desc") == "desc")


def orders_asked(orders: Iterable[Order], query: Mapping[str, str]) -> list[Order]:
    """Filter by status, id and time of change (exclusive bounds), then sort."""
    statuses = set(query.get("status", "any").split(","))
    if not statuses <= STATUSES:
        name = "status"
        raise InvalidQueryError(name)
    listed = query.get("include", "")
    ids = set(listed.split(",")) if listed else None
    after, before = _bound(query, "modified_after"), _bound(query, "modified_before")
    rows = [
        order
        for order in orders
        if (ids is None or str(order.id) in ids)
        and (after is None or order.modified > after)
        and (before is None or order.modified < before)
        and (order.status in statuses or ("any" in statuses and order.status not in _HIDDEN))
    ]
    return sorted(rows, key=_sort_key(query), reverse=query.get("order", "desc") == "desc")


def refunds_asked(refunds: Iterable[Refund], query: Mapping[str, str]) -> list[Refund]:
    """Filter by the time they were made (exclusive bounds), then sort."""
    after, before = _bound(query, "after"), _bound(query, "before")
    rows = [
        each
        for each in refunds
        if (after is None or each.at > after) and (before is None or each.at < before)
    ]
    keys: dict[str, Callable[[Refund], tuple[datetime | int, ...]]] = {
        "date": lambda refund: (refund.at, _tie(refund.id, query)),
        "id": lambda refund: (refund.id,),
    }
    chosen = query.get("orderby", "date")
    if chosen not in keys:
        name = "orderby"
        raise InvalidQueryError(name)
    return sorted(rows, key=keys[chosen], reverse=query.get("order", "desc") == "desc")


def _sort_key(query: Mapping[str, str]) -> Callable[[Order], tuple[datetime | int, ...]]:
    keys: dict[str, Callable[[Order], tuple[datetime | int, ...]]] = {
        "date": lambda order: (order.created,),
        "id": lambda order: (order.id,),
        "modified": lambda order: (order.modified, _tie(order.id, query)),
    }
    try:
        return keys[query.get("orderby", "date")]
    except KeyError:
        name = "orderby"
        raise InvalidQueryError(name) from None


def _tie(number: int, query: Mapping[str, str]) -> int:
    """Break ties differently on every page, as a database may that was asked for no second column."""
    return number * (_number(query, "page", 1) * 2 + 1) % 97


def _bound(query: Mapping[str, str], name: str) -> datetime | None:
    """Read a time; without dates_are_gmt it is one of the shop's own clock."""
    text = query.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidQueryError(name) from None
    return at if query.get("dates_are_gmt") in {"true", "1"} else at - SITE_AHEAD


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise InvalidQueryError(name)
    return int(text)
