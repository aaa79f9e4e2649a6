"""API calls of a simulated channel, found by "GET /v1/orders/{number}", and read or refused in the vendor's words."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TypeVar

import msgspec
from msgspec import Struct

from hub.spec.testing.wire import SimReply, SimRequest, sim_json

Shape = TypeVar("Shape")


class SimRefusal(Exception):  # noqa: N818 - an answer of the simulated channel, not a fault of ours
    """Raised anywhere below `answer`: the call is refused with this reply."""

    def __init__(self, reply: SimReply) -> None:
        super().__init__(f"answered {reply.status}")
        self.reply = reply


class SimCall(Struct, frozen=True):
    """One call on its way to its route; `parts` are the named parts of its path."""

    request: SimRequest
    at: datetime
    parts: Mapping[str, str] = {}

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    @property
    def headers(self) -> Mapping[str, str]:
        return self.request.headers

    def read(self, shape: type[Shape]) -> Shape:
        """Decode the body; what does not fit is refused with 400 and the reason."""
        try:
            return msgspec.json.decode(self.request.body, type=shape)
        except msgspec.DecodeError as error:
            raise SimRefusal(sim_json({"error": str(error)}, 400)) from error

    def number(self, name: str, default: int) -> int:
        """A whole number of the query; refused with 400 where it is none."""
        text = self.query.get(name, "")
        if text and not (text.isascii() and text.isdigit()):
            raise SimRefusal(sim_json({"error": f"{name} is no number"}, 400))
        return int(text) if text else default


Route = Callable[[SimCall], SimReply]


class SimApi:
    """An API of routes behind a doorkeeper; a subclass says which, and who may come in."""

    def routes(self) -> Mapping[str, Route]:
        """The calls it answers, such as "GET /v1/orders/{number}"."""
        return {}

    def refuse(self, call: SimCall) -> SimReply | None:
        """The doorkeeper: a refusal, or None where the caller may come in."""
        del call
        return None

    def unknown(self, call: SimCall) -> SimReply:
        """What the vendor answers where there is no such call."""
        return sim_json({"error": f"no such call: {call.request.method} {call.request.path}"}, 404)

    def answer(self, request: SimRequest, *, at: datetime) -> SimReply:
        call = SimCall(request, at)
        try:
            if refusal := self.refuse(call):
                return refusal
            found = route_of(self.routes(), call)
            return found[0](found[1]) if found else self.unknown(call)
        except SimRefusal as refused:
            return refused.reply


def route_of(routes: Mapping[str, Route], call: SimCall) -> tuple[Route, SimCall] | None:
    """The first route that fits, and the call with the parts of its path named."""
    for template, route in routes.items():
        method, _, path = template.partition(" ")
        if method == call.request.method and (found := _pattern(path).fullmatch(call.request.path)):
            return route, msgspec.structs.replace(call, parts=found.groupdict())
    return None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
