"""hub sim chaos: a hub of its own under load, its parts killed and its channels misbehaving; then what must hold."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp

import click
import httpx
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hub.channels.context import HubContext, open_context
from hub.channels.opening import add_channel
from hub.cli.output import bold, json_option, print_json, print_table
from hub.cli.serving.demo import Stand, join
from hub.cli.serving.up import running_hub, with_free_port
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.kit.config import Config
from hub.kit.log import configure_logs
from hub.model.stock.locations import Location
from hub.sim.chaos.phone import Phone
from hub.sim.chaos.plan import Planned, plan_of
from hub.sim.chaos.town import USUAL, Pids, Town, let_it_happen, sell_all_once_more, settle, watch_waits
from hub.sim.chaos.verdict import Rule, Wait, judge
from hub.sim.find import find_simulator
from hub.sim.load import Load, LoadPlan, Sells
from hub.sim.serve import serve
from hub.sim.server import SimServer
from hub.spec.testing import SimItem
from hub.store.stock import locations, skus

STANDS = (
    Stand("woocommerce", "shop-one", "Shop one", 0, pull_every_s=5),
    Stand("woocommerce", "shop-two", "Shop two", 0, pull_every_s=5),
    Stand("square", "till", "Till", 0, "main", pull_every_s=5),
)
PHONE = "phone"
SHARES = {"shop-one": 0.4, "shop-two": 0.4, "till": 0.15, PHONE: 0.05}  # of all customers
GOODS = [SimItem(f"SKU-{n:02}", f"Thing {n}", Decimal("9.90"), 2_000) for n in range(40)]
LAST_ROUNDS = 4  # where there is time for them
GOAL_S = 30.0  # half the goal of a channel: a worker, the web or Valkey is back within it


class Outcome(Struct, frozen=True):
    seed: int
    seconds: float
    mishaps: list[Planned]
    orders: int
    longest_wait_s: float
    rules: list[Rule]

    @property
    def holds(self) -> bool:
        return all(rule.holds for rule in self.rules)


@click.command()
@click.option("--seconds", default=60, show_default=True, help="How long things go wrong, at least 10.")
@click.option("--seed", default=1, show_default=True, help="The same seed: the same mishaps and customers.")
@click.option("--per-minute", default=600.0, show_default=True, help="Customers a minute, over all channels.")
@click.option("--workers", default=2, show_default=True, help="How many workers to run.")
@json_option
def chaos(seconds: int, seed: int, per_minute: float, workers: int, *, as_json: bool) -> None:
    """Kill every part of a hub under load, let its channels misbehave, and see whether all is right in the end.

    It runs on a folder of its own, with simulated channels, and touches nothing of yours.
    """
    configure_logs(level=logging.CRITICAL)
    with Progress(*COLUMNS, console=Console(stderr=True)) as progress:
        shown = progress.add_task("starting a hub", total=seconds)

        def tell(words: str, at_s: float | None = None) -> None:
            progress.update(shown, description=words, completed=at_s)
            if at_s is not None and words:
                progress.console.print(f"{at_s:5.1f} s  {words}")

        outcome = asyncio.run(run_chaos(max(10, seconds), seed, per_minute, workers, tell=tell))
    if as_json:
        print_json(outcome)
    else:
        _show(outcome)
    raise SystemExit(0 if outcome.holds else 1)


COLUMNS = (TextColumn("{task.description:<40}"), BarColumn(), TimeElapsedColumn())
Tell = Callable[..., None]


async def run_chaos(
    seconds: float,
    seed: int,
    per_minute: float,
    workers: int,
    *,
    tell: Tell,
    worker_module: str = "hub",
    slack: float = 1.0,
) -> Outcome:
    """The whole story on throw-away servers; workers run `worker_module`, which is the hub's own for a sound one.

    `slack`: how many times longer all may take, on a machine that others use as well.
    """
    with _throw_away() as config:
        pids = Pids()
        async with AsyncExitStack() as stack:
            hub = running_hub(config, workers, asyncio.Event(), pids=pids, worker_module=worker_module)
            endpoints = await stack.enter_async_context(hub)
            ctx = await stack.enter_async_context(open_context(config, endpoints))
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=config.url, trust_env=False))
            sims = await stack.enter_async_context(
                serve([find_simulator(each.kind)(GOODS) for each in STANDS])
            )
            by_slug = {stand.slug: sim for stand, sim in zip(STANDS, sims, strict=True)}
            await _open(ctx, by_slug)
            town = Town(ctx, by_slug, Phone(client, PHONE), pids, workers)
            return await _story(town, seconds, seed, per_minute, tell, slack)


@contextmanager
def _throw_away() -> Iterator[Config]:
    folder = Path(mkdtemp(prefix="hub-chaos-"))
    folder.chmod(0o711)  # a server of another account must reach its files
    try:
        yield with_free_port(Config(folder=folder, port=0, url="http://127.0.0.1:0"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _open(ctx: HubContext, sims: Mapping[str, SimServer]) -> None:
    """Goods, channels and the phone, while everything still works; from then on the network is as networks are."""
    opening = [
        Adjustment(each.sku, "main", each.stock, "opening stock", each.sku, "receipt") for each in GOODS
    ]
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location("main", "Main")])
        await skus.put_skus(tx, [skus.Sku(each.sku, each.title) for each in GOODS], at=now())
        await adjust_stock(tx, opening, actor="chaos", at=now())
    await add_channel(ctx, kind="manual", slug=PHONE, name="Phone", settings={})
    for stand in STANDS:
        await join(ctx, stand, sims[stand.slug])
        sims[stand.slug].set_faults(USUAL)


async def _story(
    town: Town, seconds: float, seed: int, per_minute: float, tell: Tell, slack: float
) -> Outcome:
    plan = plan_of(seed, seconds)
    async with watch_waits(town.ctx, town.outages(plan)) as waits, asyncio.TaskGroup() as group:
        channels: Mapping[str, Sells] = {**town.sims, PHONE: town.phone}
        for number, (slug, share) in enumerate(SHARES.items()):
            visits = max(1, int(per_minute * share * seconds / 60))
            load = LoadPlan(seed=seed + number, visits=visits, per_minute=per_minute * share)
            group.create_task(Load(load, [item.sku for item in GOODS]).run(channels[slug]))
        await let_it_happen(town, plan, tell)
    tell("everything is sold once more")
    await sell_all_once_more(town, [item.sku for item in GOODS], max(1, min(LAST_ROUNDS, int(seconds / 10))))
    tell("calm again: waiting until all is told")
    await settle(town, slack)
    longest = Wait(waits.calm_s, slack * GOAL_S)
    rules = await judge(town.ctx, town.sims, {PHONE: town.phone.taken}, longest_wait=longest)
    return Outcome(seed, seconds, plan, rules[0].looked_at, round(waits.longest_s, 1), rules)


def _show(outcome: Outcome) -> None:
    rows = [
        [
            "holds" if rule.holds else "BROKEN",
            rule.name,
            f"{rule.looked_at:,} looked at",
            "; ".join(rule.wrong[:3]),
        ]
        for rule in outcome.rules
    ]
    print_table(["", "What must hold", "", "What does not"], rows)
    click.echo(
        f"\n{outcome.orders:,} orders, {len(outcome.mishaps)} mishaps; the longest wait {outcome.longest_wait_s} s."
    )
    if not outcome.holds:
        again = f"hub sim chaos --seconds {outcome.seconds:.0f} --seed {outcome.seed}"
        click.echo(f"The same mishaps again: {bold(again)}")
