"""Write what the hub has into a file that can be imported again, as it was at one moment."""

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.flows.stock.known import refuse_strange
from hub.kit.sheets import Format, write_sheet
from hub.model.errors import InputError
from hub.model.imports.kinds import EXPORTED, Kind, header_of
from hub.store.checks import one_moment
from hub.store.imports.exports import Cells, export_rows


async def export(
    ctx: HubContext, kind: Kind, format_: Format, *, only: str | None = None
) -> tuple[bytes, int]:
    """The file, and how many rows it has. `only` is one location of stock, or one channel of listings.

    Raises NotFoundError where there is none, and InputError for what is never written out.
    """
    if kind not in EXPORTED:
        msg = f"{kind} is not exported: it names people; choose {', '.join(EXPORTED)}"
        raise InputError(msg, field="kind")
    if only is not None and kind is Kind.LISTINGS:
        await find_channel(ctx, only)
    rows: list[Cells] = []
    async with one_moment(ctx.db) as tx:
        if only is not None and kind is Kind.STOCK:
            await refuse_strange(tx, [only])
        async for page in export_rows(tx, kind, only=only):
            rows += page
    return write_sheet(format_, header_of(kind), rows), len(rows)
