"""hub web: the desk, the API and the webhooks, in one process."""

import os

import click

from hub.cli.serving.processes import end_with_parent, endpoints_of
from hub.kit.config import read_config
from hub.kit.log import configure_logs
from hub.web.address import read_api_key
from hub.web.serve import run


@click.command()
def web() -> None:
    """Serve the desk, the API and the webhooks: one process; run as many as you like."""
    end_with_parent()
    configure_logs()
    config = read_config(os.environ)
    run(config, endpoints_of(config), api_key=read_api_key(os.environ))
