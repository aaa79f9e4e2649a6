"""Orders and stock as files in a folder, one for each batch: JSON Lines or CSV.

Source of the form: jsonlines.org, and RFC 4180 for CSV.
"""

from collections.abc import Callable

from connectors.files.exporter import FilesExporter
from hub.spec import Exporter, hookimpl


@hookimpl
def register_exporters(register: Callable[[Exporter], None]) -> None:
    register(FilesExporter())
