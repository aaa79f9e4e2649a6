"""What the installed packages bring: built-in ones under connectors/, others by the entry-point group."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pluggy
from msgspec import Struct

import connectors
from hub.model.errors import InputError
from hub.spec import Carrier, Connector, Exporter, Notifier, Observer, hooks
from hub.spec.declared import problems_of

ENTRY_POINTS = "hub.connectors"
Member = TypeVar("Member")


class Registry(Struct, frozen=True):
    """Each kind of thing by the key it is known by for good."""

    kinds: Mapping[str, Connector] = {}
    notifiers: Mapping[str, Notifier] = {}
    carriers: Mapping[str, Carrier] = {}
    exporters: Mapping[str, Exporter] = {}
    observers: Mapping[str, Observer] = {}

    def connector(self, kind: str) -> Connector:
        """Raises InputError naming the kinds there are."""
        return _find(self.kinds, kind, "connector")

    def notifier(self, kind: str) -> Notifier:
        """Raises InputError naming the kinds there are."""
        return _find(self.notifiers, kind, "notifier")

    def exporter(self, kind: str) -> Exporter:
        """Raises InputError naming the kinds there are."""
        return _find(self.exporters, kind, "exporter")

    def observer(self, kind: str) -> Observer:
        """Raises InputError naming the kinds there are."""
        return _find(self.observers, kind, "observer")


def load_registry() -> Registry:
    """Ask every package; raises InputError where two bring one kind, or one has a hook the hub does not."""
    _refuse_foreign_package()
    plugins = pluggy.PluginManager(hooks.PROJECT)
    plugins.add_hookspecs(hooks)
    for name in built_in_kinds():
        plugins.register(importlib.import_module(f"connectors.{name}"), name=f"connectors.{name}")
    plugins.load_setuptools_entrypoints(ENTRY_POINTS)
    return registry_of(plugins)


def registry_of(plugins: pluggy.PluginManager) -> Registry:
    """Gather what the registered packages bring."""
    _refuse_unknown_hooks(plugins)
    kinds = _collect(plugins, "register_connectors", "connector", _kind_of_channel)
    for connector in kinds.values():
        _refuse_what_it_is_not(connector)
    return Registry(
        kinds=kinds,
        notifiers=_collect(plugins, "register_notifiers", "notifier", _kind_of),
        carriers=_collect(plugins, "register_carriers", "carrier", _key_of_carrier),
        exporters=_collect(plugins, "register_exporters", "exporter", _kind_of),
        observers=_collect(plugins, "register_observers", "observer", _kind_of),
    )


def built_in_kinds() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(connectors.__path__) if module.ispkg)


def _kind_of_channel(connector: Connector) -> str:
    return connector.manifest.kind


def _key_of_carrier(carrier: Carrier) -> str:
    return carrier.key


def _kind_of(member: Notifier | Exporter | Observer) -> str:
    return member.kind


def _find(members: Mapping[str, Member], kind: str, what: str) -> Member:
    found = members.get(kind)
    if found is None:
        known = ", ".join(sorted(members)) or "none: install a package that brings one"
        msg = f"there is no {what} of kind {kind!r}; there are: {known}"
        raise InputError(msg, field="kind")
    return found


def _collect(
    plugins: pluggy.PluginManager, hook: str, what: str, key_of: Callable[[Member], str]
) -> dict[str, Member]:
    """Two members of one kind are refused, and both packages are named: nobody could tell which one works."""
    members: dict[str, Member] = {}
    owners: dict[str, str] = {}
    for each in getattr(plugins.hook, hook).get_hookimpls():
        found: list[Member] = []
        each.function(register=found.append)
        for member in found:
            key = key_of(member)
            if key in members:
                msg = f"{owners[key]} and {each.plugin_name} both bring the {what} {key!r}: uninstall one of them"
                raise InputError(msg, field="kind")
            members[key], owners[key] = member, each.plugin_name
    return members


def _refuse_what_it_is_not(connector: Connector) -> None:
    if problems := problems_of(connector):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        msg = f"the connector {connector.manifest.kind!r} is not what its manifest says: {problems[0]}{more}"
        raise InputError(msg, field="kind")


def _refuse_unknown_hooks(plugins: pluggy.PluginManager) -> None:
    """A hook with a misspelled name, or without its mark, would never be called, and nobody would know."""
    known = [name for name in vars(plugins.hook) if not name.startswith("_")]
    declared = [name for name in known if getattr(plugins.hook, name).spec is not None]
    for plugin in plugins.get_plugins():
        name = plugins.get_name(plugin) or repr(plugin)
        marked = {each.name for each in plugins.get_hookcallers(plugin) or []}
        if unknown := sorted(marked - set(declared)):
            msg = f"{name} has the hook {unknown[0]!r}, which the hub does not know: it knows {', '.join(declared)}"
            raise InputError(msg)
        if unmarked := [each for each in declared if each not in marked and _is_function(plugin, each)]:
            msg = f"{name} has {unmarked[0]} without its mark: write @hookimpl above it"
            raise InputError(msg)


def _is_function(plugin: Any, name: str) -> bool:
    return callable(getattr(plugin, name, None))


def _refuse_foreign_package() -> None:
    ours = Path(__file__).resolve().parents[2] / "connectors"
    if ours not in (Path(each).resolve() for each in connectors.__path__):
        msg = f"a foreign package named 'connectors' hides ours ({connectors.__path__[0]}): uninstall it"
        raise InputError(msg)
