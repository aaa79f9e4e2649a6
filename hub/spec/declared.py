"""Hold a connector against its manifest: what is declared is implemented, and the reverse. Pure."""

import re
from collections.abc import Iterator, Mapping
from inspect import Parameter, getattr_static, signature

from typing_extensions import get_protocol_members

from hub.spec import after_sales, capabilities, operations, write_back
from hub.spec.budgets import Budget
from hub.spec.capabilities import Connector
from hub.spec.config import ChannelConfig, settings_of
from hub.spec.manifest import WRITES, Capability, Manifest, TimeZones

OF_A_CHANNEL: Mapping[Capability, type] = {
    Capability.FETCH_ORDERS: capabilities.FetchesOrders,
    Capability.RECEIVE_WEBHOOKS: capabilities.ReceivesWebhooks,
    Capability.LIST_LISTINGS: capabilities.ListsListings,
    Capability.LIST_LOCATIONS: capabilities.ListsLocations,
    Capability.PUSH_STOCK: capabilities.PushesStock,
    Capability.READ_STOCK: capabilities.ReadsStock,
    Capability.PUSH_FULFILLMENT: write_back.PushesFulfillments,
    Capability.PUSH_LABEL: write_back.PushesLabels,
    Capability.PUSH_CANCEL: write_back.PushesCancels,
    Capability.PUSH_REFUND: write_back.PushesRefunds,
    Capability.PUSH_RETURN_DECISION: write_back.PushesReturnDecisions,
    Capability.FETCH_RETURNS: after_sales.FetchesReturns,
    Capability.FETCH_REFUNDS: after_sales.FetchesRefunds,
    Capability.FETCH_SETTLEMENTS: after_sales.FetchesSettlements,
}
OF_A_KIND: Mapping[Capability, type] = {
    Capability.LOG_IN: operations.LogsIn,
    Capability.REDACT: operations.Redacts,
    Capability.KNOWN_LIMITS: operations.KnowsLimits,
    Capability.NAME_ACCOUNT: operations.NamesAccount,
}
_KIND = re.compile(r"[a-z][a-z0-9_]{0,40}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def problems_of(connector: Connector) -> list[str]:
    """What is wrong with a connector before it is ever opened, a sentence each; empty where it may be used."""
    manifest = connector.manifest
    return [
        *_in_the_words(manifest),
        *_in_the_numbers(manifest),
        *_in_the_methods(manifest, OF_A_CHANNEL, connector.channel_type),
        *_in_the_methods(manifest, OF_A_KIND, type(connector)),
        *_in_the_writes(manifest),
        *(problem for budget in manifest.budgets for problem in _in_the_budget(budget)),
        *_in_the_settings(connector),
    ]


def _in_the_words(manifest: Manifest) -> Iterator[str]:
    if not _KIND.fullmatch(manifest.kind):
        yield f"the kind {manifest.kind!r} must be small letters, digits and _, beginning with a letter"
    for name in ("title", "api_version"):
        if not getattr(manifest, name):
            yield f"the manifest has no {name}"
    for currency in manifest.currencies:
        if not _CURRENCY.fullmatch(currency):
            yield f"{currency!r} is no currency: write it as EUR"
    if len({budget.name for budget in manifest.budgets}) < len(manifest.budgets):
        yield "two budgets have one name: give each its own"


def _in_the_numbers(manifest: Manifest) -> Iterator[str]:
    for name in ("stock_batch_max", "orders_batch_max", "writes_batch_max"):
        if getattr(manifest, name) < 1:
            yield f"{name} must be 1 or more"
    if manifest.overlap_s < 0:
        yield "overlap_s must be 0 or more"
    if manifest.history_days is not None and manifest.history_days < 1:
        yield "history_days must be 1 or more"


def _in_the_methods(manifest: Manifest, protocols: Mapping[Capability, type], owner: type) -> Iterator[str]:
    for capability, protocol in protocols.items():
        methods = sorted(get_protocol_members(protocol))
        missing = [name for name in methods if not callable(getattr(owner, name, None))]
        if capability in manifest.capabilities:
            yield from (f"{capability} is declared, and {owner.__name__} has no {name}" for name in missing)
            yield from _in_the_parameters(protocol, owner, [name for name in methods if name not in missing])
        elif not missing:
            yield f"{owner.__name__} has {', '.join(methods)}, and {capability} is not declared"


def _in_the_parameters(protocol: type, owner: type, methods: list[str]) -> Iterator[str]:
    """The hub calls by the Protocol's signature: the method must take what it is given."""
    for name in methods:
        wanted = list(signature(getattr(protocol, name)).parameters.values())
        by_place = [each.name for each in wanted if each.kind is not Parameter.KEYWORD_ONLY]
        by_name = {each.name: each.name for each in wanted if each.kind is Parameter.KEYWORD_ONLY}
        bound = isinstance(getattr_static(owner, name), (staticmethod, classmethod))
        try:
            signature(getattr(owner, name)).bind(*by_place[int(bound) :], **by_name)
        except TypeError as error:
            asked = ", ".join(str(each) for each in wanted[1:])
            yield f"{owner.__name__}.{name} cannot be called with ({asked}): {error}"


def _in_the_writes(manifest: Manifest) -> Iterator[str]:
    for capability in WRITES:
        if capability in manifest.capabilities and capability not in manifest.idempotency:
            yield f"idempotency does not say what a repeated {capability} does: none, key or absolute"
    for capability in manifest.idempotency:
        if capability not in WRITES or capability not in manifest.capabilities:
            yield f"idempotency speaks of {capability}, which is no write of this connector"
    compares = manifest.compares_stock
    if compares and not {Capability.PUSH_STOCK, Capability.READ_STOCK} <= manifest.capabilities:
        yield "compares_stock needs push_stock, and read_stock to learn what is there instead"


def _in_the_budget(budget: Budget) -> Iterator[str]:
    if budget.limit < 1 or budget.window_s <= 0 or budget.burst < 0:
        yield f"budget {budget.name!r}: limit and window_s must be more than 0"
    elif not budget.is_bucket and budget.burst > budget.limit:
        yield f"budget {budget.name!r}: a burst of {budget.burst} is more than its limit"
    if heavy := [cost.weight for cost in budget.costs if not 0 <= cost.weight <= budget.capacity]:
        yield f"budget {budget.name!r}: a call of weight {heavy[0]} never fits into a burst of {budget.capacity}"


def _in_the_settings(connector: Connector) -> Iterator[str]:
    config_type = connector.config_type
    if ChannelConfig not in config_type.__mro__:
        yield f"{config_type.__name__} must extend ChannelConfig"
        return
    names = {setting.name for setting in settings_of(config_type)}
    if connector.manifest.time_zones is TimeZones.LOCAL and "time_zone" not in names:
        yield "its times are local, and no setting `time_zone` says to where"
