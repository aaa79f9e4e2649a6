"""History: what anybody did anywhere, on one page, in the language of its reader."""

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from hub.kit.clock import now
from hub.model.telling.tell import tell_each
from hub.store.timeline import NEWEST, history
from hub.web.desk.orders.timeline import entry_of
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, render

PAGE_ROWS = 100


@get("/history", include_in_schema=False)
async def history_page(request: AnyRequest, before: FromQuery[int] = NEWEST) -> Template:
    fmt = format_of(request, now())
    async with hub_of(request).db.transaction() as tx:
        found = await history(tx, before=before, limit=PAGE_ROWS + 1)
        shown = found[:PAGE_ROWS]
        told = tell_each([each.happened for each in shown])
        values = {
            "rows": [(each, entry_of(one, fmt)) for each, one in zip(shown, told, strict=True)],
            "first": "/history" if before < NEWEST else "",
            "more": f"/history?before={shown[-1].id}" if len(found) > PAGE_ROWS else "",
        }
        return await render(tx, "history.html", Frame("channels"), fmt, values)
