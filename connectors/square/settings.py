"""What the retailer enters to connect a till."""

from typing import Annotated

from msgspec import Meta

from hub.spec import ChannelConfig, Secret

API_VERSION = "2025-08-20"
BASE_URL = "https://connect.squareup.com"


class SquareConfig(ChannelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    base_url: Annotated[
        str, Meta(description="Square's address; https://connect.squareupsandbox.com for the sandbox")
    ] = BASE_URL
    access_token: Annotated[
        Secret, Meta(description="Access token, from Developer Console, your application, Credentials")
    ]
    webhook_signature_key: Annotated[
        Secret,
        Meta(
            description="Signature key, from Developer Console, Webhooks, your subscription; empty until then"
        ),
    ] = Secret("")
    location_ids: Annotated[
        str | list[str],
        Meta(description="Ids of the locations whose sales are taken, with commas between them"),
    ] = ""
    inventory_location_id: Annotated[
        str, Meta(description="Id of the location whose stock the hub writes; empty: the first of the above")
    ] = ""

    def locations(self) -> tuple[str, ...]:
        """The location ids, in the order given, without repeats."""
        given = self.location_ids.split(",") if isinstance(self.location_ids, str) else self.location_ids
        return tuple(dict.fromkeys(each.strip() for each in given if each.strip()))

    def stock_location(self) -> str:
        return self.inventory_location_id.strip() or next(iter(self.locations()), "")
