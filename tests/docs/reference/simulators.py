"""Every way a simulated channel can behave, who plays it, and the kit one is written with."""

from collections.abc import Collection, Iterator

from hub.sim.faults import CALM, FaultPlan
from hub.sim.find import find_simulator, simulated_kinds
from hub.sim.profiles import NAMED, Behavior
from hub.spec.testing import PlaysProfile, Profile
from tests.docs.reference.annotations import fields_of
from tests.docs.reference.border import KIT, of_modules
from tests.docs.reference.markdown import code, page_of, table
from tests.spec.test_public_signatures import modules

INTRODUCTION = """\
# Simulated channels

Made of the code itself; a test compares. `hub sim up KIND` serves one over real HTTP; how one is written is told in
[The author of a connector](../connector-author.md#the-simulator).

## Profiles

Named ways to behave: `hub sim up KIND --profile NAME`, as many as you like, the later one on top.
"""
QUIRKS = """\
## Quirks

One by itself: `hub sim up KIND --quirk NAME=VALUE`. A kind plays some of them, and refuses the others by name.
"""
FAULTS = """\
## Faults

What goes wrong on the road, alike for every kind; decided from the seed, so that a run can be repeated. The profiles
turn them, and `POST /_sim/faults` does while it runs.
"""
THE_KIT = """\
# The kit

What a simulator is written with: `hub.spec.testing`.
"""


def page() -> str:
    quirks = (
        (code(each.name), code(_typed(each.name)), each.limits, _players([each.name]))
        for each in fields_of(Profile)
    )
    faults = ((code(each.name), code(each.default), each.limits) for each in fields_of(FaultPlan))
    lines = [
        INTRODUCTION,
        *table(("Profile", "What it does", "How", "Played by"), map(_named, NAMED.items())),
        QUIRKS,
        *table(("Quirk", "Default", "What it means", "Played by"), quirks),
        *table(("Kind", "Its habits, where nothing is turned"), _habits()),
        FAULTS,
        *table(("Fault", "Default", "What happens"), faults),
        THE_KIT,
        *of_modules([each for each in modules() if each.__name__.startswith(KIT)]),
    ]
    return page_of(lines)


def _named(named: tuple[str, Behavior]) -> tuple[str, str, str, str]:
    name, behavior = named
    return code(name), behavior.about, ", ".join(map(code, _turned(behavior))), _players(behavior.quirks)


def _turned(behavior: Behavior) -> Iterator[str]:
    yield from (f"{name}={_written(value)}" for name, value in behavior.quirks.items())
    for name in FaultPlan.__struct_fields__:
        if (value := getattr(behavior.faults, name)) != getattr(CALM, name):
            yield f"{name}={value}"


def _habits() -> Iterator[tuple[str, str]]:
    """What the simulator of each kind has of its vendor."""
    for kind in simulated_kinds():
        made = find_simulator(kind)(())
        if isinstance(made, PlaysProfile):
            own = {each: getattr(made.profile, each) for each in Profile.__struct_fields__}
            turned = (
                f"{name}={_written(value)}"
                for name, value in own.items()
                if value != getattr(Profile(), name)
            )
            yield code(kind), ", ".join(map(code, turned))


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(quirk: str) -> str:
    """The usual value, as a person types it behind the name."""
    value = getattr(Profile(), quirk)
    return _written(value)


def _players(quirks: Collection[str]) -> str:
    """Every kind that is simulated and heeds all of these."""
    made = {kind: find_simulator(kind)(()) for kind in simulated_kinds()}
    able = (
        kind
        for kind, each in made.items()
        if isinstance(each, PlaysProfile) and each.plays.issuperset(quirks)
    )
    return ", ".join(able)
