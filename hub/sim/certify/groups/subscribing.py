"""Subscriptions over time: removed when the channel is closed, switched off by the channel, given a new secret."""

from functools import partial

from hub.model.errors import HubError
from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must, untried
from hub.sim.certify.groups.webhooks import URL, A, at_url, ensure, verified
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop, secret_fields
from hub.sim.certify.stage import Stage
from hub.spec import Capability, Probe
from hub.spec.testing import Delivery, SwitchesOff

OTHER = f"{URL}-two"
NEW = "another-secret-than-before"


def scenarios() -> list[Scenario]:
    return [
        _made("remove", "after remove_webhooks nothing comes to the address", partial(removed, times=1)),
        _made("remove-again", "remove_webhooks again changes nothing", partial(removed, times=2)),
        _made("remove-none", "where there is nothing to remove, nothing happens", nothing_there),
        _made("remove-keeps-others", "the webhooks of another address stay", others_stay),
        _made("remove-then-ensure", "what was removed can be ensured again", back_again),
        _made("switched-off-is-told", "what the channel switched off is told, once", told_once),
        _made("new-secret", "after a new secret and ensure_webhooks, what is signed is taken", new_secret),
    ]


def _made(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"webhooks/{what}", Tier.SILVER, says, run, (Capability.RECEIVE_WEBHOOKS,))


async def remove(shop: Shop, url: str = URL) -> None:
    await shop.ask("remove_webhooks", shop.channel.remove_webhooks(url))


def sent(shop: Shop, url: str = URL) -> list[Delivery]:
    """What a sale sends to the address."""
    shop.simulator.take_deliveries()
    shop.sell({A: 1})
    return at_url(shop, url)


async def removed(stage: Stage, *, times: int) -> None:
    shop = await stage.open()
    await ensure(shop)
    for _ in range(times):
        await remove(shop)
    must(not sent(shop), flaws.GOES_ON_SENDING, "a sale sends webhooks to an address that was removed")


async def nothing_there(stage: Stage) -> None:
    shop = await stage.open()
    try:
        await remove(shop)
    except HubError as error:
        seen = f"there was nothing to remove, and remove_webhooks raised {type(error).__name__}"
        raise BrokenRuleError(flaws.GOES_ON_SENDING, seen) from error


async def others_stay(stage: Stage) -> None:
    shop = await stage.open()
    for url in (URL, OTHER):
        await ensure(shop, url)
    await remove(shop)
    must(bool(sent(shop, OTHER)), flaws.GOES_ON_SENDING, "webhooks of another address were removed as well")


async def back_again(stage: Stage) -> None:
    shop = await stage.open()
    await ensure(shop)
    await remove(shop)
    await ensure(shop)
    must(bool(sent(shop)), flaws.SUBSCRIBES_AGAIN, "removed and ensured, a sale sends no webhook")


async def told_once(stage: Stage) -> None:
    shop = await stage.open()
    if not isinstance(shop.simulator, SwitchesOff):
        untried("its simulator cannot switch webhooks off")
    fresh = await _mended(shop)
    shop.simulator.switch_off_webhooks()
    off, again = await _mended(shop), await _mended(shop)
    must(bool(off), flaws.HIDES_SWITCHED_OFF, "the channel switched webhooks off, and no probe is mended")
    seen = "a probe is mended although the channel switched nothing off"
    must(not fresh and not again, flaws.HIDES_SWITCHED_OFF, seen)


async def _mended(shop: Shop) -> list[Probe]:
    probes: list[Probe] = await shop.ask("ensure_webhooks", shop.channel.ensure_webhooks(URL))
    return [each for each in probes if each.mended and each.ok]


async def new_secret(stage: Stage) -> None:
    """Only where the hub gives the channel its secret: what ensure_webhooks then sends is signed with it."""
    names = secret_fields(stage.subject.connector)
    given = [name for name in names if await _is_given(stage, name)]
    if not given:
        untried("the channel makes the secret of its webhooks itself")
    shop = await stage.open()
    await ensure(shop)
    stage.reopen(shop, **dict.fromkeys(given, NEW))
    await ensure(shop)
    refused = [each for each in sent(shop) if not verified(shop, each)]
    must(not refused, flaws.REFUSED_WEBHOOK, "webhooks are signed with the secret from before")


async def _is_given(stage: Stage, name: str) -> bool:
    """Whether a shop that never knew another secret signs with this one."""
    shop = await stage.open()
    stage.reopen(shop, **{name: NEW})
    try:
        await ensure(shop)
    except HubError:
        return False
    deliveries = sent(shop)
    return bool(deliveries) and all(verified(shop, each) for each in deliveries)
