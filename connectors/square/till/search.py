"""The simulated order search: filters, sort and a cursor bound to its query."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from connectors.square.till.requests import DateTimeFilter, Range, Refusal, Search
from connectors.square.till.sales import Json
from hub.spec.signing import digest
from hub.spec.testing import Profile

_FIELDS = ("created_at", "updated_at", "closed_at")
_EMPTY = "~"  # of a cursor: the empty page before this place has been given already
_Key = tuple[str, str]


def search(orders: dict[str, Json], asked: Search, profile: Profile) -> Json:
    """Page by (time, id), so that an order which changes in mid-scan moves on and is not skipped."""
    field = _sort_field(asked)
    newest_first = asked.query.sort.sort_order == "DESC"
    kept = [order for order in orders.values() if _matches(order, asked)]
    kept.sort(key=_key(field), reverse=newest_first)
    after = _place(asked)
    if after:
        kept = [each for each in kept if (_key(field)(each) > after) is not newest_first]
        kept = [each for each in kept if _key(field)(each) != after]
    if profile.empty_pages and kept and not (asked.cursor or "").startswith(_EMPTY):
        return {"orders": [], "cursor": _EMPTY + (asked.cursor or "")}
    page = kept[: min(asked.limit, profile.page_max)]
    cursor = {"cursor": _cursor(asked, _key(field)(page[-1]))} if len(page) < len(kept) else {}
    return {"orders": page} | cursor


def _sort_field(asked: Search) -> str:
    field = asked.query.sort.sort_field.lower()
    windows = asked.query.filter.date_time_filter or DateTimeFilter()
    used = [name for name in _FIELDS if getattr(windows, name)]
    if field not in _FIELDS or (used and used != [field]):
        detail = "The sort_field must match the field that the date_time_filter uses."
        raise Refusal(400, "INVALID_VALUE", detail, "query.sort.sort_field")
    return field


def _matches(order: Json, asked: Search) -> bool:
    chosen = asked.query.filter
    if order["location_id"] not in asked.location_ids:
        return False
    if chosen.state_filter and order["state"] not in chosen.state_filter.states:
        return False
    windows = chosen.date_time_filter or DateTimeFilter()
    return all(_within(order.get(name), getattr(windows, name)) for name in _FIELDS)


def _within(moment: str | None, window: Range | None) -> bool:
    """The start is inclusive, the end is not."""
    if window is None:
        return True
    if moment is None:
        return False
    at = datetime.fromisoformat(moment)
    return (window.start_at is None or at >= window.start_at) and (
        window.end_at is None or at < window.end_at
    )


def _key(field: str) -> Callable[[Json], _Key]:
    return lambda order: (order.get(field, ""), order["id"])


def _cursor(asked: Search, last: _Key) -> str:
    return msgspec.json.encode([_query_digest(asked), *last]).hex()


def _place(asked: Search) -> _Key | None:
    cursor = (asked.cursor or "").removeprefix(_EMPTY)
    if not cursor:
        return None
    try:
        query, moment, order_id = msgspec.json.decode(bytes.fromhex(cursor), type=tuple[str, str, str])
    except ValueError as error:
        raise Refusal(400, "INVALID_CURSOR", "The pagination cursor is invalid.", "cursor") from error
    if query != _query_digest(asked):
        raise Refusal(400, "INVALID_CURSOR", "The cursor belongs to another query.", "cursor")
    return moment, order_id


def _query_digest(asked: Search) -> str:
    return digest(msgspec.json.encode([asked.location_ids, asked.query]))
