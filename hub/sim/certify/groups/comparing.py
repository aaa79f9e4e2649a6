"""Compare and set: a number that changed there meanwhile is not written over blindly."""

from collections.abc import Mapping

from msgspec.structs import replace

from hub.sim.certify import flaws
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.groups.stock import one_each
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.sim.certify.targets import targets_for
from hub.spec import Capability, OutcomeState

A, B = sku_of(1), sku_of(2)
APPLIED, UNKNOWN = OutcomeState.APPLIED, OutcomeState.UNKNOWN


def scenarios() -> list[Scenario]:
    return [
        _made("as-expected", "a number that is as expected is written over", as_expected),
        _made(
            "changed-there", "a number that changed meanwhile stays, its neighbor is written", changed_there
        ),
        _made("sold-out-there", "none where some were expected stays none", sold_out_there),
        _made("then-told-again", "what was read back is what is expected next", told_again),
        _made("nothing-expected", "where nothing is expected, whatever is there is written over", unexpected),
    ]


def _made(what: str, says: str, run: Run) -> Scenario:
    needs = (Capability.PUSH_STOCK, Capability.READ_STOCK)
    return Scenario(f"stock/{what}", Tier.SILVER, says, run, needs)


async def _comparing(stage: Stage) -> Shop:
    if not stage.manifest.compares_stock:
        untried("the connector does not declare compares_stock")
    return await stage.open()


async def _told(
    shop: Shop, levels: Mapping[str, int], expected: Mapping[str, int]
) -> dict[str, OutcomeState]:
    """The outcome of each SKU."""
    targets = await targets_for(shop, levels)
    targets = [replace(each, expected=expected.get(each.channel_sku)) for each in targets]
    outcomes = await shop.push(targets)
    one_each(targets, outcomes)
    states = {each.channel_listing_id: each.state for each in outcomes}
    return {each.channel_sku: states[each.channel_listing_id] for each in targets}


def _shows(shop: Shop, sku: str, units: int, state: OutcomeState, wanted: OutcomeState, when: str) -> None:
    shown = shop.simulator.stock()[sku]
    must(shown == units, flaws.OVERWRITES, f"{when}: it shows {shown}, not {units}")
    must(state is wanted, flaws.OVERWRITES, f"{when}: the outcome is {state}, not {wanted}")


async def as_expected(stage: Stage) -> None:
    shop = await _comparing(stage)
    states = await _told(shop, {A: 5, B: 0}, {A: 1000, B: 1000})
    _shows(shop, A, 5, states[A], APPLIED, "1000 were expected and there")
    _shows(shop, B, 0, states[B], APPLIED, "1000 were expected and there")


async def changed_there(stage: Stage) -> None:
    shop = await _comparing(stage)
    shop.sell({A: 2})
    states = await _told(shop, {A: 5, B: 6}, {A: 1000, B: 1000})
    _shows(shop, A, 998, states[A], UNKNOWN, "1000 were expected, 998 were left")
    _shows(shop, B, 6, states[B], APPLIED, "its neighbor was as expected")


async def sold_out_there(stage: Stage) -> None:
    shop = await _comparing(stage)
    shop.sell({A: 1000})
    states = await _told(shop, {A: 5}, {A: 1000})
    _shows(shop, A, 0, states[A], UNKNOWN, "1000 were expected, none was left")


async def told_again(stage: Stage) -> None:
    shop = await _comparing(stage)
    shop.sell({A: 2})
    await _told(shop, {A: 5}, {A: 1000})
    [target] = await targets_for(shop, {A: 5})
    read = await shop.ask("read_stock", shop.channel.read_stock([target.channel_listing_id]))
    states = await _told(shop, {A: 5}, {A: read.get(target.channel_listing_id, -1)})
    _shows(shop, A, 5, states[A], APPLIED, "what was read back was expected")


async def unexpected(stage: Stage) -> None:
    shop = await _comparing(stage)
    shop.sell({A: 2})
    states = await _told(shop, {A: 5}, {})
    _shows(shop, A, 5, states[A], APPLIED, "nothing was expected")
