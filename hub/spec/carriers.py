"""Carriers: who brings the parcels, by which names channels know them, and where a parcel can be followed."""

from collections.abc import Sequence
from typing import Protocol


class Carrier(Protocol):
    """One carrier: what `register_carriers` registers. Pure and stateless; no network, no labels."""

    @property
    def key(self) -> str:
        """The permanent key, small letters and digits: "dhl"."""

    @property
    def title(self) -> str: ...

    @property
    def names(self) -> Sequence[str]:
        """Other names it goes by, as people and channels write them; case does not matter."""

    def tracking_url(self, number: str) -> str:
        """Where this parcel can be followed; "" where the carrier has no such page."""

    def knows(self, number: str) -> bool:
        """Whether a number can be of no other carrier than this one. In doubt, False: a wrong guess misleads."""
