"""Which kinds of channel this hub speaks: built-in ones under connectors/, others by the entry-point group."""

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pluggy
from msgspec import Struct

import connectors
from hub.model.errors import InputError
from hub.spec import Connector, hooks

ENTRY_POINTS = "hub.connectors"


class Registry(Struct, frozen=True):
    """Connectors by kind."""

    kinds: Mapping[str, Connector]

    def connector(self, kind: str) -> Connector:
        """Raises InputError naming the kinds there are."""
        found = self.kinds.get(kind)
        if found is None:
            known = ", ".join(sorted(self.kinds))
            msg = f"there is no connector of kind {kind!r}: the hub speaks {known}"
            raise InputError(msg, field="kind")
        return found


def load_registry() -> Registry:
    """Find every connector; raises InputError where two speak one kind, or a foreign package took our name."""
    _refuse_foreign_package()
    plugins = pluggy.PluginManager(hooks.PROJECT)
    plugins.add_hookspecs(hooks)
    for name in built_in_kinds():
        plugins.register(importlib.import_module(f"connectors.{name}"), name=f"connectors.{name}")
    plugins.load_setuptools_entrypoints(ENTRY_POINTS)
    plugins.check_pending()
    return Registry(_collect(plugins))


def built_in_kinds() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(connectors.__path__) if module.ispkg)


def _collect(plugins: pluggy.PluginManager) -> dict[str, Connector]:
    kinds: dict[str, Connector] = {}
    owners: dict[str, str] = {}
    for plugin in plugins.get_plugins():
        if not hasattr(plugin, "register_connectors"):
            continue
        name = plugins.get_name(plugin) or repr(plugin)
        for connector in _registered(plugin):
            kind = connector.manifest.kind
            if kind in kinds:
                msg = f"{owners[kind]} and {name} both speak {kind!r}: uninstall one of them"
                raise InputError(msg, field="kind")
            kinds[kind], owners[kind] = connector, name
    return kinds


def _registered(plugin: ModuleType) -> list[Connector]:
    found: list[Connector] = []
    plugin.register_connectors(register=found.append)
    return found


def _refuse_foreign_package() -> None:
    ours = Path(__file__).resolve().parents[2] / "connectors"
    if ours not in (Path(each).resolve() for each in connectors.__path__):
        msg = f"a foreign package named 'connectors' hides ours ({connectors.__path__[0]}): uninstall it"
        raise InputError(msg)
