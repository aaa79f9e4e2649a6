"""hub history: what anybody did anywhere in the hub, the newest last, as a log is read."""

import click

from hub.channels.context import HubContext
from hub.cli.orders.order_page import print_entry
from hub.cli.output import json_option, lang_option, print_json
from hub.cli.session import in_hub
from hub.kit.language import Language, locale_of
from hub.model.telling.tell import tell_each
from hub.store import timeline as store
from hub.web.api.history import history_entries


@click.command()
@click.option("--by", "actor", help="Only what this one did: desk, api, hub, a channel.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@lang_option
@json_option
@in_hub
async def history(ctx: HubContext, *, actor: str | None, limit: int, lang: str, as_json: bool) -> None:
    """Show who did what, in orders, stock, channels and rules, and because of what."""
    language = Language(locale_of(lang))
    async with ctx.db.transaction() as tx:
        found = (await store.history(tx, actor=actor, limit=limit))[::-1]
    if as_json:
        print_json({"items": history_entries(found, language)})
        return
    if not found:
        click.echo("Nothing was recorded yet." if actor is None else f"Nothing was recorded of {actor}.")
    for each, told in zip(found, tell_each([each.happened for each in found]), strict=True):
        print_entry(told, language, about=f"{each.order_number or each.happened.channel} ".lstrip())
