"""What can go wrong with the hub's own servers."""

from hub.model.errors import HubError


class FolderInUseError(HubError):
    """Another hub runs with this folder."""


class ServerStartError(HubError):
    """A server is missing or did not come up; the message ends with the last lines of its log."""
