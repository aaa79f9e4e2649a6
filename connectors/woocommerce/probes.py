"""The named checks of a connection. Reading and writing are probed apart, to tell a key's permission."""

import msgspec
from msgspec import Struct

from connectors.woocommerce.api import ROOT, Api
from connectors.woocommerce.subscriptions import all_webhooks
from connectors.woocommerce.wire import StockBatch
from hub.model.errors import HubError
from hub.spec import Probe, Reply, RetryLaterError

_OK = 200
_MOVED = {301, 302, 307, 308}
_KEYS = "WooCommerce > Settings > Advanced > REST API"


class Index(Struct, frozen=True):
    namespace: str = ""


async def check(api: Api) -> list[Probe]:
    """Stop at a wrong address: nothing behind it would tell anything."""
    address = await _address(api)
    if not address.ok:
        return [address]
    reads = await _status(api, "GET", "/orders", None)
    writes = await _status(api, "POST", "/products/batch", StockBatch([]))
    probes = [address, *_permissions(reads, writes)]
    return [*probes, await _refunds(api), await _webhooks(api)] if reads == _OK else probes


async def _address(api: Api) -> Probe:
    try:
        reply = await api.call("GET", "")
    except RetryLaterError as error:
        return Probe(
            "address", ok=False, detail=str(error), remedy="check the address, and that the shop is up"
        )
    if _is_woocommerce(reply):
        return Probe("address", ok=True, detail="WooCommerce REST v3 answers")
    if reply.status in _MOVED:
        where = reply.headers.get("location", "").partition("?")[0].removesuffix(ROOT)
        return Probe("address", ok=False, detail=f"the shop says it lives at {where}", remedy=f"use {where}")
    remedy = "give the shop's own address; in WordPress > Settings > Permalinks choose any but Plain"
    return Probe("address", ok=False, detail=f"no WooCommerce REST v3 there ({reply.status})", remedy=remedy)


def _is_woocommerce(reply: Reply) -> bool:
    """A 401 or 403 in JSON comes from the REST API too: the key is judged by the next probes."""
    try:
        index = msgspec.json.decode(reply.body, type=Index)
    except msgspec.DecodeError:
        return False
    return index.namespace == "wc/v3" or reply.status in {401, 403}


def _permissions(reads: int, writes: int) -> list[Probe]:
    if _OK not in {reads, writes}:
        remedy = f"make a new Read/Write key in {_KEYS}; over http, check the clocks of both servers"
        return [Probe("key", ok=False, detail=f"reading answered {reads}, writing {writes}", remedy=remedy)]
    remedy = f"set the key's permission to Read/Write in {_KEYS}"
    return [
        Probe("key", ok=True),
        _permission("read orders", reads, remedy),
        _permission("write stock", writes, remedy),
    ]


def _permission(name: str, status: int, remedy: str) -> Probe:
    return (
        Probe(name, ok=True)
        if status == _OK
        else Probe(name, ok=False, detail=f"answered {status}", remedy=remedy)
    )


async def _refunds(api: Api) -> Probe:
    """A shop without the list works: nothing is to be mended."""
    listed = await _status(api, "GET", "/refunds", None) == _OK
    older = "not read: the shop lists none, as before WooCommerce 9.0; record by hand what it gives back"
    return Probe("refunds", ok=True, detail="" if listed else older)


async def _webhooks(api: Api) -> Probe:
    try:
        hooks = await all_webhooks(api)
    except HubError as error:
        return Probe("webhooks", ok=False, detail=str(error), remedy="the poll goes on; check again later")
    stopped = sorted(hook.topic for hook in hooks if hook.status == "disabled")
    if not stopped:
        return Probe("webhooks", ok=True, detail=f"{len(hooks)} in the shop, none disabled")
    detail = f"disabled by WooCommerce after failed deliveries: {', '.join(stopped)}"
    return Probe(
        "webhooks",
        ok=False,
        detail=detail,
        remedy="make the hub reachable for the shop, then ensure webhooks",
    )


async def _status(api: Api, method: str, path: str, payload: object) -> int:
    """Return the status answered; 0 where nothing answered. The empty batch writes nothing."""
    query = {"per_page": "1"} if method == "GET" else {}
    try:
        return (await api.call(method, path, query=query, payload=payload)).status
    except RetryLaterError:
        return 0
