"""Manual orders: the hub itself makes the promise, so they are checked against stock, not facts."""

from typing import Any

from connectors.manual import translate, wire
from hub.model.incoming import IncomingOrder
from hub.spec import ChannelConfig, Manifest, Message, Probe
from hub.spec.signing import digest


class ManualConfig(ChannelConfig, frozen=True, forbid_unknown_fields=True):
    """Nothing to set: there is no other side."""


class ManualChannel:
    async def check(self) -> list[Probe]:
        return [Probe("form", ok=True, detail="Orders are typed on the desk; there is nothing to connect")]


class ManualConnector:
    manifest = Manifest(
        kind="manual", title="Phone and e-mail", api_version="1", orders_are_facts=False, overlap_s=0
    )
    config_type: type[ChannelConfig] = ManualConfig
    channel_type = ManualChannel

    def open(self, http: object, config: object) -> ManualChannel:
        del http, config
        return ManualChannel()

    def split_file(self, raw: bytes) -> list[Message]:
        """One manual order or a list of them; what is wrong inside one is found later, and parks it alone."""
        return [_message(form, where) for where, form in wire.cut(raw)]

    def to_incoming(self, message: Message, config: Any) -> IncomingOrder:
        del config
        return translate.to_incoming(message)


def _message(form: bytes, where: str) -> Message:
    command_id = wire.read_head(form, where).command_id
    return Message(f"manual:{command_id}:{digest(form)}", "manual order", command_id, form)
