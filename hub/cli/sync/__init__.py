"""hub sync: what channels are told, and show; what waits for a person, and beyond what it does."""

import click

from hub.cli.sync.drift import drift, policy, settle
from hub.cli.sync.status import explain, goal, late, pause, resume, status
from hub.cli.sync.suspended import approve, dismiss, limits, suspended
from hub.cli.sync.write_backs import write_backs


@click.group()
def sync() -> None:
    """What channels are told, and what of it waits for a person."""


sync.add_command(status)
sync.add_command(late)
sync.add_command(explain)
sync.add_command(goal)
sync.add_command(pause)
sync.add_command(resume)
sync.add_command(suspended)
sync.add_command(approve)
sync.add_command(dismiss)
sync.add_command(limits)
sync.add_command(drift)
sync.add_command(settle)
sync.add_command(policy)
sync.add_command(write_backs)
