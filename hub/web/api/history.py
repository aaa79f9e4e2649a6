"""History: what anybody did anywhere in the hub, as facts and as sentences."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from hub.channels.context import HubContext
from hub.kit.language import Language, locale_of
from hub.model.telling.tell import tell_each
from hub.store import timeline as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.timeline import Asked, Entry, Lang, entries_of
from hub.web.problems import answers


class HistoryEntry(Struct, frozen=True):
    """`order` is its number, `channel` its slug; null and "" where it is about none."""

    order: int | None
    channel: str
    entry: Entry


class HistoryPage(Struct, frozen=True):
    items: list[HistoryEntry]
    next_cursor: str | None


@get("/", summary="What happened anywhere", responses=answers(400, 422))
async def show_history(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    actor: Annotated[
        str | None, QueryParameter(description="Only what this one did: `desk`, a channel")
    ] = None,
    lang: Lang = None,
    accept_language: Asked = "",
) -> HistoryPage:
    """The newest first; the timeline of one order, with its stock, stands on the order."""
    (before,) = read_cursor(cursor, tuple[int], (store.NEWEST,))
    async with hub.db.transaction() as tx:
        found = await store.history(tx, before=before, actor=actor, limit=limit + 1)
    shown, more = cut(found, limit)
    items = history_entries(shown, Language(locale_of(lang or accept_language)))
    return HistoryPage(items, write_cursor(shown[-1].id) if more else None)


def history_entries(found: Sequence[store.Recorded], language: Language) -> list[HistoryEntry]:
    entries = entries_of(tell_each([each.happened for each in found]), language)
    return [
        HistoryEntry(each.order_number or None, each.happened.channel, entry)
        for each, entry in zip(found, entries, strict=True)
    ]


history_routes = Router("/history", route_handlers=[show_history], tags=["history"])
