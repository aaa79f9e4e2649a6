"""The simulator kit: what a connector's author writes a fake channel with. docs/connector-author.md shows how."""

from hub.spec.testing.channel import NOT_AS_EXPECTED, SimChannel
from hub.spec.testing.goods import SimGood, SimLine, SimOrder
from hub.spec.testing.hooks import SimHook, SimHooks
from hub.spec.testing.pages import SimPage, page_of
from hub.spec.testing.profile import Paging, Profile
from hub.spec.testing.routes import Route, SimApi, SimCall, SimRefusal, route_of
from hub.spec.testing.simulator import (
    DeletesOrders,
    HasPlaces,
    HasRegions,
    KnowsSales,
    KnowsSkus,
    KnowsWrites,
    LetsCollect,
    LetsIn,
    NewSimulator,
    PaysBack,
    PlaysProfile,
    SellsBundles,
    SendsParcels,
    SetsStock,
    Settles,
    SimItem,
    SimSale,
    Simulator,
    SimWritten,
    SwitchesOff,
    TakesReturns,
)
from hub.spec.testing.wire import Delivery, SimReply, SimRequest, sim_json
from hub.spec.testing.writing import SimRefund, SimReturn

__all__ = [
    "NOT_AS_EXPECTED",
    "DeletesOrders",
    "Delivery",
    "HasPlaces",
    "HasRegions",
    "KnowsSales",
    "KnowsSkus",
    "KnowsWrites",
    "LetsCollect",
    "LetsIn",
    "NewSimulator",
    "Paging",
    "PaysBack",
    "PlaysProfile",
    "Profile",
    "Route",
    "SellsBundles",
    "SendsParcels",
    "SetsStock",
    "Settles",
    "SimApi",
    "SimCall",
    "SimChannel",
    "SimGood",
    "SimHook",
    "SimHooks",
    "SimItem",
    "SimLine",
    "SimOrder",
    "SimPage",
    "SimRefund",
    "SimRefusal",
    "SimReply",
    "SimRequest",
    "SimReturn",
    "SimSale",
    "SimWritten",
    "Simulator",
    "SwitchesOff",
    "TakesReturns",
    "page_of",
    "route_of",
    "sim_json",
]
