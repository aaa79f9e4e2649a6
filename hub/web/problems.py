"""Every refusal as problem details (RFC 9457): JSON for programs, a page for people at the desk.

`type` is stable and safe to branch on; `detail` says what, which, and what to do. An error the hub did not
expect answers with an id alone, and the log holds the rest under that id.
"""

import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Template
from msgspec import Struct

from hub.kit.ids import uuid7
from hub.kit.log import get_logger
from hub.model.errors import (
    HubError,
    InputError,
    NotFoundError,
    OutOfStockError,
    StaleError,
    WrongStateError,
)
from hub.spec import MalformedError, RejectedError, RetryLaterError, UnauthorizedError
from hub.store.api.health import DATABASE_AWAY
from hub.store.db import RefusedRowsError

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
FOR_PROGRAMS = ("/api/", "/in/", "/health", "/ready", "/metrics")
FOR_FILES = ("/import", "/api/v1/imports")
TYPE = "urn:problem-type:hub:"
AGAIN_AFTER_S = 5  # what a 503 asks a channel to wait

_STATUS: dict[type[HubError], int] = {
    InputError: 422,
    MalformedError: 422,
    RefusedRowsError: 422,
    NotFoundError: 404,
    WrongStateError: 409,
    StaleError: 409,
    OutOfStockError: 409,
    RejectedError: 502,
    UnauthorizedError: 502,
    RetryLaterError: 503,
}

_DETAILS = {
    404: "there is nothing at this address",
    413: "the body is larger than 5 MB: send less at once",
}
_FILE_TOO_LARGE = "the file is larger than 20 MB: cut it into smaller ones"
_MEANINGS = {
    400: "The request does not fit the form; `errors` names the fields",
    404: "There is no such thing",
    409: "Its state, or the stock there is, does not allow it; `short` names the lines, `changed` what moved since",
    422: "The form fits, the content does not; `field` names what to change",
}

AnyRequest = Request[Any, Any, Any]


class Changed(Struct, frozen=True):
    """A field that moved: as it was seen, and as it is."""

    was: Any
    now: Any


class Problem(Struct, frozen=True, omit_defaults=True):
    """The body of every refusal. The last five members are there only where they say something."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    field: str = ""
    short: dict[str, int] = {}
    errors: list[dict[str, str]] = []
    id: str = ""
    changed: dict[str, Changed] = {}


def of_hub_error(request: AnyRequest, error: HubError) -> Response[Any]:
    kind = next(kind for kind in type(error).__mro__ if kind in _STATUS or kind is HubError)
    status = _STATUS.get(kind, 500)
    problem = _problem(request, status, str(error), name=_dashed(kind.__name__.removesuffix("Error")))
    if isinstance(error, InputError):
        problem = _with(problem, field=error.field)
    if isinstance(error, OutOfStockError):
        problem = _with(problem, short={str(line): units for line, units in error.short.items()})
    if isinstance(error, StaleError):
        problem = _with(problem, changed={name: Changed(*both) for name, both in error.changed.items()})
    return _answer(request, problem, {"retry-after": str(AGAIN_AFTER_S)} if status == 503 else {})


def of_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    is_file = error.status_code == 413 and request.url.path.startswith(FOR_FILES)
    said = _FILE_TOO_LARGE if is_file else _DETAILS.get(error.status_code, error.detail)
    problem = _problem(request, error.status_code, said)
    return _answer(request, problem, error.headers or {})


def of_invalid_input(request: AnyRequest, error: ValidationException) -> Response[Any]:
    """Name each field and what is wrong with it; Litestar's own sentence names only method and path."""
    errors = [
        {"field": str(each.get("key", "")).removeprefix("data"), "message": str(each.get("message", ""))}
        for each in (error.extra or [])
        if isinstance(each, dict)
    ]
    said = "; ".join(f"{each['field']}: {each['message']}".removeprefix(": ") for each in errors)
    problem = _problem(request, 400, said or error.detail, name="invalid-request")
    return _answer(request, _with(problem, errors=errors), {})


def of_missing_database(request: AnyRequest, error: Exception) -> Response[Any]:
    """503, so that a channel delivers its webhook again; what was not stored was not accepted."""
    log.error("database_away", path=_instance(request), error=type(error).__name__)
    detail = "the database does not answer: try again in a moment"
    return _answer(
        request, _problem(request, 503, detail, name="database-away"), {"retry-after": str(AGAIN_AFTER_S)}
    )


def of_surprise(request: AnyRequest, error: Exception) -> Response[Any]:
    """Tell nothing of what is inside; the id leads to the whole story in the log."""
    incident = str(uuid7())
    where = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error(
        "request_failed",
        incident=incident,
        route=_route(request),
        error=type(error).__name__,
        frames=where[-6:],
    )
    detail = f"the hub did not expect this: look for incident {incident} in its log"
    return _answer(request, _with(_problem(request, 500, detail), id=incident), {})


def answers(*statuses: int) -> dict[int, ResponseSpec]:
    """Declare refusals for the reference of the API."""
    return {
        status: ResponseSpec(
            Problem, description=_MEANINGS[status], media_type=MEDIA_TYPE, generate_examples=False
        )
        for status in statuses
    }


EXCEPTION_HANDLERS: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    ValidationException: of_invalid_input,
    HTTPException: of_http_error,
    HubError: of_hub_error,
    **dict.fromkeys(DATABASE_AWAY, of_missing_database),
    Exception: of_surprise,
}


def _problem(request: AnyRequest, status: int, detail: str, *, name: str = "") -> Problem:
    title = HTTPStatus(status).phrase
    return Problem(
        type=TYPE + (name or _dashed(title.replace(" ", ""))),
        title=title,
        status=status,
        detail=detail,
        instance=_instance(request),
    )


def _answer(request: AnyRequest, problem: Problem, headers: Mapping[str, str]) -> Response[Any]:
    if _is_program(request):
        return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=dict(headers))
    context = {"problem": problem}
    return Template("problem.html", context=context, status_code=problem.status, headers=dict(headers))


def _is_program(request: AnyRequest) -> bool:
    return request.url.path.startswith(FOR_PROGRAMS) or "text/html" not in request.headers.get("accept", "")


def _instance(request: AnyRequest) -> str:
    """Give the path that was asked for; a webhook's token is a secret and stays out of bodies and logs."""
    path = request.url.path
    return "/in/…" if path.startswith("/in/") else path


def _route(request: AnyRequest) -> str:
    return f"{request.method} {request.scope.get('path_template', '')}"


def _with(problem: Problem, **members: Any) -> Problem:
    return Problem(**{name: members.get(name, getattr(problem, name)) for name in Problem.__struct_fields__})


def _dashed(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
