"""hub connector: write one, try it, certify it."""

import click

from hub.cli.connector.certify import certify


@click.group()
def connector() -> None:
    """Write a connector: begin one, see it work, certify it."""


connector.add_command(certify)
