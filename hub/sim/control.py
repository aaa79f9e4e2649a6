"""The control API under /_sim: what other processes do to a simulated channel.

Faults never touch it. JSON in and out; a refusal is {"problem": "…"} in words.
"""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Person
from hub.sim.faults import FaultPlan
from hub.sim.page import show_page
from hub.sim.server import SimServer
from hub.spec.testing import SimReply, SimRequest, sim_json

ROOT = "/_sim"
SOMEBODY = Person(name="Somebody Else", email="somebody@example.com", phone="+1-555-0100")
Units = Annotated[int, Meta(gt=0, le=1_000_000)]
Level = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Body = TypeVar("Body")


class Sell(Struct, frozen=True, forbid_unknown_fields=True):
    basket: Annotated[dict[str, Units], Meta(min_length=1)]
    buyer: Person = SOMEBODY


class Sold(Struct, frozen=True):
    """`channel_order_id` None: the channel refused for lack of stock."""

    channel_order_id: str | None


class Cancel(Struct, frozen=True, forbid_unknown_fields=True):
    channel_order_id: str


class GiveBack(Struct, frozen=True, forbid_unknown_fields=True):
    channel_order_id: str
    amount: Decimal


class BringBack(Struct, frozen=True, forbid_unknown_fields=True):
    """`units` by the channel's id of a line."""

    channel_order_id: str
    units: Annotated[dict[str, Units], Meta(min_length=1)]


class Made(Struct, frozen=True):
    id: str


class SetStock(Struct, frozen=True, forbid_unknown_fields=True):
    levels: Annotated[dict[str, Level], Meta(min_length=1)]


class Travel(Struct, frozen=True, forbid_unknown_fields=True):
    """Time only goes forward."""

    seconds: Annotated[float, Meta(gt=0, le=10_000_000)]


def is_control(request: SimRequest) -> bool:
    return request.path == ROOT or request.path.startswith(f"{ROOT}/")


async def control(sim: SimServer, request: SimRequest) -> SimReply:
    """Answer one request to the control API."""
    route = ROUTES.get((request.method, request.path.rstrip("/")))
    if route is None:
        known = [f"{method} {path}" for method, path in ROUTES]
        return sim_json({"problem": f"no such control; there are: {', '.join(known)}"}, 404)
    try:
        return await route(sim, request.body)
    except NotFoundError as problem:
        return sim_json({"problem": str(problem)}, 404)
    except (InputError, msgspec.DecodeError) as problem:
        return sim_json({"problem": str(problem)}, 422)


async def _page(sim: SimServer, _body: bytes) -> SimReply:
    return SimReply(200, show_page(sim).encode(), {"content-type": "text/html; charset=utf-8"})


async def _state(sim: SimServer, _body: bytes) -> SimReply:
    return sim_json(sim.state())


async def _orders(sim: SimServer, _body: bytes) -> SimReply:
    return sim_json(sim.simulator.order_ids())


async def _settings(sim: SimServer, _body: bytes) -> SimReply:
    return sim_json(sim.settings())


async def _sell(sim: SimServer, body: bytes) -> SimReply:
    order = _read(body, Sell)
    return sim_json(Sold(await sim.sell(order.basket, order.buyer)))


async def _cancel(sim: SimServer, body: bytes) -> SimReply:
    await sim.cancel(_read(body, Cancel).channel_order_id)
    return sim_json({})


async def _give_back(sim: SimServer, body: bytes) -> SimReply:
    asked = _read(body, GiveBack)
    return sim_json(Made(await sim.give_back(asked.channel_order_id, asked.amount)))


async def _bring_back(sim: SimServer, body: bytes) -> SimReply:
    asked = _read(body, BringBack)
    return sim_json(Made(await sim.bring_back(asked.channel_order_id, asked.units)))


async def _set_stock(sim: SimServer, body: bytes) -> SimReply:
    await sim.set_stock(_read(body, SetStock).levels)
    return sim_json({})


async def _set_faults(sim: SimServer, body: bytes) -> SimReply:
    plan = _read(body, FaultPlan)
    sim.set_faults(plan)
    return sim_json(plan)


async def _travel(sim: SimServer, body: bytes) -> SimReply:
    sim.travel(_read(body, Travel).seconds)
    return sim_json(sim.state())


async def _settle(sim: SimServer, _body: bytes) -> SimReply:
    await sim.settle()
    return sim_json(sim.state())


def _read(body: bytes, shape: type[Body]) -> Body:
    return msgspec.json.decode(body, type=shape)


ROUTES: Mapping[tuple[str, str], Callable[[SimServer, bytes], Awaitable[SimReply]]] = {
    ("GET", ROOT): _page,
    ("GET", f"{ROOT}/state"): _state,
    ("GET", f"{ROOT}/orders"): _orders,
    ("GET", f"{ROOT}/settings"): _settings,
    ("POST", f"{ROOT}/sell"): _sell,
    ("POST", f"{ROOT}/cancel"): _cancel,
    ("POST", f"{ROOT}/refund"): _give_back,
    ("POST", f"{ROOT}/return"): _bring_back,
    ("POST", f"{ROOT}/stock"): _set_stock,
    ("POST", f"{ROOT}/faults"): _set_faults,
    ("POST", f"{ROOT}/time"): _travel,
    ("POST", f"{ROOT}/settle"): _settle,
}
