"""hub connector certify: hundreds of trials, a tier, and one line that shows each failure again."""

import asyncio
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from hub.cli.output import print_json, terminal
from hub.sim.certify import Certificate, Tier, Verdict, Wish, subject_of
from hub.sim.certify import certify as certify_subject
from hub.sim.certify.flaws import Flaw
from hub.sim.certify.paper import (
    SHOWN_MAX,
    headline,
    html_of,
    in_numbers,
    in_scenarios,
    more,
    next_tier,
    quality_table,
)
from hub.sim.certify.report import Group
from hub.sim.certify.shop import Subject

TIERS = [each.name.lower() for each in Tier if each]


@click.command()
@click.argument("connector")
@click.option("--seed", default=1, show_default=True, help="The same seed tries the same, down to the byte.")
@click.option("--tier", type=click.Choice(TIERS), help="The tier to reach. Without it, all of Gold is tried.")
@click.option(
    "--only", default="", metavar="NAME", help="A scenario or a group, such as paging or stock/5-3-5."
)
@click.option(
    "--recordings",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Files as the channel sent them.",
)
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file."
)
@click.option("--open", "open_it", is_flag=True, help="Open that file in your browser.")
@click.option("--markdown", is_flag=True, help="Write the quality table for a README.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead of a table.")
def certify(
    connector: str,
    seed: int,
    tier: str | None,
    only: str,
    recordings: Path | None,
    html: Path | None,
    *,
    open_it: bool,
    markdown: bool,
    as_json: bool,
) -> None:
    """Try a connector against its simulator, with real HTTP, and say its tier.

    CONNECTOR is a kind, such as woocommerce, or the folder of a project, such as ./hub-acme. The exit code is 1
    where a rule is broken, or the tier asked for is not reached.
    """
    asked = Tier[tier.upper()] if tier else None
    subject = subject_of(connector, recordings)
    certificate = _run(subject, Wish(seed, asked or Tier.GOLD, only))
    if html:
        html.write_text(html_of(certificate), encoding="utf-8")
    if as_json:
        print_json(_as_json(certificate))
    elif markdown:
        click.echo(quality_table(certificate))
    else:
        _show(certificate, html)
    if html and open_it:
        webbrowser.open(html.absolute().as_uri())
    if certificate.broken or (asked and not certificate.reaches(asked)):
        sys.exit(1)


def _run(subject: Subject, wish: Wish) -> Certificate:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("certifying", total=None)

        def said(verdict: Verdict, of: int) -> None:
            bar.update(task, total=of, advance=1, description=verdict.group)

        return asyncio.run(certify_subject(subject, wish, said))


def _as_json(certificate: Certificate) -> dict[str, object]:
    return {
        "kind": certificate.kind,
        "api_version": certificate.api_version,
        "tier": certificate.tier.name.lower(),
        "seed": certificate.seed,
        "capabilities": certificate.capabilities,
        "took_s": round(certificate.took_s, 2),
        "broken": [
            {
                "scenario": each.name,
                "flaw": each.flaw and each.flaw.name,
                "seen": each.seen,
                "again": certificate.command(each),
            }
            for each in certificate.broken
        ],
        "items": [
            {
                "scenario": each.name,
                "tier": each.tier.name.lower(),
                "outcome": each.outcome,
                "seen": each.seen,
            }
            for each in certificate.verdicts
        ],
    }


def _show(certificate: Certificate, html: Path | None) -> None:
    console = terminal()
    console.print(Text(headline(certificate), style="bold"))
    console.print(Text(in_numbers(certificate), style="dim"))
    console.print()
    console.print(_groups(certificate.groups))
    for flaw, verdicts in certificate.flaws.items():
        _show_flaw(console, certificate, flaw, verdicts)
    _show_untried(console, certificate)
    for each in certificate.remarks:
        line = Text.assemble(("\n! ", "yellow"), (each.name, "bold"), f"  {each.seen}")
        console.print(line, soft_wrap=True)
    if above := next_tier(certificate):
        console.print(Text(f"\nnot {above}"))
    if html:
        console.print(Text(f"\nreport: {html}", style="dim"))


def _groups(groups: list[Group]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Group")
    for title in ("Kept", "Broken", "Not tried"):
        table.add_column(title, justify="right")
    for each in groups:
        broken = Text(str(each.broken), style="red" if each.broken else "dim")
        table.add_row(
            each.name, Text(str(each.kept), style="green"), broken, Text(str(each.not_tried), style="dim")
        )
    return table


def _show_untried(console: Console, certificate: Certificate) -> None:
    if certificate.untried:
        console.print(Text("\nNot tried", style="bold"))
    for reason, count in certificate.untried:
        console.print(Text(f"{count:>4}  {reason}", style="dim"), soft_wrap=True)


def _show_flaw(console: Console, certificate: Certificate, flaw: Flaw, verdicts: Sequence[Verdict]) -> None:
    console.print()
    console.print(Text.assemble(("✗ ", "red"), (flaw.name, "bold red"), f"  in {in_scenarios(verdicts)}"))
    for name, said in (("rule", flaw.rule), ("mend", flaw.remedy)):
        console.print(Text.assemble((f"  {name}  ", "dim"), said), soft_wrap=True)
    for verdict in verdicts[:SHOWN_MAX]:
        console.print(Text.assemble("  ", (verdict.name, "bold"), f"  {verdict.seen}"), soft_wrap=True)
        console.print(Text(f"    {certificate.command(verdict)}", style="dim"), soft_wrap=True)
    for line in more(verdicts):
        console.print(Text(line, style="dim"), soft_wrap=True)
