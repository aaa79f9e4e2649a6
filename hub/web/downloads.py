"""Files that are handed out: to be saved, never shown."""

from litestar import Response

from hub.kit.sheets import Format

MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def attached(raw: bytes, name: str, format_: Format) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}.{format_}"', "cache-control": "no-store"}
    return Response(raw, media_type=MEDIA[format_], headers=headers)
