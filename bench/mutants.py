"""Whether chaos notices: the same mishaps for a sound hub, and for one without lock, version check, sweep or read-back.

Run it: python -m bench.mutants [--seconds 60] [--seeds 3]. How to read it: bench/README.md.
"""

import asyncio
import logging
import os

import click
from msgspec import Struct

from bench import report
from bench.mutant import MUTANTS
from bench.report import Line
from hub.cli.serving.chaos import Outcome, run_chaos
from hub.kit.log import configure_logs

SOUND = "sound"
WORKERS = 2


class Run(Struct, frozen=True):
    """`broke`: what did not hold in the end, empty where chaos saw nothing wrong."""

    mutant: str
    seed: int
    orders: int
    broke: list[str]

    @property
    def is_as_it_must_be(self) -> bool:
        return bool(self.broke) is (self.mutant != SOUND)


@click.command()
@click.option("--seconds", default=60, show_default=True, help="How long things go wrong, in each run.")
@click.option("--seeds", default=1, show_default=True, help="Runs of each, with other mishaps.")
@click.option("--per-minute", default=600.0, show_default=True, help="Customers a minute, over all channels.")
@click.option("--only", multiple=True, type=click.Choice([SOUND, *MUTANTS]), help="Leave out all others.")
def main(seconds: int, seeds: int, per_minute: float, only: tuple[str, ...]) -> None:
    """Run chaos on a sound hub and on each mutant; exit code 1 where one passes, or the sound one fails."""
    configure_logs(level=logging.CRITICAL)
    turns = [(name, seed) for seed in range(1, seeds + 1) for name in only or (SOUND, *MUTANTS)]
    runs: list[Run] = []
    with report.progress() as progress:
        shown = progress.add_task("chaos", total=len(turns))
        for name, seed in turns:
            progress.update(shown, description=f"{name}, seed {seed}")
            runs.append(_run(name, seed, seconds, per_minute))
            progress.console.print(runs[-1])
            progress.advance(shown)
    facts = {"bench": "mutants", "seconds": seconds, "per_minute": per_minute, "runs": runs}
    report.show("Does chaos notice?", [_line(each) for each in runs], facts)
    raise SystemExit(0 if all(each.is_as_it_must_be for each in runs) else 1)


def _run(name: str, seed: int, seconds: int, per_minute: float) -> Run:
    os.environ["MUTANT"] = name
    module = "hub" if name == SOUND else "bench.mutant"
    told = run_chaos(seconds, seed, per_minute, WORKERS, tell=lambda *_: None, worker_module=module)
    outcome: Outcome = asyncio.run(told)
    broke = [f"{rule.name}: {'; '.join(rule.wrong[:2])}" for rule in outcome.rules if not rule.holds]
    return Run(name, seed, outcome.orders, broke)


def _line(run: Run) -> Line:
    what = "the hub itself" if run.mutant == SOUND else f"without its {run.mutant}"
    verdict = "as it must be" if run.is_as_it_must_be else "MISSED"
    return Line(
        f"{what}, seed {run.seed}", f"{run.orders:,} orders", "\n".join(run.broke) or "all holds", "", verdict
    )


if __name__ == "__main__":
    main()
