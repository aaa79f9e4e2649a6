"""The road between connector and simulator: it answers as the scenario says, and remembers every call."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from hub.sim.listen import Linger
from hub.spec.testing import SimReply, SimRequest, Simulator

Fits = Callable[[SimRequest], bool]


def any_call(_: SimRequest) -> bool:
    return True


class Trouble(Struct):
    """What befalls the next `times` calls that fit. `reply` None drops the connection.

    `carries_out`: the simulator carries the call out first, and the answer is lost or replaced.
    """

    reply: SimReply | None = None
    carries_out: bool = False
    times: int = 1_000_000
    fits: Fits = any_call


class Call(Struct, frozen=True):
    """One call as it reached the simulator; `wrote`: what it shows was another thing afterwards."""

    request: SimRequest
    status: int
    wrote: bool

    @property
    def what(self) -> tuple[str, str]:
        return self.request.method, self.request.path


class Road:
    """`rewrite` changes the answers on their way back; a call that changes what is `shown` has written.

    `fault` is what the simulator itself failed with.
    """

    def __init__(self, simulator: Simulator, clock: Callable[[], datetime]) -> None:
        self.calls: list[Call] = []
        self.troubles: list[Trouble] = []
        self.rewrite: Callable[[SimReply], SimReply] = lambda reply: reply
        self.shown: Callable[[], object] = simulator.stock
        self.fault: Exception | None = None
        self._simulator = simulator
        self._clock = clock

    async def handle(self, request: SimRequest, _linger: Linger) -> SimReply | None:
        trouble = next((each for each in self.troubles if each.times and each.fits(request)), None)
        if trouble is None:
            return self.rewrite(self._carry_out(request))
        trouble.times -= 1
        if trouble.carries_out:
            self._carry_out(request)
        else:
            self.calls.append(Call(request, 0, wrote=False))
        return trouble.reply

    def writes(self) -> set[tuple[str, str]]:
        """The calls, by method and path, that have changed what is shown so far."""
        return {call.what for call in self.calls if call.wrote}

    def _answer(self, request: SimRequest) -> SimReply:
        """A simulator that fails answers as a server that does; the fault is kept, for its author."""
        try:
            return self._simulator.answer(request, at=self._clock())
        except Exception as error:  # noqa: BLE001 -- whatever an author wrote
            self.fault = self.fault or error
            return SimReply(500)

    def _carry_out(self, request: SimRequest) -> SimReply:
        before = self.shown()
        reply = self._answer(request)
        wrote = self.shown() != before
        self.calls.append(Call(request, reply.status, wrote))
        return reply
