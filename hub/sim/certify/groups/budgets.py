"""Budgets: every call is counted, none goes out above the limit, and none after the channel said to wait."""

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from hub.channels.buckets import Ask, Bucket, take_all
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.groups.trouble import CALLS
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop, secret_fields
from hub.sim.certify.stage import Stage, sku_of
from hub.sim.certify.targets import targets_for
from hub.sim.quota import Quota
from hub.spec import Account, Budget, Capability, RetryLaterError
from hub.spec.config import read_settings, write_settings
from hub.spec.testing import PlaysProfile, Profile, SimReply, SimRequest

TICK_S = 0.001  # what the scenario's clock is moved by, at least
CALLS_MAX = 600  # of one trial
SAID = SimReply(429, b"{}", {"retry-after": "7"})


def scenarios() -> list[Scenario]:
    return [
        _made("every-call-counts", "each call is of a budget, where there are any", counted),
        _made("never-above", "no window ever holds more calls than the channel answers", never_above),
        _made("stops-when-told", "after a 429 nothing more goes out in that call", stops_when_told),
        Scenario(
            "budgets/one-account",
            Tier.SILVER,
            "the same settings are one account, and other ones another",
            one_account,
            (Capability.NAME_ACCOUNT,),
        ),
    ]


def _made(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"budgets/{what}", Tier.SILVER, says, run)


async def counted(stage: Stage) -> None:
    budgets = stage.manifest.budgets
    if not (budgets and stage.has_network):
        untried("it declares no budgets")
    shop = await stage.open()
    shop.sell(dict.fromkeys(list(shop.simulator.stock())[:2], 1))
    shop.pass_time(5)
    for needs, _, act in CALLS.values():
        if shop.can(needs):
            await act(shop)
    free = sorted(
        {
            f"{method} {path}"
            for method, path, _ in shop.http.asked
            if not any(each.weight_of(method, path) for each in budgets)
        }
    )
    must(not free, flaws.FREE_CALL, f"{free[:3]} spend nothing of any budget")


class Keeper:
    """Lets calls out as the hub does, on the scenario's clock, and counts what each window got."""

    def __init__(self, shop: Shop, budgets: Sequence[Budget]) -> None:
        self.above: str = ""
        self.count = 0
        self._shop = shop
        self._budgets = budgets
        self._buckets = [Bucket(each.capacity, shop.at.timestamp()) for each in budgets]
        self._sent: list[deque[tuple[float, int]]] = [deque() for _ in budgets]
        self._quota = Quota(quota_of(shop))

    def __call__(self, method: str, path: str) -> None:
        weights = [each.weight_of(method, path) for each in self._budgets]
        asks = [
            Ask(each.name, each.capacity, each.refill_per_s, weight)
            for each, weight in zip(self._budgets, weights, strict=True)
        ]
        while wait := take_all(self._buckets, asks, self._shop.at.timestamp()):
            self._shop.pass_time(max(wait, TICK_S))
        self.count += 1
        if self._quota.take(self._shop.channel_clock()):
            self.above = self.above or f"the channel refuses call {self.count}: {method} {path}"
        for budget, sent, weight in zip(self._budgets, self._sent, weights, strict=True):
            self._note(budget, sent, weight, self._shop.at)

    def _note(self, budget: Budget, sent: deque[tuple[float, int]], weight: int, at: datetime) -> None:
        now = at.timestamp()
        sent.append((now, weight))
        while sent[0][0] <= now - budget.window_s:
            sent.popleft()
        spent, most = sum(each for _, each in sent), budget.limit + (budget.burst if budget.is_bucket else 0)
        if spent > most:
            self.above = self.above or f"budget {budget.name!r}: {spent} units in {budget.window_s:g} s"


def quota_of(shop: Shop) -> Profile:
    """What the vendor answers in a window, by the habits of its simulator; as much as comes where it has none."""
    return shop.simulator.profile if isinstance(shop.simulator, PlaysProfile) else Profile()


async def never_above(stage: Stage) -> None:
    budgets = stage.manifest.budgets
    if not (budgets and stage.has_network):
        untried("it declares no budgets")
    shop = await _ready(stage)
    keeper = Keeper(shop, budgets)
    shop.http.before = keeper
    wanted = min(CALLS_MAX, 2 * max(each.limit for each in budgets))
    while keeper.count < wanted and not keeper.above:
        for needs, _, act in CALLS.values():
            if shop.can(needs):
                await act(shop)
    must(not keeper.above, flaws.ABOVE_LIMIT, keeper.above)


async def stops_when_told(stage: Stage) -> None:
    """Each call is made while all is well, then with a 429 at each of its requests in turn."""
    if not stage.has_network:
        untried("there is no other side")
    for name, (needs, _, act) in CALLS.items():
        if needs not in stage.manifest.capabilities:
            continue
        shop = await _ready(stage)
        await act(shop)
        before = len(shop.http.asked)
        await act(shop)
        for well in range(len(shop.http.asked) - before):
            more = await _sent_when_told(shop, name, well)
            seen = f"{name}: told to wait at its request {well + 1}, it sent {', '.join(more[:2])}"
            must(not more, flaws.ABOVE_LIMIT, seen)


async def _ready(stage: Stage) -> Shop:
    shop = await stage.open()
    shop.sell({sku_of(1): 1}, {sku_of(2): 1})
    shop.pass_time(5)
    await targets_for(shop, {sku_of(1): 1})
    return shop


async def _sent_when_told(shop: Shop, name: str, well: int) -> list[str]:
    """What went out after the first 429, where so many requests went well; to send that one again is another flaw."""
    shop.pass_time(5)
    before = len(shop.http.asked)

    def told(_: SimRequest) -> bool:
        return len(shop.http.asked) - before > well

    shop.road.troubles[:] = [Trouble(SAID, fits=told)]
    with suppress(RetryLaterError):
        await CALLS[name][2](shop)
    shop.road.troubles.clear()
    sent = shop.http.asked[before + well :]
    return [f"{each[0]} {each[1]}" for each in sent if each != sent[0]]


async def one_account(stage: Stage) -> None:
    """Other ones: with another address and other secrets."""
    shop = stage.offline()
    apart = {"base_url", *secret_fields(shop.connector)}
    other = {name: f"{text}x" if name in apart else text for name, text in shop.settings.items()}
    first, same, another = (_account(shop, each) for each in (shop.settings, shop.settings, other))
    must(bool(first.limits) and first == same, flaws.MANIFEST, "account_of knows it by something else")
    must(first.limits != another.limits, flaws.MANIFEST, "account_of takes another account for the same")


def _account(shop: Shop, settings: Mapping[str, str]) -> Account:
    kind = shop.connector.config_type
    config = read_settings(kind, write_settings(kind, settings))
    account: Account = shop.connector.account_of(config)  # type: ignore[attr-defined]
    return account
