"""hub check: refold the ledger and verify every law a query can verify."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from msgspec import Struct

from hub.channels.context import HubContext
from hub.cli.output import json_option, print_json, print_table
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.store.checks import Finding, Verdict, one_moment, run_checks

MARKS = {Verdict.KEPT: ("✓", "green"), Verdict.LATE: ("!", "yellow"), Verdict.BROKEN: ("✗", "red")}


class Report(Struct, frozen=True):
    """`ok` is true where no law is broken; what is only late does not count."""

    at: datetime
    ok: bool
    checks: list[Finding]


@click.command()
@click.option(
    "--late-after", default=60.0, show_default=True, metavar="SECONDS", help="How long a thing may wait."
)
@json_option
@in_hub
async def check(ctx: HubContext, *, late_after: float, as_json: bool) -> None:
    """Refold the ledger and verify every law a query can verify. Exit code 1 where one is broken."""
    at = now()
    async with one_moment(ctx.db) as tx:
        findings = await run_checks(tx, at=at, late_s=late_after)
    broken = [each for each in findings if each.verdict is Verdict.BROKEN]
    if as_json:
        print_json(Report(at, not broken, findings))
    else:
        _print(findings)
    if broken:
        sys.exit(1)


def _print(findings: Sequence[Finding]) -> None:
    for each in findings:
        mark, color = MARKS[each.verdict]
        compared = ", ".join(f"{count:,} {_words(name, count)}" for name, count in each.compared.items())
        click.echo(
            f"{click.style(mark, fg=color)} {each.name}: {compared}  {click.style(each.law, dim=True)}"
        )
        if each.rows:
            _print_rows(each)
    count = {verdict: sum(each.verdict is verdict for each in findings) for verdict in Verdict}
    late = f", {count[Verdict.LATE]} late" if count[Verdict.LATE] else ""
    said = "No law is broken" if not count[Verdict.BROKEN] else f"{count[Verdict.BROKEN]} broken"
    click.echo(f"\n{said}: {count[Verdict.KEPT]} of {len(findings)} checks hold{late}.")


def _words(name: str, count: int) -> str:
    return name.removesuffix("s") if count == 1 and " " not in name else name


def _print_rows(finding: Finding) -> None:
    columns = [("" if isinstance(value, str) else ">") + name for name, value in finding.rows[0].items()]
    print_table(["", *columns], [["   ", *map(_cell, row.values())] for row in finding.rows])
    if finding.more:
        click.echo(f"    … and more; the first {len(finding.rows)} are shown")


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
