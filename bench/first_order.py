"""From a scaffold to its first order on the desk, as a stranger goes: every command is typed, nothing is imported.

Run it: python -m bench.first_order [--wheels FOLDER]. How to read it: bench/README.md.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import monotonic
from urllib.request import urlopen

import click

from bench import report
from bench.report import Line
from bench.stranger import Stranger, line_that_joins, settled, wait

KIND = "corner_shop"
GOAL_S = 60


@click.command()
@click.option(
    "--wheels",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Everything of requirements.lock, downloaded; without it, packages are lent.",
)
def main(wheels: Path | None) -> None:
    """Measure how long a machine takes from `hub connector new` to the first order on the desk."""
    begun = monotonic()
    with settled(sorted(wheels.glob("*.whl")) if wheels else ()) as stranger:
        environment_s = monotonic() - begun
        before_s = used_s()
        parts = dict(steps(stranger))
    cpu_s = used_s() - before_s
    total_s = sum(parts.values())
    lines = [Line(name, f"{took_s:.1f} s") for name, took_s in parts.items()]
    verdict = "within the goal" if total_s <= GOAL_S else "too long"
    lines.append(Line("in all", f"{total_s:.1f} s", f"goal: {GOAL_S} s", f"{total_s / GOAL_S:.2f}", verdict))
    lines.append(Line("of the processors", f"{cpu_s:.1f} s"))
    lines.append(Line("before: the hub in a clean environment", f"{environment_s:.1f} s"))
    facts = {
        "bench": "first_order",
        "parts_s": {name: round(took_s, 2) for name, took_s in parts.items()},
        "total_s": round(total_s, 2),
        "cpu_s": round(cpu_s, 2),
        "environment_s": round(environment_s, 2),
        "lent": wheels is None,
    }
    report.show("From a scaffold to its first order on the desk", lines, facts)


def steps(stranger: Stranger, kind: str = KIND) -> Iterator[tuple[str, float]]:
    """Each step and how long it took; all it started has ended when the last one was asked for."""
    with ExitStack() as terminals:
        begun = monotonic()
        for name in _go(stranger, kind, terminals):
            yield name, monotonic() - begun
            begun = monotonic()


def _go(stranger: Stranger, kind: str, terminals: ExitStack) -> Iterator[str]:
    stranger.types(f"hub connector new {kind}")
    yield "hub connector new"
    stranger.types(f"pip install --no-deps ./hub-{kind.replace('_', '-')}")
    yield "pip install"
    stranger.types("hub connector list")
    yield "hub connector list"
    terminals.enter_context(stranger.leaves_running("hub up", until="Ctrl-C stops everything."))
    yield "hub up"
    buying = stranger.leaves_running(f"hub sim up {kind} --per-minute 60", until="See what it shows")
    said = terminals.enter_context(buying)
    yield "hub sim up"
    stranger.types(line_that_joins(said))
    yield "hub channel add"
    desk = f"http://127.0.0.1:{stranger.port}/orders"
    wait(lambda: 'id="order-' in _page(desk), "an order is on the desk")
    yield "on the desk"


def _page(url: str) -> str:
    with urlopen(url) as answer:
        return str(answer.read().decode())


def used_s() -> float:
    """Of the processors, by programs that have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
