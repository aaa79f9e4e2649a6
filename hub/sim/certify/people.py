"""The made-up buyers of certification: every part of them is found nowhere else, so that a leak shows.

Shapes that channels really send: no address at all, scripts, an empty name, a pickup, another address to ship to.
"""

from collections.abc import Iterator, Mapping

import msgspec

from hub.model.incoming import Address, Person

CANARY = Person(
    name="Quirina Zyxwander",
    email="quirina.zyxwander@example.com",
    phone="+1-555-0142",
    billing=Address(
        name="Quirina Zyxwander",
        street="Vexillaweg 77",
        city="Quondorf",
        region="Zymurland",
        postcode="QZ-90210",
        country="DE",
        phone="+1-555-0142",
    ),
    shipping=Address(name="Ottokar Fjordquist", street="Blixenplatz 3", city="Wyrmstedt", country="DE"),
)
BUYERS: Mapping[str, Person] = {
    "plain": CANARY,
    "no address": msgspec.structs.replace(CANARY, billing=None, shipping=None),
    "no name": Person(email=CANARY.email),
    "nobody at all": Person(),
    "billing only": msgspec.structs.replace(CANARY, shipping=None),
    "other scripts": Person(
        name="髙橋 Łukasz Ó'Neill-Ñandú", billing=Address(street="人民路15号", city="上海市")
    ),
    "markup in the name": Person(name='<b>Zyx</b> & "Co" \\ {{7*7}}', email=CANARY.email),
    "emoji and a line break": Person(name="Zyx 🦊", note="ring twice\nthen wait"),
    "a very long name": Person(name="Zyx " * 100),
}


def personal(person: Person) -> set[str]:
    """The texts that name somebody: what must stand nowhere else. Countries and short words name nobody."""
    return {text for text in texts_of(person) if len(text) > 4}


def texts_of(person: Person) -> set[str]:
    """Every text of a person, without its country."""
    found = msgspec.to_builtins(person)
    places = [found.get(name) or {} for name in ("billing", "shipping")]
    for each in places:
        each.pop("country", None)
    return set(_texts(found))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
