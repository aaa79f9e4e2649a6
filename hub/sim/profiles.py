"""Named ways for a simulated channel to behave: quirks of its own, faults of the road, or both."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import InputError, NotFoundError
from hub.sim.faults import CALM, STORM, FaultPlan
from hub.spec.testing import PlaysProfile, Profile, Simulator


class Behavior(Struct, frozen=True):
    """`quirks` are fields of Profile, turned; `about` says it in a sentence."""

    about: str
    quirks: Mapping[str, object] = {}
    faults: FaultPlan = CALM


NAMED: Mapping[str, Behavior] = {
    "calm": Behavior("all goes well"),
    "storm": Behavior("slow, broken and lost calls; webhooks dropped, repeated, out of order", faults=STORM),
    "liar": Behavior(
        "writes that are carried out and then answered with an error, or with nothing",
        faults=FaultPlan(call_wrote=0.1, call_lost=0.1),
    ),
    "deaf": Behavior("no webhook ever arrives", faults=FaultPlan(webhook_drop=1.0)),
    "tight": Behavior("five calls a second, then 429", {"calls_max": 5, "calls_window_s": 1.0}),
    "tiny-pages": Behavior("three items on a page", {"page_max": 3}),
    "gaps": Behavior(
        "three items on a page, and empty pages between them", {"page_max": 3, "empty_pages": True}
    ),
    "lagging": Behavior("levels read out are ten seconds old", {"lag_s": 10.0}),
    "picky": Behavior(
        "stock writes of two SKUs are refused, those of their neighbors in the batch go through",
        {"refused_skus": ("MUG-BLUE", "TEA-ROOIBOS")},
    ),
    "oversold": Behavior("it sells what it lacks", {"below_zero": True}),
    "offline": Behavior("sales arrive an hour after they were made", {"offline_s": 3600.0}),
    "yen": Behavior("prices in a currency without decimals", {"currency": "JPY"}),
}


def behavior_of(names: Sequence[str], quirks: Mapping[str, str]) -> Behavior:
    """Lay named behaviors and single quirks over each other, the later one on top; raises with the names known."""
    chosen = [_named(name) for name in names]
    turned = {name: value for each in chosen for name, value in each.quirks.items()}
    faults = next((each.faults for each in reversed(chosen) if each.faults != CALM), CALM)
    return Behavior(", ".join(each.about for each in chosen), turned | dict(quirks), faults)


def profile_of(simulator: Simulator, quirks: Mapping[str, object]) -> Profile | None:
    """The vendor's habits with these quirks turned; None where nothing is turned. Raises InputError by name."""
    if not quirks:
        return None
    base = simulator.profile if isinstance(simulator, PlaysProfile) else Profile()
    unknown = sorted(set(quirks) - set(Profile.__struct_fields__))
    if unknown:
        msg = f"there is no quirk {unknown[0]!r}; there are: {', '.join(Profile.__struct_fields__)}"
        raise InputError(msg, field=unknown[0])
    try:
        turned = msgspec.convert(dict(quirks) | _skus(quirks), Profile, strict=False)
    except msgspec.ValidationError as error:
        msg = f"a quirk does not fit: {error}"
        raise InputError(msg, field="profile") from error
    return replace(base, **{name: getattr(turned, name) for name in quirks})


def played_by(plays: AbstractSet[str]) -> list[str]:
    """The named behaviors that a simulator with these quirks can be told to have."""
    return [name for name, each in NAMED.items() if plays >= set(each.quirks)]


def _skus(quirks: Mapping[str, object]) -> dict[str, object]:
    """`refused_skus` typed as text has commas between them."""
    given = quirks.get("refused_skus")
    return {"refused_skus": given.split(",")} if isinstance(given, str) else {}


def _named(name: str) -> Behavior:
    if name not in NAMED:
        msg = f"there is no profile {name!r}: choose one of {', '.join(NAMED)}"
        raise NotFoundError(msg)
    return NAMED[name]
