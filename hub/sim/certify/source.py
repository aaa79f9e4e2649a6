"""Where orders to look at come from: recordings where there are some, else a few sales of the simulator."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from hub.model.errors import HubError
from hub.sim.certify.people import CANARY, personal
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import Capability


class Sample(Struct, frozen=True):
    """One order as the channel sends it, and what in it is personal."""

    body: bytes
    personal: Sequence[str]
    from_network: bool


async def samples(stage: Stage) -> tuple[Shop, list[Sample]]:
    """A shop, and orders for it; an empty list where neither simulator nor recordings have any."""
    shop = await stage.opened()
    if stage.has_network and shop.can(Capability.FETCH_ORDERS):
        shop.sell({sku_of(1): 2, sku_of(2): 1}, {sku_of(3): 1})
        shop.pass_time(5)
        messages = (await shop.scan()).messages
        named = sorted(personal(CANARY))
        return shop, [Sample(each.body, named, from_network=True) for each in messages if _is_json(each.body)]
    return shop, [each for recording in stage.subject.recordings for each in _recorded(shop, recording.raw)]


def _recorded(shop: Shop, raw: bytes) -> list[Sample]:
    """The orders of one recording that can be read."""
    found = []
    try:
        for message in shop.connector.split_file(raw):
            person = shop.connector.to_incoming(message, shop.config).person
            found.append(Sample(message.body, sorted(personal(person)), from_network=False))
    except HubError:
        return found
    return found


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(body), dict)
    except msgspec.DecodeError:
        return False
