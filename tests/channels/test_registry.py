"""What packages bring is gathered at the start: two of one kind are refused by name, and so is a hook nobody calls."""

from types import ModuleType
from typing import Any

import pluggy
import pytest

from hub.channels.registry import Registry, load_registry, registry_of
from hub.model.errors import InputError
from hub.spec import hookimpl, hooks
from tests.fake_channel import FakeConnector


class FakeNotifier:
    kind = "pigeon"


class FakeCarrier:
    key = "van"


def package(**functions: Any) -> ModuleType:
    module = ModuleType("package")
    vars(module).update({name: hookimpl(function) for name, function in functions.items()})
    return module


def registry(**packages: ModuleType) -> Registry:
    plugins = pluggy.PluginManager(hooks.PROJECT)
    plugins.add_hookspecs(hooks)
    for name, module in packages.items():
        plugins.register(module, name=name)
    return registry_of(plugins)


def brings(member: object) -> Any:
    return lambda register: register(member)


SHOP = package(register_connectors=brings(FakeConnector("shop")))
VAN = package(register_carriers=brings(FakeCarrier()))
PIGEON = package(register_notifiers=brings(FakeNotifier()))


def test_a_package_may_bring_things_of_several_sorts():
    both = package(
        register_connectors=brings(FakeConnector("shop")), register_notifiers=brings(FakeNotifier())
    )
    found = registry(both=both)
    assert (list(found.kinds), list(found.notifiers)) == (["shop"], ["pigeon"])


@pytest.mark.parametrize(
    ("twice", "what"), [(SHOP, "connector 'shop'"), (PIGEON, "notifier 'pigeon'"), (VAN, "carrier 'van'")]
)
def test_two_of_one_kind_are_refused_and_both_are_named(twice: ModuleType, what: str):
    again = package(**{name: each for name, each in vars(twice).items() if name.startswith("register_")})
    with pytest.raises(InputError) as refused:
        registry(first=twice, second=again)
    assert all(word in str(refused.value) for word in ("first", "second", what))


def test_a_hook_the_hub_does_not_know_is_refused():
    with pytest.raises(InputError, match=r"stray has the hook 'register_ravens'.*register_connectors"):
        registry(stray=package(register_ravens=brings(FakeConnector("shop"))))


def test_a_hook_without_its_mark_is_refused():
    module = ModuleType("package")
    vars(module)["register_connectors"] = brings(FakeConnector("shop"))
    with pytest.raises(InputError, match="stray has register_connectors without its mark"):
        registry(stray=module)


def test_a_kind_nobody_brings_is_answered_with_those_there_are():
    with pytest.raises(InputError, match="no notifier of kind 'raven'; there are: mail, webhook"):
        load_registry().notifier("raven")
