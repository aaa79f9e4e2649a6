"""Listings: which still need a SKU and what they may be, which are matched, never sent, or gone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template
from msgspec import Struct

from hub.kit.clock import now
from hub.store.api.listings import Listing, Wanted, listings
from hub.store.db import Tx
from hub.store.desk.channels import ChannelName, name_channels
from hub.store.stock import matching
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, render

PAGE_ROWS = 50
SEARCH = ("/listings", "Search listings: SKU, title or barcode")


class Show(StrEnum):
    UNMATCHED = "unmatched"
    MATCHED = "matched"
    UNSENT = "unsent"
    GONE = "gone"


_TABS = {Show.UNMATCHED: "Unmatched", Show.MATCHED: "Matched", Show.UNSENT: "Never sent", Show.GONE: "Gone"}
_WANTED = {
    Show.MATCHED: Wanted(matched=True, gone=False),
    Show.UNSENT: Wanted(unsent=True),
    Show.GONE: Wanted(gone=True),
}


class ListingsQuery(Struct, frozen=True):
    show: Show = Show.UNMATCHED
    channel: str = ""
    search: str = ""
    after: str = ""


class Choice(Struct, frozen=True):
    label: str
    href: str
    current: bool
    kind: str = ""


class Asked(Struct, frozen=True):
    """A form of the page that comes back: about which listing, what was typed, and what is wrong with it."""

    about: UUID | None = None
    form: str = ""
    given: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}


@get("/listings", include_in_schema=False)
async def listings_page(
    request: AnyRequest,
    show: FromQuery[Show] = Show.UNMATCHED,
    channel: Annotated[str, QueryParameter(max_length=100)] = "",
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    return await render_listings(request, ListingsQuery(show, channel, q.strip(), str(after or "")), at=now())


async def render_listings(
    request: AnyRequest, query: ListingsQuery, *, at: datetime, asked: Asked | None = None, status: int = 200
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        rows = await _rows(tx, query)
        channels = await name_channels(tx)
        values = {
            "query": query,
            "rows": rows[:PAGE_ROWS],
            "names": {each.slug: each for each in channels},
            "alike": await matching.count_alike(tx),
            "tabs": [_tab(query, show, label) for show, label in _TABS.items()],
            "choices": _choices(query, channels),
            "chosen": next((each for each in channels if each.slug == query.channel), None),
            "first": _address(query, after="") if query.after else "",
            "more": _address(query, after=str(rows[PAGE_ROWS - 1].id)) if len(rows) > PAGE_ROWS else "",
            "asked": asked or Asked(),
        }
        frame = Frame("stock", "stock,channels", query.search, SEARCH)
        return await render(tx, "listings.html", frame, format_of(request, at), values, status=status)


async def _rows(tx: Tx, query: ListingsQuery) -> Sequence[matching.Waiting] | Sequence[Listing]:
    """One page and one more, to know whether others follow."""
    after = UUID(query.after) if query.after else UUID(int=0)
    channel, limit = query.channel or None, PAGE_ROWS + 1
    if query.show is Show.UNMATCHED:
        return await matching.suggest(tx, after=after, channel=channel, search=query.search, limit=limit)
    shown = _WANTED[query.show]
    wanted = Wanted(channel, shown.matched, shown.gone, shown.unsent, query.search or None)
    return await listings(tx, wanted, after=after, limit=limit)


def _tab(query: ListingsQuery, show: Show, label: str) -> Choice:
    return Choice(label, _address(query, show=show, after=""), show is query.show)


def _choices(query: ListingsQuery, channels: Sequence[ChannelName]) -> list[Choice]:
    every = Choice("All channels", _address(query, channel="", after=""), not query.channel)
    of_each = [
        Choice(each.name, _address(query, channel=each.slug, after=""), each.slug == query.channel, each.kind)
        for each in channels
    ]
    return [every, *of_each]


def _address(
    query: ListingsQuery, *, show: Show | None = None, channel: str | None = None, after: str
) -> str:
    shown = show or query.show
    given = {
        "show": shown if shown is not Show.UNMATCHED else "",
        "channel": query.channel if channel is None else channel,
        "q": query.search,
        "after": after,
    }
    words = urlencode({name: value for name, value in given.items() if value})
    return f"/listings?{words}" if words else "/listings"


def back_to(given: Mapping[str, str]) -> ListingsQuery:
    """Where the form stood, from its hidden fields."""
    show = given.get("show", "")
    known = Show(show) if show in set(Show) else Show.UNMATCHED
    return ListingsQuery(known, given.get("channel_shown", ""), given.get("q", ""))


def address_of(query: ListingsQuery) -> str:
    return _address(query, after="")
