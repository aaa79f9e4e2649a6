"""Export: a file of what there is, that changes nothing when it is imported as it is."""

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from hub.channels.files.exporting import export
from hub.kit.sheets import Format
from hub.model.imports.kinds import Kind
from hub.web.desk.page import AnyRequest, hub_of

MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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


def attached(raw: bytes, name: str, format_: Format) -> Response[bytes]:
    """A file to be saved, never shown."""
    headers = {"content-disposition": f'attachment; filename="{name}.{format_}"', "cache-control": "no-store"}
    return Response(raw, media_type=MEDIA[format_], headers=headers)
