"""Who did it, and what led to it: a channel's version, an edit, the hub's own jobs, a parcel. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.model.telling.facts import tell_first
from hub.model.telling.sayings import Place, Saying, Sentence, said

_ACTORS: Mapping[str, Saying] = {
    "hub": said("the hub"),
    "desk": said("a person at the desk"),
    "command line": said("a person at the command line"),
    "api": said("a program over the API"),
}
_CHANNEL = said("the channel {channel}")
_VERSIONS = (said("its version {revision} of {as_of}"), said("its version of {as_of}"))
_EDITS = (said("an edit: {why}"), said("an edit"))
_OF_EVENTS: Mapping[str, Saying] = {
    "reviewed": said("the checks and rules of new orders"),
    "unpaid": said("the job that looks for orders unpaid too long"),
    "late": said("the job that looks for orders that should have left"),
    "filled": said("stock that is there"),
    "gone": said("the channel was asked for it"),
}
_OF_MOVEMENTS: Mapping[str, Saying] = {
    "order": said("what the order asks for"),
    "edit": said("an edit"),
    "hold": said("a hold"),
    "unpaid": said("the job that looks for orders unpaid too long"),
    "fill": said("stock that is there"),
    "parcel": said("a parcel"),
    "return": said("a return"),
    "short pick": said("what was not found while picking"),
    "reallocation": said("a new choice of locations"),
}


def who(actor: str, channel: str, channel_name: str) -> Place:
    """A channel acts by its slug; a person who has a name is named."""
    if actor and actor == channel:
        return Sentence(_CHANNEL, {"channel": channel_name})
    known = _ACTORS.get(actor or "hub")
    return Sentence(known) if known else actor


def why_event(kind: str, facts: Mapping[str, Any]) -> Sentence | None:
    if "edit" in facts:
        return tell_first(_EDITS, facts)
    if "as_of" in facts:
        as_of = datetime.fromisoformat(facts["as_of"])
        return tell_first(_VERSIONS, {**facts, "as_of": as_of})
    known = _OF_EVENTS.get(kind)
    return Sentence(known) if known else None


def why_movement(cause: str) -> Sentence | None:
    known = _OF_MOVEMENTS.get(cause)
    return Sentence(known) if known else None
