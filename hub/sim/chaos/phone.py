"""A clerk who never gives up: what the hub did not answer is sent again, the same form, until it says yes or no."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import httpx

from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.incoming import Person

AGAIN_S = 0.3


class Phone:
    """`taken` are the command ids of the orders that were accepted, `refused` counts those with too little stock."""

    def __init__(self, client: httpx.AsyncClient, slug: str) -> None:
        self.taken: set[str] = set()
        self.refused = 0
        self.sent_again = 0
        self._client = client
        self._slug = slug

    async def sell(self, basket: Mapping[str, int], buyer: Person) -> str | None:
        command_id = str(uuid7())
        form = {
            "channel": self._slug,
            "command_id": command_id,
            "placed_at": now().isoformat(),
            "currency": "EUR",
            "customer": {"name": buyer.name, "email": buyer.email},
            "payment": "paid",
            "lines": [
                {"sku": sku, "title": sku, "quantity": units, "unit_price": "9.90"}
                for sku, units in basket.items()
            ],
        }
        while (answer := await self._send(form)) is None:
            self.sent_again += 1
            await asyncio.sleep(AGAIN_S)
        if answer.status_code == HTTPStatus.CONFLICT:
            self.refused += 1
            return None
        answer.raise_for_status()
        self.taken.add(command_id)
        return command_id

    async def cancel(self, channel_order_id: str) -> None:
        """Callers keep what they ordered."""

    async def _send(self, form: Mapping[str, object]) -> httpx.Response | None:
        """None where nobody can say what became of it."""
        try:
            answer = await self._client.post("/api/v1/orders", json=form)
        except httpx.HTTPError:
            return None
        return None if answer.is_server_error else answer
