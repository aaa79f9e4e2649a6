"""The certificate on paper: plain text for a terminal or a test's failure, one HTML file to keep or to print."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from hub.sim.certify.report import TIERS, UNDECLARED, Certificate, Group, Verdict
from hub.sim.certify.suite import GROUPS

SHOWN_MAX = 3  # scenarios of a flaw that are told in full; the rest is named
NOT_DECLARED = "not declared"
_PAGES = Environment(
    autoescape=True, loader=FileSystemLoader(Path(__file__).parent), trim_blocks=True, lstrip_blocks=True
)


def headline(certificate: Certificate) -> str:
    """Acme (acme, API v1): Silver; or what of the asked scenarios was kept."""
    name = f"{certificate.title} ({certificate.kind}, API {certificate.api_version})"
    if certificate.partial:
        return f"{name}: {certificate.count('kept')} of {len(certificate.verdicts)} kept"
    return f"{name}: {certificate.tier.title if certificate.tier else 'no tier'}"


def in_numbers(certificate: Certificate) -> str:
    kept, broken, untried = (certificate.count(each) for each in ("kept", "broken", "not tried"))
    tried = f"{kept + broken} scenarios, {broken} broken, {untried} not tried"
    return f"{tried}, seed {certificate.seed}, {certificate.took_s:.1f} s"


def next_tier(certificate: Certificate) -> str:
    """What stands between it and the tier above; empty where nothing is above, or no tier was asked for."""
    above = next((each for each in TIERS if each > certificate.tier), None)
    if certificate.partial or above is None:
        return ""
    missing = certificate.lacks(above)
    lacks = [f"it has no {', '.join(missing)}"] if missing else []
    broken = sum(each.tier == above for each in certificate.broken)
    if broken:
        lacks.insert(0, f"{broken} of its rules {'is' if broken == 1 else 'are'} broken")
    if not lacks and above > certificate.tried_to:
        lacks = [f"it was not tried: add --tier {above.name.lower()}"]
    return f"{above.title}: {'; '.join(lacks)}" if lacks else ""


def text_of(certificate: Certificate) -> str:
    """All that a person needs to mend it, without colors."""
    lines = [headline(certificate), in_numbers(certificate)]
    for flaw, verdicts in certificate.flaws.items():
        lines += [
            "",
            f"{flaw.name}, in {in_scenarios(verdicts)}",
            f"  rule  {flaw.rule}",
            f"  mend  {flaw.remedy}",
        ]
        for verdict in verdicts[:SHOWN_MAX]:
            lines += [f"  {verdict.name}: {verdict.seen}", f"    {certificate.command(verdict)}"]
        lines += more(verdicts)
    if above := next_tier(certificate):
        lines += ["", f"not {above}"]
    return "\n".join(lines)


def in_scenarios(verdicts: Sequence[Verdict]) -> str:
    return f"{len(verdicts)} scenario{'' if len(verdicts) == 1 else 's'}"


def more(verdicts: Sequence[Verdict]) -> list[str]:
    rest = verdicts[SHOWN_MAX:]
    return [f"  and {len(rest)} more: {', '.join(each.name for each in rest)}"] if rest else []


def quality_table(certificate: Certificate) -> str:
    """The table of a connector's README: its tier, of each group whether its rules are kept, and what it lacks."""
    states = {each.name: _state(certificate, each) for each in certificate.groups}
    lacking = [name for name, state in states.items() if state == NOT_DECLARED]
    lines = [f"Tier: **{certificate.tier.title}**", "", "| Group | Rule | State |", "|---|---|---|"]
    lines += [
        f"| {name} | {GROUPS[name]} | {state} |" for name, state in states.items() if name not in lacking
    ]
    if lacking:
        lines += ["", f"Not declared: {', '.join(lacking)}."]
    return "\n".join(lines)


def _state(certificate: Certificate, group: Group) -> str:
    """Kept, broken, or why nothing of it was tried."""
    if group.broken:
        return "broken"
    if group.kept:
        return "kept"
    reasons = [each.seen for each in certificate.verdicts if each.group == group.name]
    return NOT_DECLARED if all(UNDECLARED in each for each in reasons) else reasons[0]


def html_of(certificate: Certificate) -> str:
    """One file, complete in itself: it can be sent, kept and printed."""
    return _PAGES.get_template("certificate.html").render(
        certificate=certificate,
        headline=headline(certificate),
        numbers=in_numbers(certificate),
        above=next_tier(certificate),
        in_scenarios=in_scenarios,
        tiers=[(each, certificate.tier >= each) for each in TIERS],
    )
