"""The carriers themselves. A new one is a row."""

import re
from urllib.parse import quote

from msgspec import Struct


class Parcels(Struct, frozen=True):
    """`page` is where a parcel can be followed, its number appended; `own` matches numbers nobody else gives out."""

    key: str
    title: str
    page: str
    names: tuple[str, ...] = ()
    own: str = ""

    def tracking_url(self, number: str) -> str:
        return self.page + quote(bare(number), safe="") if bare(number) else ""

    def knows(self, number: str) -> bool:
        return bool(self.own) and re.fullmatch(self.own, bare(number)) is not None


def bare(number: str) -> str:
    """As carriers print it, without the blanks people read it with."""
    return "".join(number.split()).upper()


CARRIERS = (
    Parcels(  # 1cf83fd
        "dhl",
        "DHL",
        "https://www.dhl.com/en/express/tracking.html?AWB=",
        names=("DHL Express", "DHL Parcel"),
        own=r"JJD\d{10}|JVGL\d{10}",
    ),
    Parcels("dpd", "DPD", "https://www.dpd.com/tracking/", names=("DPD Classic", "DPD Predict")),  # 019bb47
    Parcels(
        "fedex", "FedEx", "https://www.fedex.com/fedextrack/?tracknumbers=", names=("Federal Express",)
    ),  # f2edd61
    Parcels("gls", "GLS", "https://gls-group.eu/EU/en/parcel-tracking/", names=("GLS Parcel",)),  # 8d58a42
    Parcels("postnl", "PostNL", "https://www.postnl.nl/track-en-trace/", names=("Post NL",)),  # 01b1726
    Parcels(  # 2949f9b
        "royalmail",
        "Royal Mail",
        "https://www.royalmail.com/track-your-item/",
        names=("royal-mail", "royal_mail"),
    ),
    Parcels(  # 04ca691
        "ups",
        "UPS",
        "https://www.ups.com/track?tracknum=",
        names=("United Parcel Service",),
        own=r"1Z[0-9A-Z]{15,16}",
    ),
    Parcels(  # 0d0879d
        "usps",
        "USPS",
        "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
        names=("United States Postal Service", "US Mail"),
    ),
)
