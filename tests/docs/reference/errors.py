"""Every error the hub raises on purpose: what it means, and what a program that calls the API sees of it."""

from collections.abc import Iterator
from http import HTTPStatus

from hub.cli.session import DatabaseAwayError
from hub.kit.embedded.errors import FolderInUseError, ServerStartError
from hub.model.errors import HubError
from hub.web import problems
from tests.docs.reference.markdown import code, page_of, table, words

INTRODUCTION = """\
# Errors

Made of the code itself; a test compares. Each is named by what happens next, and its message says what, which, and
what to do. A command prints that message on standard error and ends with exit code 1. The API answers with problem
details (RFC 9457): branch on `type`, which stays as it is; `detail` is for people.
"""
OF_COMMANDS = (FolderInUseError, ServerStartError, DatabaseAwayError)
STATUSES = """\
## Statuses

Beside 2xx, the API answers with these. `type` begins with `{type}`.
"""
OTHERS = {
    401: "The hub's key is missing or wrong: send `Authorization: Bearer …`",
    403: "Not from there: a page of another site, or a name the hub is not known by",
    405: "The address is there, and does not take this method",
    413: "The body is larger than 5 MB, or a file larger than 20 MB",
    500: "The hub did not expect this; `id` leads to the whole story in its log",
    502: "The channel refused it, not the hub",
    503: "The database or the channel does not answer; `Retry-After` says when to try again",
}


def page() -> str:
    titles = ("Error", "From", "Status", "`type`", "What it means")
    meanings = {**problems._MEANINGS, **OTHERS}
    said = ((f"{status} {HTTPStatus(status).phrase}", text) for status, text in sorted(meanings.items()))
    lines = [
        INTRODUCTION,
        *table(titles, _rows()),
        STATUSES.format(type=problems.TYPE),
        *table(("Status", "What it means"), said),
    ]
    return page_of(lines)


def _rows() -> Iterator[tuple[str, ...]]:
    for error, status in problems._STATUS.items():
        kind = problems._dashed(error.__name__.removesuffix("Error"))
        yield *_named(error), str(status), code(kind), _means(error)
    for error in OF_COMMANDS:
        yield *_named(error), "", "", _means(error)


def _named(error: type[HubError]) -> tuple[str, str]:
    return code(error.__name__), code(error.__module__)


def _means(error: type[HubError]) -> str:
    return words(error.__doc__ or "")
