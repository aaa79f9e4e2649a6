"""Drives a simulated channel in another process, with the verbs of SimServer, over its control API."""

from collections.abc import Mapping
from typing import TypeVar

import httpx
import msgspec

from hub.model.errors import InputError
from hub.model.incoming import Person
from hub.sim.control import Cancel, Sell, SetStock, Sold, Travel
from hub.sim.faults import FaultPlan
from hub.sim.server import SimState

Body = TypeVar("Body")


class RemoteSim:
    """`client` is the caller's; `url` is what SimServer.url is there."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.url = url.rstrip("/")
        self._client = client

    async def sell(self, basket: Mapping[str, int], buyer: Person) -> str | None:
        sold = await self._call("POST", "sell", Sell(dict(basket), buyer), shape=Sold)
        return sold.channel_order_id

    async def cancel(self, channel_order_id: str) -> None:
        await self._call("POST", "cancel", Cancel(channel_order_id), shape=dict)

    async def set_stock(self, levels: Mapping[str, int]) -> None:
        await self._call("POST", "stock", SetStock(dict(levels)), shape=dict)

    async def set_faults(self, plan: FaultPlan) -> None:
        await self._call("POST", "faults", plan, shape=FaultPlan)

    async def travel(self, seconds: float) -> SimState:
        """Move the channel's clock on."""
        return await self._call("POST", "time", Travel(seconds), shape=SimState)

    async def settle(self) -> SimState:
        """Return when every webhook so far has arrived or was given up."""
        return await self._call("POST", "settle", shape=SimState, timeout_s=None)

    async def state(self) -> SimState:
        return await self._call("GET", "state", shape=SimState)

    async def settings(self) -> dict[str, str]:
        return await self._call("GET", "settings", shape=dict[str, str])

    async def order_ids(self) -> list[str]:
        return await self._call("GET", "orders", shape=list[str])

    async def _call(
        self,
        method: str,
        verb: str,
        body: object = None,
        *,
        shape: type[Body],
        timeout_s: float | None = 30.0,
    ) -> Body:
        """Call one control; a refusal raises InputError with the channel's words."""
        reply = await self._client.request(
            method,
            f"{self.url}/_sim/{verb}",
            content=b"" if body is None else msgspec.json.encode(body),
            timeout=timeout_s,
        )
        if reply.is_error:
            msg = f"{method} {self.url}/_sim/{verb} answered {reply.status_code}: {reply.text}"
            raise InputError(msg)
        return msgspec.json.decode(reply.content, type=shape)
