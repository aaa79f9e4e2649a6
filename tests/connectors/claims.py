"""What a connector's page claims of its quality, held against its certification."""

import re
from pathlib import Path

from hub.sim.certify import Tier, certified
from hub.sim.certify.paper import quality_table

ROOT = Path(__file__).parents[2]


def certified_as_claimed(kind: str) -> None:
    """The tier of its README is reached, and the table there is the one that certification writes."""
    page = (ROOT / "connectors" / kind / "README.md").read_text()
    claimed = re.search(r"^Tier: \*\*(\w+)\*\*$", page, re.MULTILINE)
    assert claimed, (
        f"connectors/{kind}/README.md claims no tier: hub connector certify {kind} --markdown writes it"
    )
    certificate = certified(kind, Tier[claimed[1].upper()])
    assert quality_table(certificate) in page, f"run: hub connector certify {kind} --markdown"
