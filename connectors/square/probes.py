"""Named checks: a wrong token, a missing permission, a wrong location and a wrong address are told apart."""

from connectors.square import wire
from connectors.square import wire_shop as shop
from connectors.square.api import Answer, Api
from connectors.square.settings import SquareConfig
from hub.spec import MalformedError, Probe, RetryLaterError

_COPY_AGAIN = (
    "Copy the access token again from Developer Console, Credentials; a sandbox token belongs to the address "
    "https://connect.squareupsandbox.com, a production token to https://connect.squareup.com"
)
_WORDS = {401: "the access token is refused", 403: "the access token lacks a permission"}


async def check(api: Api, config: SquareConfig) -> list[Probe]:
    """Ask as little as tells the causes apart; where the token is refused, nothing more is asked."""
    try:
        return await _ask(api, config)
    except (MalformedError, RetryLaterError) as error:
        remedy = "Check the address of the channel and the network of this machine"
        return [Probe("address", ok=False, detail=str(error), remedy=remedy)]


async def _ask(api: Api, config: SquareConfig) -> list[Probe]:
    places = await api.send("GET", "/v2/locations")
    token = _probe("access token", places, "Give the token the permission MERCHANT_PROFILE_READ")
    if not token.ok:
        return [token]
    ids = list(config.locations()[:1])
    catalog = await api.send("GET", "/v2/catalog/list", query={"types": "ITEM"})
    orders = await api.send("POST", "/v2/orders/search", wire.FirstOrder(ids))
    counts = await api.send("POST", "/v2/inventory/counts/batch-retrieve", shop.FirstCount(ids))
    return [
        token,
        _locations(places.read(shop.Locations).locations or [], config),
        _probe("catalog", catalog, "Give the token the permission ITEMS_READ"),
        _probe("orders", orders, "Give the token the permission ORDERS_READ"),
        _probe("inventory", counts, "Give the token the permissions INVENTORY_READ and INVENTORY_WRITE"),
        await _refunds(api),
        _signature_key(config),
    ]


async def _refunds(api: Api) -> Probe:
    """A till works without them."""
    answer = await api.send("GET", "/v2/refunds", query={"limit": "1"})
    unread = (
        "not read: give the token the permission PAYMENTS_READ, or record by hand what the till gives back"
    )
    return Probe("refunds", ok=True, detail="" if answer.status < 300 else unread)


def subscribed(
    current: shop.Subscription | None, config: SquareConfig, *, was_off: bool = False
) -> list[Probe]:
    """What is left to do by hand after the subscription stands; `was_off`: Square had switched it off."""
    ok = current is not None and current.enabled is not False
    remedy = "" if ok else "Enable the subscription in Developer Console, Webhooks"
    webhooks = Probe("webhooks", ok=ok, remedy=remedy, mended=ok and was_off)
    given = current.signature_key if current else None
    key = config.webhook_signature_key.value
    if given and given != key:
        what = "Square signs with another key than the one in the settings" if key else "no key is set"
        return [webhooks, _key_missing(what)]
    return [webhooks, _signature_key(config)]


def _locations(found: list[shop.Location], config: SquareConfig) -> Probe:
    active = {each.id for each in found if each.status != "INACTIVE"}
    wanted = dict.fromkeys([*config.locations(), config.stock_location()])
    wrong = [each for each in wanted if each not in active]
    remedy = f"Choose from: {', '.join(sorted(active)) or 'none, this account has no active location'}"
    if not config.locations():
        return Probe("locations", ok=False, detail="no location is set", remedy=remedy)
    if wrong:
        detail = f"this account has no active location {', '.join(wrong)}"
        return Probe("locations", ok=False, detail=detail, remedy=remedy)
    return Probe("locations", ok=True, detail=f"{len(wanted)} found")


def _probe(name: str, answer: Answer, permission: str) -> Probe:
    if answer.status < 300:
        return Probe(name, ok=True)
    said = "; ".join(error.detail or error.code for error in answer.errors())
    detail = f"{answer.what} answered {answer.status}: {_WORDS.get(answer.status, said or 'no reason given')}"
    return Probe(name, ok=False, detail=detail, remedy=_remedy(answer.status, permission))


def _remedy(status: int, permission: str) -> str:
    remedies = {401: _COPY_AGAIN, 403: permission, 404: "Check the address of the channel"}
    if status == 429 or status >= 500:
        return "Square has trouble or is asked too often: check again in a minute"
    return remedies.get(status, "Correct the settings and check again")


def _signature_key(config: SquareConfig) -> Probe:
    if config.webhook_signature_key.value:
        return Probe("signature key", ok=True)
    return _key_missing("no key is set")


def _key_missing(what: str) -> Probe:
    detail = f"{what}: webhooks are refused, orders come by polling alone"
    remedy = "Copy the signature key from Developer Console, Webhooks, your subscription, into the settings"
    return Probe("signature key", ok=False, detail=detail, remedy=remedy)
