"""Certification as one line of a connector's tests."""

import asyncio
from pathlib import Path

from msgspec.structs import replace

from hub.sim.certify.paper import text_of
from hub.sim.certify.report import Certificate
from hub.sim.certify.run import Wish, certify
from hub.sim.certify.scenario import Tier
from hub.sim.certify.subject import subject_for, subject_of
from hub.spec import Connector
from hub.spec.testing import NewSimulator


def certified(
    target: str | Connector,
    tier: Tier = Tier.BRONZE,
    *,
    seed: int = 1,
    only: str = "",
    recordings: Path | None = None,
    simulator: NewSimulator | None = None,
) -> Certificate:
    """Certify a kind, a project's folder or a connector object; AssertionError names each flaw with its replay.

    All of Gold is tried, whatever tier must be reached.
    """
    found = subject_of(target, recordings) if isinstance(target, str) else subject_for(target, recordings)
    subject = replace(found, new_simulator=simulator) if simulator else found
    certificate = asyncio.run(certify(subject, Wish(seed, max(tier, Tier.GOLD), only)))
    if not certificate.reaches(tier):
        raise AssertionError(text_of(certificate))
    return certificate
