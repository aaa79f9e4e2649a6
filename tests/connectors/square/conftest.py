"""A simulated till with three wares, a channel open to it, and a moment at which all of it happens."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.square.connector import SquareChannel
from connectors.square.simulator import SquareSimulator
from hub.spec.testing import SimItem
from tests.connectors.square.tiny_http import TinyHttp, opened

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WARES = [
    SimItem("MUG-BLUE", "Mug, blue", Decimal("12.50"), 10),
    SimItem("MUG-RED", "Mug, red", Decimal("11.99"), 5),
    SimItem("TEA-MINT", "Mint tea", Decimal("3.33"), 200),
]


@pytest.fixture
def simulator() -> SquareSimulator:
    return SquareSimulator(WARES)


@pytest.fixture
def http(simulator: SquareSimulator) -> TinyHttp:
    return TinyHttp(simulator, MORNING + timedelta(hours=1))


@pytest.fixture
def channel(http: TinyHttp) -> SquareChannel:
    return opened(http)
