"""A connector outside the tree works with nothing but pip: wheels, a clean environment, and commands that are typed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import first_order
from bench.stranger import ROOT, Stranger, settled
from tests.docs.steps import steps_of

GUIDE = (ROOT / "docs/connector-author.md").read_text()
JOINING = GUIDE[
    GUIDE.index("### 6. Join your hub") : GUIDE.index("paste it, and the first order is on the desk")
]


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    with settled() as somebody:
        yield somebody


def test_a_scaffold_takes_its_first_order_within_a_minute_and_is_certified_where_it_is_installed(
    stranger: Stranger,
):
    """A minute of the processors: how long somebody waits says more about who else uses the machine."""
    before_s = first_order.used_s()
    assert [name for name, _ in first_order.steps(stranger)][-1] == "on the desk"
    assert first_order.used_s() - before_s < first_order.GOAL_S
    assert [line for line in in_the_guide() if line not in stranger.typed] == []
    listed = json.loads(stranger.types("hub connector list --json"))["items"]
    assert ("corner_shop", "hub-corner-shop") in [(each["kind"], each["package"]) for each in listed]
    certified = json.loads(stranger.types("hub connector certify corner_shop --tier bronze --json"))
    assert (certified["tier"], certified["broken"]) == ("bronze", [])


def in_the_guide() -> list[str]:
    """What it asks to type up to the first order, for another kind."""
    lines = [line for step in steps_of(JOINING) for line in step.lines]
    return [
        line.replace("hub-bookstall", "hub-corner-shop").replace("bookstall", "corner_shop") for line in lines
    ]


def test_the_guide_and_the_reference_come_with_the_wheel(stranger: Stranger):
    [guide] = re.findall(r"The guide: (\S+)", stranger.types("hub connector docs"))
    assert guide.startswith(f"{stranger.environment}/lib")
    assert Path(guide).with_name("reference").joinpath("border.md").exists()
