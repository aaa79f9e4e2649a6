"""Export: a file of what there is, that changes nothing when it is imported as it is."""

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from hub.channels.files.exporting import export
from hub.kit.sheets import Format
from hub.model.imports.kinds import Kind
from hub.web.desk.page import AnyRequest, hub_of
from hub.web.downloads import attached


@get("/export/{kind:str}", include_in_schema=False)
async def export_file(
    request: AnyRequest,
    kind: FromPath[Kind],
    form: FromQuery[Format] = Format.CSV,
    only: FromQuery[str] = "",
) -> Response[bytes]:
    """`only` is one location of stock, or one channel of listings."""
    raw, _ = await export(hub_of(request), kind, form, only=only or None)
    return attached(raw, kind, form)
