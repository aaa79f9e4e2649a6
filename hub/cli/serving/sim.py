"""hub sim: a channel to try things with, served over real HTTP; no account anywhere."""

import asyncio
import contextlib
import shlex

import click

from hub.cli.output import bold
from hub.sim.serve import run_sim
from hub.sim.server import SimServer


@click.group()
def sim() -> None:
    """Serve a simulated channel."""


@sim.command()
@click.argument("kind")
@click.option("--port", default=0, help="Where it listens, on this machine only; without it, any free port.")
def up(kind: str, port: int) -> None:
    """Simulate a channel of this KIND with the demo catalog, until Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_sim(kind, port=port, ready=_welcome))
    click.echo("\nstopped; a simulated channel keeps nothing")


def _welcome(server: SimServer) -> None:
    kind = server.simulator.kind
    settings = [f"--set {shlex.quote(f'{name}={value}')}" for name, value in server.settings().items()]
    click.echo(f"{bold(kind)} is simulated at {server.url}  (Ctrl-C stops it)\n")
    click.echo("Join it from another terminal:")
    click.echo("  " + " \\\n    ".join([f"hub channel add {kind} sim-{kind}", *settings]))
    click.echo(f"\nSee what it shows: {server.url}/_sim")
