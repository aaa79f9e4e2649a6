"""Which kinds of channel can be simulated: those whose connector has a module `simulator` beside or above its own."""

import importlib
import importlib.util
from collections.abc import Sequence

from hub.channels.registry import load_registry
from hub.model.errors import InputError, NotFoundError
from hub.spec import Connector
from hub.spec.testing import NewSimulator, PlaysProfile, Profile, SimItem, Simulator


def find_simulator(kind: str) -> NewSimulator:
    """Return `new_simulator` of the kind's module `simulator`; NotFoundError names the kinds there are."""
    found = _simulators().get(kind)
    if found is None:
        msg = f"no connector simulates the kind {kind!r}: choose one of {', '.join(simulated_kinds()) or '(none)'}"
        raise NotFoundError(msg)
    return new_simulator_of(found)


def simulated_kinds() -> list[str]:
    """Every kind that brings a simulator, built in or installed, by name."""
    return sorted(_simulators())


def new_simulator_of(module: str) -> NewSimulator:
    made: NewSimulator = importlib.import_module(module).new_simulator
    return made


def simulator_module(connector: Connector) -> str | None:
    """The nearest module `simulator`: beside the connector's own module, or in a package around it."""
    package = type(connector).__module__
    while package:
        if _is_there(f"{package}.simulator"):
            return f"{package}.simulator"
        package = package.rpartition(".")[0]
    return None


def make(new: NewSimulator, items: Sequence[SimItem], profile: Profile | None) -> Simulator:
    """Make one; raises InputError where it plays no part of the profile that was asked for."""
    if profile is None:
        return new(items)
    plain = new(items)
    plays = plain.plays if isinstance(plain, PlaysProfile) else frozenset()
    base = plain.profile if isinstance(plain, PlaysProfile) else Profile()
    turned = {name for name in Profile.__struct_fields__ if getattr(profile, name) != getattr(base, name)}
    if turned - plays:
        asked, known = ", ".join(sorted(turned - plays)), ", ".join(sorted(plays)) or "nothing"
        msg = f"the simulator of {plain.kind} does not play {asked}; it plays: {known}"
        raise InputError(msg, field="profile")
    return new(items, profile)


def _simulators() -> dict[str, str]:
    kinds = load_registry().kinds
    found = {kind: simulator_module(connector) for kind, connector in kinds.items()}
    return {kind: module for kind, module in found.items() if module}


def _is_there(module: str) -> bool:
    """Ask without importing; a module that is no package has nothing beneath it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
