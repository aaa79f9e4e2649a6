"""Names and addresses as channels write them: null, too long, all blank, with what no table can hold. Pure."""

from hub.model.incoming import Address

TEXT_MAX, NOTE_MAX = 500, 5000


def text(value: str | None) -> str:
    """Fit to be kept: never null, without NUL, at most 500 characters."""
    if not value:
        return ""
    if len(value) <= TEXT_MAX and "\0" not in value:
        return value
    return value.replace("\0", "")[:TEXT_MAX]


def note(*parts: str | None) -> str:
    """What people wrote, a line each, at most 5000 characters."""
    return "\n".join(part for part in parts if part).replace("\0", "")[:NOTE_MAX]


def full_name(*parts: str | None) -> str:
    """First and last name, or whatever parts there are, with one blank between them."""
    return text(" ".join(" ".join(part.split()) for part in parts if part and part.strip()))


def address_or_none(address: Address) -> Address | None:
    """None where every field is blank: a shop that ships nothing sends an empty address."""
    return None if address == Address() else address


def country_of(code: str | None) -> str:
    """The two capital letters of ISO 3166, "" for anything else; what it was stays in the raw message."""
    given = (code or "").strip().upper()
    return given if len(given) == 2 and given.isascii() and given.isalpha() else ""
