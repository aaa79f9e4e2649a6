"""hub connector: write one, try it, certify it."""

import importlib

import click
from typing_extensions import override

_COMMANDS = {
    "new": ("hub.cli.connector.new", "new", "Begin a connector: a package that runs at once."),
    "dev": ("hub.cli.connector.dev", "dev", "See orders arrive while you edit it."),
    "record": ("hub.cli.connector.record", "record", "Record orders of an account as files, redacted."),
    "certify": ("hub.cli.connector.certify", "certify", "Try it in hundreds of ways, and say its tier."),
    "docs": ("hub.cli.connector.docs", "docs", "Say what each capability asks for."),
    "list": (
        "hub.cli.connector.listing",
        "list_connectors",
        "List the kinds there are, and what each can do.",
    ),
}


class Commands(click.Group):
    """Imports a command only to run it."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, _, about) in _COMMANDS.items()])


@click.command(cls=Commands)
def connector() -> None:
    """Write a connector: begin one, see it work, certify it."""
