"""What every page of the desk shares: the frame around it, the reader's locale, and who is behind sealed bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.response import Template
from msgspec import Struct

from hub.channels.context import HubContext
from hub.kit.language import LANGUAGES, locale_of, tag_of
from hub.kit.secrets import Vault
from hub.model.errors import InputError, NotFoundError, OutOfStockError, StaleError, WrongStateError
from hub.model.incoming import Person
from hub.store.db import RefusedRowsError, Tx
from hub.store.desk.waiting import count_waiting
from hub.web.desk.format import Format

AnyRequest = Request[Any, Any, State]

ORDER_SEARCH = ("/orders", "Search orders: number, tracking, SKU, e-mail or phone")
LANGUAGE_COOKIE = "hub_language"
STOCK_SEARCH = ("/stock", "Search stock: SKU, name or barcode")
REFUSED = (InputError, NotFoundError, WrongStateError, StaleError, OutOfStockError, RefusedRowsError)
"""What a form can be refused for: its sentence stands on the page, beside what was typed."""


class Frame(Struct, frozen=True):
    """`current` is the page in the rail, `live` the topics that change it."""

    current: str
    live: str = ""
    search: str = ""
    search_in: tuple[str, str] = ORDER_SEARCH


def hub_of(request: AnyRequest) -> HubContext:
    ctx: HubContext = request.app.state.hub
    return ctx


def format_of(request: AnyRequest, at: datetime) -> Format:
    """The language that was chosen on the desk, else the one the browser asks for; its numbers where both agree."""
    asked = locale_of(request.headers.get("accept-language", ""))
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Format(asked if chosen not in LANGUAGES or chosen == tag_of(asked) else locale_of(chosen), at)


async def fields_of(request: AnyRequest) -> dict[str, str]:
    """What a form sent, without the blanks around it."""
    return {name: str(value).strip() for name, value in (await request.form()).items()}


async def render(
    tx: Tx, template: str, frame: Frame, fmt: Format, values: Mapping[str, object], *, status: int = 200
) -> Template:
    """Give the page its frame; one statement more, for the count in the rail."""
    waiting = await count_waiting(tx, at=fmt.at)
    path, label = frame.search_in
    shared = {
        "fmt": fmt,
        "_": fmt.word,
        "languages": LANGUAGES,
        "current": frame.current,
        "live": frame.live,
        "search": frame.search,
        "search_path": path,
        "search_label": label,
        "waiting": waiting.total,
        "counts": waiting,
    }
    headers = {"cache-control": "no-store", "vary": "accept-language, cookie"}
    return Template(template, context={**shared, **values}, status_code=status, headers=headers)


def open_person(vault: Vault, order_id: UUID, sealed: bytes) -> Person | None:
    """None where no key of this hub opens it; the rest of the order is still shown."""
    try:
        return msgspec.json.decode(vault.open(sealed, order_id.bytes), type=Person)
    except (InputError, msgspec.DecodeError):
        return None


def readable_number(channel_order_number: str) -> str:
    """The channel's own number where it has one that people say; the id of a form is none."""
    try:
        UUID(channel_order_number)
    except ValueError:
        return channel_order_number
    return ""


def name_of(person: Person | None) -> str:
    """How a list names the customer: the name, else what they can be reached by."""
    if person is None:
        return "sealed with another key"
    addresses = (each for each in (person.shipping, person.billing) if each is not None)
    names = (person.name, *(each.name or each.company for each in addresses), person.email, person.phone)
    return next((name for name in names if name), "")
