"""The places of stock that a channel has over there, beside ours."""

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel
from hub.model.errors import WrongStateError
from hub.spec import ListsLocations
from hub.spec.paging import all_items
from hub.store.stock import locations


class Place(Struct, frozen=True):
    """`ours` is the code of our location of the same name or code; None where there is none."""

    channel_location_id: str
    name: str
    ours: str | None


async def places_of(ctx: HubContext, opened: OpenedChannel) -> list[Place]:
    """All of them, however many pages they take; raises WrongStateError where its kind lists none."""
    channel = opened.channel
    if not isinstance(channel, ListsLocations):
        msg = f"a {opened.connector.manifest.title} channel has no list of its places"
        raise WrongStateError(msg)
    found = [each async for each in all_items(channel.list_locations)]
    async with ctx.db.transaction() as tx:
        known = await locations.all_locations(tx)
    named = {word.casefold(): each.code for each in known for word in (each.name, each.code)}
    return [Place(each.channel_location_id, each.name, named.get(each.name.casefold())) for each in found]
