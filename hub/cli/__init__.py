"""The command `hub`. Each group loads when it is used, so that `hub --help` answers at once."""

import importlib
import sys
from keyword import iskeyword

import click
from typing_extensions import override

from hub import __version__
from hub.model.errors import HubError

_GROUPS = {
    "up": ("hub.cli.serving.up", "Start everything: servers, migrations, web and worker."),
    "demo": ("hub.cli.serving.demo", "Start a hub with simulated channels, and watch orders flow."),
    "web": ("hub.cli.serving.web", "Serve the desk, the API and the webhooks."),
    "work": ("hub.cli.serving.work", "Run one worker."),
    "migrate": ("hub.cli.serving.up", "Bring the database to this version's tables."),
    "channel": ("hub.cli.channel", "Join channels, test them, pull their orders."),
    "notifier": ("hub.cli.notifier", "Say whom the hub tells when nobody is looking."),
    "exporter": ("hub.cli.exporter", "Write orders and stock out for other programs."),
    "observer": ("hub.cli.observer", "Tell other programs what happens."),
    "carrier": ("hub.cli.carrier", "List carriers, and find the page of a parcel."),
    "sku": ("hub.cli.stock.sku", "Add SKUs, one by one or from what a channel offers."),
    "product": ("hub.cli.stock.product", "SKUs that are one thing in several variants."),
    "location": ("hub.cli.stock.location", "The places that hold stock."),
    "listing": ("hub.cli.stock.listing", "See what channels offer, and match it to SKUs."),
    "order": ("hub.cli.orders.order", "List, show and enter orders."),
    "pick": ("hub.cli.orders.pick", "Pick lists: what is promised, in the order of the shelves."),
    "pickup": ("hub.cli.fulfillment.pickup", "Orders that customers collect: ready, collected, given back."),
    "hold": ("hub.cli.orders.hold", "Keep orders back until somebody has looked."),
    "customer": ("hub.cli.orders.customer", "Know customers across channels: note, tag, block, merge."),
    "field": ("hub.cli.orders.field", "Define fields of your own on orders."),
    "rule": ("hub.cli.orders.rule", "Write rules for orders: hold, approve, tag, send from, tell."),
    "review": ("hub.cli.orders.review", "Say which orders wait for a look before they go on."),
    "parcel": ("hub.cli.orders.parcel", "Parcels that left: many at once, and what becomes of them."),
    "payment": ("hub.cli.orders.payment", "What was paid for orders, and what was given back."),
    "rma": ("hub.cli.orders.rma", "Returns as documents: ask, approve, receive, inspect, settle."),
    "return": ("hub.cli.orders.returns", "Take shipped goods back: restock, scrap, or look first."),
    "stock": ("hub.cli.stock.stock", "Show, receive and adjust stock."),
    "bundle": ("hub.cli.stock.bundle", "SKUs that are sold as one and lie on the shelf as their parts."),
    "kit": ("hub.cli.stock.kit", "SKUs that are assembled of others beforehand."),
    "transfer": ("hub.cli.stock.transfer", "Move stock between locations."),
    "count": ("hub.cli.stock.count", "Count what lies there, and post the differences."),
    "lot": ("hub.cli.stock.lot", "Lots with their expiry, and serial numbers."),
    "visibility": (
        "hub.cli.stock.visibility",
        "Say what channels may see: buffers, caps, allotments, safety stock.",
    ),
    "sourcing": ("hub.cli.stock.sourcing", "Say which locations fill orders: nearest, by priority, unsplit."),
    "backorder": ("hub.cli.stock.backorder", "Sell ahead of stock: backorders and preorders up to a limit."),
    "import": ("hub.cli.importing", "Take stock, catalog, prices or listings from a file, after a look."),
    "export": ("hub.cli.exporting", "Write them to a file that can be imported again."),
    "sync": ("hub.cli.sync", "What channels are told, and what of it waits for a person."),
    "alarm": ("hub.cli.stock.alarm", "Stock that is low, out, oversold, aging or below zero."),
    "inbox": ("hub.cli.inbox", "Add raw messages, see the parked ones, try them again."),
    "history": ("hub.cli.history", "See who did what, anywhere in the hub."),
    "check": ("hub.cli.check", "Refold the ledger and verify every law a query can verify."),
    "connector": ("hub.cli.connector", "Write a connector: begin one, see it work, certify it."),
    "sim": ("hub.cli.serving.sim", "Serve a simulated channel."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and help; imports one only to run it."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_GROUPS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _GROUPS:
            return None
        module = importlib.import_module(_GROUPS[cmd_name][0])
        command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        assert isinstance(command, click.Command)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _GROUPS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hub")
def cli() -> None:
    """Takes orders from every channel, promises stock once, and tells every channel what is left."""


def main() -> None:
    """Run the command; an error of ours is one sentence on standard error and exit code 1."""
    try:
        cli(prog_name="hub")
    except HubError as error:
        click.secho(f"hub: {error}", fg="red", err=True)
        sys.exit(1)
