"""Locations: what lies at each, and what each is for; add one, or say anew what one is for."""

from collections.abc import Sequence
from datetime import datetime

from litestar import get
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct

from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.stock.locations import Location, LocationKind
from hub.store.db import Tx
from hub.store.desk.channels import ChannelName, name_channels
from hub.store.desk.locations import Lying, LyingSku, lying, lying_at
from hub.store.stock.locations import all_locations
from hub.web.desk.charts import Part
from hub.web.desk.format import Format
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.places.location_form import LocationForm, form_of

SKUS_SHOWN = 50
LIVE = "stock"


class PlaceView(Struct, frozen=True):
    """One location with what lies there, as a bar beside those of the others; no channels: it serves all."""

    location: Location
    lies: Lying
    bar: list[Part]
    channels: list[ChannelName]


class SkuBar(Struct, frozen=True):
    lies: LyingSku
    bar: list[Part]


@get("/locations", include_in_schema=False)
async def locations_page(request: AnyRequest) -> Template:
    return await render_locations(request, LocationForm(), at=now())


@get("/locations/{code:str}", include_in_schema=False)
async def location_page(request: AnyRequest, code: FromPath[str]) -> Template:
    return await render_location(request, code, at=now())


async def render_locations(
    request: AnyRequest, form: LocationForm, *, at: datetime, status: int = 200
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        fmt = format_of(request, at)
        values = {
            "places": await _places(tx, fmt),
            "form": form,
            "kinds": list(LocationKind),
            "channels": await name_channels(tx),
        }
        frame = Frame("stock", LIVE, "", STOCK_SEARCH)
        return await render(tx, "locations.html", frame, fmt, values, status=status)


async def render_location(
    request: AnyRequest, code: str, *, at: datetime, form: LocationForm | None = None, status: int = 200
) -> Template:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        fmt = format_of(request, at)
        places = {view.location.code: view for view in await _places(tx, fmt)}
        if code not in places:
            msg = f"There is no location {code}: see Locations"
            raise NotFoundError(msg)
        there = await lying_at(tx, code, limit=SKUS_SHOWN)
        values = {
            "place": places[code],
            "skus": _bars(there, fmt),
            "form": form or form_of(places[code].location),
            "kinds": list(LocationKind),
            "channels": await name_channels(tx),
        }
        frame = Frame("stock", LIVE, "", STOCK_SEARCH)
        return await render(tx, "location.html", frame, fmt, values, status=status)


async def _places(tx: Tx, fmt: Format) -> list[PlaceView]:
    there, names = await lying(tx), {each.slug: each for each in await name_channels(tx)}
    most = max((each.on_hand for each in there.values()), default=0)
    return [
        PlaceView(
            each,
            there[each.code],
            stock_bar(there[each.code], most, fmt),
            [names[slug] for slug in each.channels if slug in names],
        )
        for each in await all_locations(tx)
    ]


def _bars(there: Sequence[LyingSku], fmt: Format) -> list[SkuBar]:
    most = max((each.on_hand for each in there), default=0)
    return [SkuBar(each, stock_bar(each, most, fmt)) for each in there]


def stock_bar(lies: Lying | LyingSku, most: int, fmt: Format) -> list[Part]:
    """What lies there in parts of percent of the longest bar: free, promised, kept back."""
    named = [
        ("good", "free", lies.free),
        ("info", "promised", lies.promised),
        ("none", "kept back", min(lies.kept, max(0, lies.on_hand - lies.promised))),
    ]
    parts: list[Part] = []
    x = 0.0
    for tone, word, units in named:
        width = round(100 * max(0, units) / most, 3) if most > 0 else 0
        if width:
            parts.append(Part(x, min(width, 100 - x), tone, word, units, f"{word}: {fmt.number(units)}"))
            x = min(100.0, x + width)
    return parts
