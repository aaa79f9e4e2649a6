"""What the channel should never send: each field in turn missing, null, or of another kind.

An order that cannot be read is malformed, in words without the buyer; its neighbors on the page go on.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from hub.model.errors import HubError, InputError
from hub.model.orders.soundness import refuse_unsound
from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must
from hub.sim.certify.judge import judge
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.source import Sample
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import Capability, MalformedError, Message
from hub.spec.testing import SimReply

WRONG: Mapping[str, Any] = {
    "null": None,
    "text": "☃",
    "empty": "",
    "list": [],
    "object": {},
    "negative": -1,
    "huge": 10**30,
    "true": True,
    "nul": "a\0b",
}
MISSING = "missing"
FILES = {
    "empty": b"",
    "spaces": b"  \n",
    "half": b'{"id": 1, "lines": [',
    "null": b"null",
    "number": b"1",
    "text": b'"order"',
    "empty-list": b"[]",
    "empty-object": b"{}",
    "list-of-numbers": b"[1, 2]",
    "not-utf8": b'{"id": "\xff"}',
    "deep": b"[" * 200_000,
    "binary": bytes(range(256)),
    "html": b"<!doctype html><html><body>Maintenance</body></html>",
}
PATHS_MAX = 60  # fields that are tried, of those an order has; the seed chooses


def scenarios(sample: Sample | None) -> list[Scenario]:
    """`sample` is one order as the channel sends it: its fields are what can be wrong."""
    fields = sorted(set(paths_of(sample.body))) if sample else []
    return [
        *(_field(sample, path) for path in fields if sample),
        *(
            _made(
                f"file-{name}",
                "a file that holds no order is malformed, or holds none",
                partial(file, raw=raw),
            )
            for name, raw in FILES.items()
        ),
        *(
            [_network("page", "one wrong order on a page: its neighbors come", on_a_page)]
            if sample and sample.from_network
            else []
        ),
    ]


def _field(sample: Sample, path: "Path") -> Scenario:
    says = "an order with this field missing or wrong is read soundly, or is malformed"
    return _made(f"field-{'.'.join(map(str, path))}", says, partial(field, sample=sample, path=path))


def _made(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"malformed/{what}", Tier.BRONZE, says, run)


def _network(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"malformed/{what}", Tier.BRONZE, says, run, (Capability.FETCH_ORDERS,))


async def field(stage: Stage, *, sample: Sample, path: "Path") -> None:
    shop = stage.offline()
    order = msgspec.json.decode(sample.body)
    for how, value in [*WRONG.items(), (MISSING, None)]:
        body = msgspec.json.encode(changed(order, path, value, missing=how == MISSING))
        _read_or_malformed(shop, body, sample, f"{'.'.join(map(str, path))} {how}")


def _read_or_malformed(shop: Shop, body: bytes, sample: Sample, how: str) -> None:
    """What is read must be sound, or refused by the hub's own check; nothing but MalformedError may be raised."""
    try:
        messages = shop.pure("split_file", lambda: shop.connector.split_file(body))
        orders = [shop.translate(each) for each in messages if each.channel_order_id and each.complete]
        for order in orders:
            judge_or_refuse(order)
    except MalformedError as error:
        said = str(error)
        must(len(said) > 8, flaws.WRONG_ERROR, f"{how}: malformed, and says only {said!r}")
        shown = sorted(text for text in sample.personal if text in said)
        must(not shown, flaws.LEAKS_PERSON, f"{how}: the error quotes the buyer: {said[:120]}")
    except HubError as error:
        seen = f"{how}: {type(error).__name__} instead of MalformedError: {error}"
        raise BrokenRuleError(flaws.WRONG_ERROR, seen[:200]) from error


def judge_or_refuse(order: Any) -> None:
    """Judge what the hub would keep; what it would refuse and park with its reason is no flaw of the connector."""
    try:
        refuse_unsound(order)
    except InputError:
        return
    except (TypeError, AttributeError):
        pass  # a value of a wrong type: judged, and named
    judge(order, None)


async def file(stage: Stage, *, raw: bytes) -> None:
    shop = stage.offline()
    try:
        messages = shop.pure("split_file", lambda: shop.connector.split_file(raw))
        orders = [shop.translate(each) for each in messages if each.channel_order_id and each.complete]
    except MalformedError as error:
        must(len(str(error)) > 8, flaws.WRONG_ERROR, f"malformed, and says only {str(error)!r}")
    else:
        must(not orders, flaws.WRONG_ERROR, f"an order was read from {raw[:30]!r}")


async def on_a_page(stage: Stage) -> None:
    """Spoil one order of three on its way, field by field, as a page brings it."""
    shop = await stage.open()
    sold = shop.sell({sku_of(1): 1}, {sku_of(2): 2}, {sku_of(3): 3})
    shop.pass_time(5)
    [victim] = [each for each in (await shop.scan()).messages if each.channel_order_id == sold[1]]
    order = msgspec.json.decode(victim.body)
    paths = sorted(set(paths_of(victim.body)))
    for path in stage.random.sample(paths, min(len(paths), 25)):
        await _spoiled(shop, victim, changed(order, path, {"not": ["expected"]}), sold, path)


async def _spoiled(shop: Shop, victim: Message, other: object, sold: list[str], path: "Path") -> None:
    body = msgspec.json.encode(other)

    def spoil(reply: SimReply) -> SimReply:
        return msgspec.structs.replace(reply, body=reply.body.replace(victim.body, body))

    shop.road.rewrite = spoil
    where = ".".join(map(str, path))
    try:
        messages = (await shop.scan()).messages
    except HubError as error:
        seen = f"with {where} wrong in one order the page failed: {error}"
        raise BrokenRuleError(flaws.BLOCKS_NEIGHBORS, seen[:200]) from error
    named = {each.channel_order_id for each in messages}
    missing = {sold[0], sold[2]} - named
    must(not missing, flaws.BLOCKS_NEIGHBORS, f"with {where} wrong in one order, its neighbor did not come")


Path = tuple[str | int, ...]


def paths_of(body: bytes) -> list[Path]:
    """Every field of the order, those of its first line too; of long lists the first element stands for all."""
    found = list(_paths(msgspec.json.decode(body), ()))
    return found[:: max(1, len(found) // PATHS_MAX)]


def _paths(value: object, path: Path) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _paths(each, (*path, name))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def changed(value: Any, path: Path, other: object, *, missing: bool = False) -> Any:
    """A copy with another value at the path, or with nothing there."""
    first, rest = path[0], path[1:]
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if not rest and missing:
        del copy[first]
    else:
        copy[first] = changed(value[first], rest, other, missing=missing) if rest else other
    return copy
