"""A batch becomes one file under its key: written beside, brought to disk, then put in place in one step."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from connectors.files.forms import csv_of, json_lines_of
from hub.spec import Export, Http, Probe, RetryLaterError, Settings

REMEDY = "make the folder, and let the user that runs the hub write there"


class FilesConfig(Settings, frozen=True, kw_only=True):
    """Where the files go, and what they are."""

    folder: Annotated[
        str, Meta(description="Folder on the machine of the workers, such as /srv/export", min_length=1)
    ]
    form: Annotated[
        Literal["jsonl", "csv"],
        Meta(description="jsonl: one document a line. csv: one row a line of an order"),
    ] = "jsonl"


class OpenFiles:
    def __init__(self, config: FilesConfig) -> None:
        self._folder = Path(config.folder)
        self._form = config.form

    async def check(self) -> list[Probe]:
        fine = await asyncio.to_thread(lambda: self._folder.is_dir() and os.access(self._folder, os.W_OK))
        return [Probe("folder", ok=fine, detail=str(self._folder), remedy=REMEDY)]

    async def write(self, export: Export) -> None:
        write = csv_of if self._form == "csv" else json_lines_of
        try:
            await asyncio.to_thread(self._put, f"{export.key}.{self._form}", write(export))
        except OSError as error:
            msg = f"cannot write to {self._folder}: {error.strerror}; {REMEDY}"
            raise RetryLaterError(msg) from error

    def _put(self, name: str, parts: Iterator[bytes]) -> None:
        """Whoever reads the folder never sees half a file: until it is whole, its name begins with a full stop."""
        beside = self._folder / f".{name}"
        with beside.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._folder / name)


class FilesExporter:
    kind = "files"
    title = "Files in a folder"
    config_type: type[Settings] = FilesConfig

    def open(self, http: Http, config: FilesConfig) -> OpenFiles:
        del http
        return OpenFiles(config)
