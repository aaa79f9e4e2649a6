"""What the form of a location says: typed words as they are, and what is wrong with them."""

from litestar.datastructures import FormMultiDict
from msgspec import Struct, convert
from msgspec.structs import replace

from hub.flows.stock.place_stock import Wish
from hub.model.stock.locations import Location, LocationKind


class LocationForm(Struct, frozen=True):
    """`sure`: somebody has seen what goes off sale. No channels ticked: it serves all."""

    code: str = ""
    name: str = ""
    kind: str = LocationKind.WAREHOUSE
    priority: str = "100"
    sellable: bool = True
    ships: bool = True
    pickup: bool = False
    channels: tuple[str, ...] = ()
    country: str = ""
    region: str = ""
    postcode: str = ""
    latitude: str = ""
    longitude: str = ""
    time_zone: str = "UTC"
    sure: bool = False
    problems: dict[str, str] = {}


_WORDS = (
    "code",
    "name",
    "kind",
    "priority",
    "country",
    "region",
    "postcode",
    "latitude",
    "longitude",
    "time_zone",
)
_TICKS = ("sellable", "ships", "pickup", "sure")


def form_of(place: Location) -> LocationForm:
    return LocationForm(
        place.code,
        place.name,
        place.kind,
        str(place.priority),
        place.sellable,
        place.ships,
        place.pickup,
        place.channels,
        place.country,
        place.region,
        place.postcode,
        "" if place.latitude is None else str(place.latitude),
        "" if place.longitude is None else str(place.longitude),
        place.time_zone,
    )


def read_form(sent: FormMultiDict, *, code: str = "") -> LocationForm:
    """What was typed; `code` names the location that is there already."""
    words = {name: str(sent.get(name, "")).strip()[:200] for name in _WORDS}
    ticks = {name: name in sent for name in _TICKS}
    form = convert({**words, **ticks}, LocationForm)
    served = tuple(sorted({str(each) for each in sent.getall("channels", [])}))
    form = replace(form, code=code or form.code, country=form.country.upper(), channels=served)
    return replace(form, problems=_problems(form))


def wish_of(form: LocationForm) -> Wish:
    """What a form without problems asks for."""
    return Wish(
        form.code,
        form.name,
        int(form.priority),
        form.sellable,
        LocationKind(form.kind),
        form.ships,
        form.pickup,
        form.country,
        form.region,
        form.postcode,
        _degrees(form.latitude),
        _degrees(form.longitude),
        form.channels,
        form.time_zone or None,
    )


def _problems(form: LocationForm) -> dict[str, str]:
    problems = {}
    if not (form.priority.isascii() and form.priority.isdigit() and len(form.priority) < 6):
        problems["priority"] = "A number, such as 10; the lowest is asked first"
    if form.kind not in set(LocationKind):
        problems["kind"] = "Choose what it is"
    for name in ("latitude", "longitude"):
        try:
            _degrees(getattr(form, name))
        except ValueError:
            problems[name] = "Degrees, such as 52.52, or nothing"
    return problems


def _degrees(written: str) -> float | None:
    """Raises ValueError. A position once known is corrected, not taken away."""
    return float(written.replace(",", ".")) if written else None
