"""What can go wrong with the hub's own servers."""

from pathlib import Path

from hub.model.errors import HubError


class FolderInUseError(HubError):
    """Another hub runs with this folder."""


class FolderUnusableError(HubError):
    """The hub's folder cannot be made or written to."""

    def __init__(self, folder: Path, error: OSError) -> None:
        """Say what the system said, and what to do."""
        super().__init__(
            f"the data folder {folder} cannot be used ({error.strerror}): set HUB_DATA to a folder you may write to"
        )


class ServerStartError(HubError):
    """A server is missing or did not come up; the message ends with the last lines of its log."""
