"""The quirks of a simulated channel, declared: what its vendor is known for, and what may be turned to see it hold."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(ge=0, le=10_000_000)]


class Paging(StrEnum):
    """How an API leads from page to page.

    `keyset`: an opaque cursor goes on after the last record seen, so nothing is skipped when rows move. `numbered`:
    pages 1, 2, 3. `offset`: how many rows to leave out. The last two skip rows that move while somebody reads.
    """

    KEYSET = "keyset"
    NUMBERED = "numbered"
    OFFSET = "offset"


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one channel behaves. The help text of each field says what playing it means."""

    paging: Annotated[Paging, Meta(description="how its API leads from page to page")] = Paging.KEYSET
    page_max: Annotated[int, Meta(ge=1, le=10_000, description="items in one answer, at most")] = 50
    empty_pages: Annotated[
        bool, Meta(description="every second page is empty although more follow (keyset paging only)")
    ] = False
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="what its prices are in")] = "EUR"
    whole_seconds: Annotated[bool, Meta(description="its times of change have no fractions")] = False
    offline_s: Annotated[
        Seconds,
        Meta(description="sales reach it this much later, with the time they were made: a till offline"),
    ] = 0.0
    lag_s: Annotated[Seconds, Meta(description="levels it reads out are this old: eventual consistency")] = (
        0.0
    )
    refused_skus: Annotated[
        tuple[str, ...],
        Meta(description="stock writes of these are refused while their neighbors go through"),
    ] = ()
    below_zero: Annotated[bool, Meta(description="it sells what it lacks, as a till does")] = False
    late_bodies: Annotated[
        bool, Meta(description="a webhook's body is built when it is sent: it may be newer than its topic")
    ] = False
    signed_max_s: Annotated[
        Seconds, Meta(description="its signatures carry a time and are good for so long; 0: they carry none")
    ] = 0.0
    calls_max: Annotated[
        int, Meta(ge=0, description="calls it answers in one window; 0: as many as come")
    ] = 0
    calls_window_s: Annotated[Seconds, Meta(description="the length of that window")] = 1.0
