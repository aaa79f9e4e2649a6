"""What the simulated Square takes, and how it refuses: an unknown field or a wrong one is a 400 that names it."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from connectors.square.till.sales import Json
from hub.spec.testing import SimRefusal, sim_json

T = TypeVar("T")
Moment = Annotated[datetime, Meta(tz=True)]
_CATEGORY = {401: "AUTHENTICATION_ERROR", 500: "API_ERROR"}


class Refusal(SimRefusal):
    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        category = _CATEGORY.get(status, "INVALID_REQUEST_ERROR")
        error: Json = {"category": category, "code": code, "detail": detail}
        super().__init__(sim_json({"errors": [error | ({"field": field} if field else {})]}, status))


class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """Square answers an unknown parameter with an error, so that a misspelled one is found."""


class Range(Strict, frozen=True):
    start_at: Moment | None = None
    end_at: Moment | None = None


class DateTimeFilter(Strict, frozen=True):
    created_at: Range | None = None
    updated_at: Range | None = None
    closed_at: Range | None = None


class StateFilter(Strict, frozen=True):
    states: list[str]


class Filter(Strict, frozen=True):
    date_time_filter: DateTimeFilter | None = None
    state_filter: StateFilter | None = None


class Sort(Strict, frozen=True):
    sort_field: str
    sort_order: str = "DESC"


class Query(Strict, frozen=True):
    filter: Filter = Filter()
    sort: Sort = Sort("CREATED_AT")


class Search(Strict, frozen=True):
    location_ids: Annotated[list[str], Meta(min_length=1, max_length=10)]
    query: Query = Query()
    limit: Annotated[int, Meta(ge=1, le=1000)] = 500
    cursor: str | None = None
    return_entries: bool = False


class Retrieve(Strict, frozen=True):
    order_ids: Annotated[list[str], Meta(min_length=1, max_length=100)]
    location_id: str | None = None


class Count(Strict, frozen=True):
    catalog_object_id: str
    state: str
    location_id: str
    quantity: str
    occurred_at: Moment
    catalog_object_type: str | None = None
    reference_id: str | None = None


class Change(Strict, frozen=True):
    type: str
    physical_count: Count


class ChangeBatch(Strict, frozen=True):
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=128)]
    changes: Annotated[list[Change], Meta(max_length=100)]
    ignore_unchanged_counts: bool = True


class CountQuery(Strict, frozen=True):
    catalog_object_ids: list[str] | None = None
    location_ids: list[str] | None = None
    states: list[str] | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    updated_after: Moment | None = None


class Amount(Strict, frozen=True):
    amount: int
    currency: str


class RefundWish(Strict, frozen=True):
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=45)]
    amount_money: Amount
    payment_id: str
    reason: Annotated[str, Meta(max_length=192)] | None = None


class Subscription(Strict, frozen=True):
    notification_url: str
    event_types: list[str]
    name: str = ""
    enabled: bool = True
    api_version: str = ""


class SubscriptionChange(Strict, frozen=True):
    subscription: Subscription
    idempotency_key: str | None = None


def asked(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        unknown = "unknown field" in reason
        code = "UNKNOWN_BODY_PARAMETER" if unknown else "INVALID_VALUE"
        raise Refusal(400, code, reason, where.rstrip("`").lstrip(".")) from error
    except msgspec.DecodeError as error:
        raise Refusal(400, "EXPECTED_JSON_BODY", "The request body is not valid JSON.") from error


def page_of(found: list[Any], start: int, limit: int) -> tuple[list[Any], Json]:
    """One page, and the `cursor` field that leads to the next one."""
    rest = start + limit
    return found[start:rest], ({"cursor": str(rest)} if rest < len(found) else {})


def start_of(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not cursor.isdigit():
        raise Refusal(400, "INVALID_CURSOR", "The pagination cursor is invalid.", "cursor")
    return int(cursor)
