"""Fields of an order in words: what each is called, and what it says. Pure."""

from collections.abc import Mapping

import msgspec

from hub.model.edits.editing import Edited
from hub.model.edits.owners import LINE, NOTHING, OF_LINE, OWN, Contact, Shipping, read_line
from hub.model.incoming import Address

_LABELS = {
    "address": "the address",
    "billing": "the address to bill to",
    "contact": "the contact",
    "shipping": "shipping",
    "collected": "what the channel collected",
    "captured": "what was paid",
    "authorized": "what was authorized",
    "canceled": "whether it is canceled",
    "refunded": "what went back",
    "priority": "the priority",
    "tags": "tags",
    "remark": "the note",
}

GONE = "a line that is gone"


def label_of(field: str, version: Edited) -> str:
    if field.startswith(OWN):
        named = {each.key: each.label for each in version.fields}
        key = field.removeprefix(OWN)
        return named.get(key, key)
    titles: Mapping[str, str] = {line.channel_line_id: line.title for line in version.order.lines}
    if field.startswith(OF_LINE):
        key, _, line_id = field.removeprefix(OF_LINE).partition("/")
        return f"{label_of(f'{OWN}{key}', version)} of {titles.get(line_id, GONE)}"
    if not field.startswith(LINE):
        return _LABELS.get(field, field)
    return titles.get(field.removeprefix(LINE), GONE)


def in_words(field: str, text: str) -> str:
    """One value of a field, as people read it."""
    if text == NOTHING:
        return "nothing"
    if field.startswith(LINE):
        line = read_line(text)
        assert line is not None
        canceled = f", {line.canceled} canceled" if line.canceled else ""
        return f"{line.quantity} × {line.unit_price}{canceled} = {line.total}"
    if field in {"address", "billing"}:
        address = msgspec.json.decode(text, type=Address)
        return ", ".join(str(each) for each in msgspec.structs.astuple(address) if each)
    if field == "contact":
        contact = msgspec.json.decode(text, type=Contact)
        return ", ".join(each for each in msgspec.structs.astuple(contact) if each)
    if field == "shipping":
        shipping = msgspec.json.decode(text, type=Shipping)
        return f"{shipping.method} {shipping.price}".strip()
    return str(msgspec.json.decode(text))
