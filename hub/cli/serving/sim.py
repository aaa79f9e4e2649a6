"""hub sim: a channel to try things with, served over real HTTP; no account anywhere."""

import asyncio
import contextlib
import shlex
from collections.abc import Sequence

import click
from msgspec import Struct
from msgspec.structs import replace

from hub.cli.output import bold, json_option, print_json, print_table
from hub.cli.serving.chaos import chaos
from hub.cli.settings import read_pairs
from hub.sim.find import find_simulator, simulated_kinds
from hub.sim.load import LoadPlan
from hub.sim.profiles import NAMED, behavior_of, played_by
from hub.sim.serve import run_sim
from hub.sim.server import SimServer
from hub.spec.testing import PlaysProfile


class Simulated(Struct, frozen=True):
    """A kind, the quirks its simulator plays, and the profiles made of these."""

    kind: str
    plays: list[str]
    profiles: list[str]


@click.group()
def sim() -> None:
    """Serve a simulated channel."""


sim.add_command(chaos)


@sim.command()
@click.argument("kind")
@click.option("--port", default=0, help="Where it listens, on this machine only; without it, any free port.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME",
    help=f"How it behaves: {', '.join(NAMED)}; repeat it, the later one on top.",
)
@click.option(
    "--quirk", "quirks", multiple=True, metavar="NAME=VALUE", help="One quirk by itself; repeat it."
)
@click.option("--seed", default=1, show_default=True, help="The same seed: the same customers and faults.")
@click.option("--per-minute", default=0.0, help="Customers a minute who buy; without it, nobody does.")
def up(
    kind: str, port: int, profiles: Sequence[str], quirks: Sequence[str], seed: int, per_minute: float
) -> None:
    """Simulate a channel of this KIND with the demo catalog, until Ctrl-C. `hub sim list` shows what there is."""
    behavior = behavior_of(profiles, read_pairs(quirks, "--quirk"))
    behavior = replace(behavior, faults=replace(behavior.faults, seed=seed))
    load = LoadPlan(seed=seed, per_minute=per_minute) if per_minute else None
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_sim(kind, port=port, behavior=behavior, load=load, ready=_welcome))
    click.echo("\nstopped; a simulated channel keeps nothing")


@sim.command("list")
@json_option
def list_kinds(*, as_json: bool) -> None:
    """List the kinds that can be simulated, and the profiles by which they behave."""
    kinds = [
        Simulated(kind, sorted(plays), played_by(plays))
        for kind in simulated_kinds()
        for plays in [_plays(kind)]
    ]
    if as_json:
        print_json({"items": kinds, "profiles": NAMED})
        return
    for each in kinds:
        click.echo(f"{bold(each.kind)} plays {', '.join(each.profiles)}; quirks: {', '.join(each.plays)}")
    click.echo()
    print_table(("Profile", "What it does"), ((name, each.about) for name, each in NAMED.items()))


def _plays(kind: str) -> frozenset[str]:
    simulator = find_simulator(kind)(())
    return simulator.plays if isinstance(simulator, PlaysProfile) else frozenset()


def _welcome(server: SimServer) -> None:
    kind = server.simulator.kind
    slug = f"sim-{kind.replace('_', '-')}"
    settings = [f"--set {shlex.quote(f'{name}={value}')}" for name, value in server.settings().items()]
    click.echo(f"{bold(kind)} is simulated at {server.url}  (Ctrl-C stops it)\n")
    click.echo("Join it from another terminal:")
    click.echo("  " + " \\\n    ".join([f"hub channel add {kind} {slug}", *settings]))
    click.echo(f"\nSee what it shows: {server.url}/_sim")
