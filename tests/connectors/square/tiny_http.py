"""A transport that ends in a simulator of the same process, and remembers what was asked."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.square.connector import SquareChannel, SquareConnector
from connectors.square.settings import SquareConfig
from connectors.square.simulator import SHOP, TOKEN, SquareSimulator
from connectors.square.till.hooks import SIGNATURE_KEY
from hub.spec import Reply, RetryLaterError, Secret
from hub.spec.testing import SimReply, SimRequest

BASE_URL = "http://square.test"


class TinyHttp:
    """`fail_with` makes the next call answer so; `silent` makes every call time out after it took effect.

    `before` is told the method of each call before it is answered.
    """

    def __init__(self, simulator: SquareSimulator, at: datetime) -> None:
        self.base_url = BASE_URL
        self.simulator = simulator
        self.at = at
        self.asked: list[SimRequest] = []
        self.answered: list[SimReply] = []
        self.fail_with: SimReply | None = None
        self.silent = False
        self.before: Callable[[str], object] = lambda _: None

    def now(self) -> datetime:
        return self.at

    def nonce(self) -> str:
        return f"nonce{len(self.asked)}"

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str = "",
    ) -> Reply:
        del idempotency_key
        asked = SimRequest(method, path, dict(query or {}), dict(headers or {}), body or b"", BASE_URL + path)
        self.asked.append(asked)
        self.before(method)
        fault, self.fail_with = self.fail_with, None
        reply = fault or self.simulator.answer(asked, at=self.at)
        self.answered.append(reply)
        if self.silent:
            msg = f"{method} {path} timed out"
            raise RetryLaterError(msg)
        return Reply(reply.status, reply.headers, reply.body)


def config_for(**changes: Any) -> SquareConfig:
    given = {
        "access_token": Secret(TOKEN),
        "webhook_signature_key": Secret(SIGNATURE_KEY),
        "location_ids": SHOP,
    }
    return SquareConfig(**{**given, **changes})


def opened(http: TinyHttp, **changes: Any) -> SquareChannel:
    return SquareConnector().open(http, config_for(**changes))
