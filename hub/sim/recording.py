"""Recordings of a real account, redacted: what names somebody is replaced, the rest stays as the channel sent it.

Whom an order names is known from its translation: every text of its `person` is looked for in the raw body. Fields
whose own names speak of people are blanked as well, but for those that the order cannot be read without.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import HubError
from hub.model.incoming import IncomingOrder, Person
from hub.sim.certify.people import texts_of
from hub.spec import Connector, Message
from hub.spec.redaction import REDACTED

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
PERSONAL = re.compile(
    r"name|mail|phone|mobile|street|address|city|town|zip|postcode|postal|note|comment|customer|buyer|recipient"
    r"|company|birth|_ip$|^ip",
    re.IGNORECASE,
)
STATES = {"status", "state", "type", "currency"}
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Recorded(Struct, frozen=True):
    """A body that may be kept, or, with `body` empty, why it may not."""

    channel_order_id: str
    shape: str
    body: bytes
    reason: str = ""


def recorded(connector: Connector, config: Any, message: Message) -> Recorded:
    """Redact one message. It is kept only if nothing of the person is left and it still reads the same."""
    try:
        document = _decode(message.body)
        order = connector.to_incoming(message, config)
    except (msgspec.DecodeError, UnicodeDecodeError, HubError):
        return Recorded(message.channel_order_id, "", b"", "it cannot be read, so nobody knows whom it names")
    names = named_in(order.person)

    def read_the_same(body: bytes) -> bool:
        return _translated(connector, config, replace(message, body=body)) == _without_person(order)

    fields = set(_personal_fields(document))
    needed = {each for each in fields if not read_the_same(redact(message.body, names, {each}))}
    body = redact(message.body, names, fields - needed)
    shape = shape_of(document)
    if read_the_same(body) and not left_in(body, names):
        return Recorded(message.channel_order_id, shape, body)
    return Recorded(message.channel_order_id, shape, b"", "it does not read the same without its buyer")


def redact(body: bytes, names: Iterable[str], blank: AbstractSet[str] = frozenset()) -> bytes:
    """Replace what names somebody, and the texts of the fields `blank`; numbers keep every digit."""
    longest_first = sorted(names, key=len, reverse=True)
    return _encode(_walk(_decode(body), longest_first, blank, ""))


def named_in(person: Person) -> set[str]:
    """The texts that name somebody, and the words of their names; two letters name nobody."""
    addresses = [each for each in (person.billing, person.shipping) if each is not None]
    names = [person.name, *(each.name for each in addresses)]
    words = {word for name in names for word in name.split()}
    return {text for text in texts_of(person) | words if len(text) > 2}


def left_in(body: bytes, names: Iterable[str]) -> bool:
    """Whether one of the names still stands in it, as a word of its own."""
    text = _decode(body)
    said = "\n".join(leaf for _, leaf in _texts(text, "")).casefold()
    return any(re.search(rf"(?<!\w){re.escape(each.casefold())}(?!\w)", said) for each in names)


def shape_of(document: object) -> str:
    """What tells one kind of order from another: its fields and its states. One recording of each will do."""
    return _encode(sorted(set(_shape(document, "")))).decode()


def _translated(connector: Connector, config: Any, message: Message) -> IncomingOrder | None:
    try:
        return _without_person(connector.to_incoming(message, config))
    except HubError:
        return None


def _without_person(order: IncomingOrder) -> IncomingOrder:
    return replace(order, person=Person())


def _personal_fields(document: object) -> Iterator[str]:
    return (path for path, _ in _texts(document, "") if PERSONAL.search(path))


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, f"{path}[]")
    elif isinstance(value, str) and value:
        yield path, value


def _walk(value: object, names: list[str], blank: AbstractSet[str], path: str) -> object:
    if isinstance(value, dict):
        return {name: _walk(each, names, blank, f"{path}.{name}") for name, each in value.items()}
    if isinstance(value, list):
        return [_walk(each, names, blank, f"{path}[]") for each in value]
    if not isinstance(value, str) or not value:
        return value
    return REDACTED if path in blank else _replaced(value, names)


def _replaced(text: str, names: list[str]) -> str:
    text = EMAIL.sub("redacted@example.com", text)
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", REDACTED, text, flags=re.IGNORECASE)
    return text


def _shape(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _shape(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from _shape(each, f"{path}[]")
    else:
        state = f"={value}" if path.rpartition(".")[2] in STATES else ""
        yield f"{path}:{type(value).__name__}{state}"
