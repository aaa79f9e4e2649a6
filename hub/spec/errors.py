"""What can go wrong with a channel, named by what happens next."""

from hub.model.errors import HubError


class RetryLaterError(HubError):
    """Network, 408, 425, 429, 5xx: the hub backs off and tries again, after `after_s` where the channel named it.

    `sent` False: the request never left, so nothing can have been written. `too_many`: of calls, of the whole account.
    """

    def __init__(
        self, message: str, *, after_s: float | None = None, sent: bool = True, too_many: bool = False
    ) -> None:
        super().__init__(message)
        self.after_s = after_s
        self.sent = sent
        self.too_many = too_many


class UnauthorizedError(HubError):
    """The credentials are dead: every channel that has them stops until a person reconnects it.

    `forbidden`: they are good, and may not do this: only the channel that asked stops.
    """

    def __init__(self, message: str, *, forbidden: bool = False) -> None:
        super().__init__(message)
        self.forbidden = forbidden


class RejectedError(HubError):
    """Never for this item: it is parked, its neighbors go on."""


class MalformedError(HubError):
    """They sent what we cannot read: the raw message is kept, with the path of the field that is wrong."""
