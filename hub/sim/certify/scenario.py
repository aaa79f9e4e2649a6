"""A scenario: one rule tried once. Tiers say what a connector may be trusted with."""

from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from hub.spec import Capability

if TYPE_CHECKING:
    from hub.sim.certify.stage import Stage


Run = Callable[["Stage"], Awaitable[object]]


class Tier(IntEnum):
    """Each asks for all of those below it. NONE is no tier: a rule of Bronze is broken."""

    NONE = 0
    BRONZE = 1
    SILVER = 2
    GOLD = 3
    PLATINUM = 4

    @property
    def title(self) -> str:
        return self.name.capitalize()


class Scenario(Struct, frozen=True):
    """`name` is "group/what"; `says` is the rule in words; `plays` are quirks the simulator must be able to play."""

    name: str
    tier: Tier
    says: str
    run: Run
    needs: tuple[Capability, ...] = ()
    plays: frozenset[str] = frozenset()

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]
