"""The customer on the phone: who they are, what they ordered last, and whether they have just ordered the same."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from hub.flows.orders.keep_people import Known, find_people, read_identity
from hub.kit.secrets import Vault
from hub.model.incoming import Address, Person
from hub.store.db import Tx
from hub.store.desk.customer import PastOrder, past_orders
from hub.web.desk.orders.draft import PLACE, Draft
from hub.web.desk.page import name_of, open_person

JUST_NOW = timedelta(minutes=30)  # who orders the same again within it may have been heard twice
SHOWN = 3


class Customer(Struct, frozen=True):
    """A known person, with the address of the latest order that has one."""

    id: UUID
    person: Person
    name: str
    place: Address
    orders: list[PastOrder]

    @property
    def lines(self) -> str:
        town = " ".join(part for part in (self.place.postcode, self.place.city) if part)
        parts = (self.place.company, self.place.street, self.place.street2, town, self.place.country)
        return ", ".join(part for part in parts if part)


class Look(Struct, frozen=True):
    """What the form says of its customer. `asked` is False where no e-mail or phone was typed."""

    asked: bool = False
    people: list[Customer] = []
    taken: Customer | None = None
    twins: list[PastOrder] = []

    def one(self, chosen: str = "") -> Customer | None:
        """The person with this id, or the only one there is."""
        if chosen:
            return next((each for each in self.people if str(each.id) == chosen), None)
        return self.people[0] if len(self.people) == 1 else None


async def look_up(tx: Tx, vault: Vault, draft: Draft, skus: Iterable[str], *, at: datetime) -> Look:
    """Three statements; of what was typed, only its keyed hash reaches the database."""
    typed = whom(draft)
    if typed is None:
        return Look()
    known = await find_people(tx, vault, typed)
    ids = [each for person in known for each in person.ids]
    past = await past_orders(tx, ids) if ids else []
    people = [_customer(vault, each, past) for each in known]
    taken = next((each for each in people if str(each.id) == draft["customer"]), None)
    return Look(True, people, taken, _twins(past, set(skus), since=at - JUST_NOW))


def whom(draft: Draft) -> Person | None:
    """Whom the draft's e-mail and phone name; None where neither was typed whole."""
    email, phone = read_identity(draft["email"]), read_identity(draft["phone"])
    if email is None and phone is None:
        return None
    return Person(email=email.email if email else "", phone=phone.phone if phone else "")


def sort_identity(draft: Draft) -> Draft:
    """A phone number or an e-mail that was typed as the name moves to its own field, where that is free."""
    typed = read_identity(draft["name"])
    if typed is None:
        return draft
    field = "email" if typed.email else "phone"
    if draft[field]:
        return draft
    return structs.replace(draft, fields={**draft.fields, "name": "", field: draft["name"]})


def take_over(draft: Draft, customer: Customer) -> Draft:
    """Fill what is empty with what is known; the address only as a whole, and what was typed always stays."""
    known = {"name": customer.name, "email": customer.person.email, "phone": customer.person.phone}
    filled = {name: draft[name] or value for name, value in known.items()}
    if not any(draft[name] for name in PLACE):
        filled |= {name: getattr(customer.place, name) for name in PLACE}
    return structs.replace(draft, fields={**draft.fields, **filled, "customer": str(customer.id)})


def _customer(vault: Vault, known: Known, past: Sequence[PastOrder]) -> Customer:
    orders = [each for each in past if each.customer_id in known.ids][:SHOWN]
    latest = [person for each in orders if (person := open_person(vault, each.id, each.personal))]
    people = [*latest, known.person]
    places = (place for each in people for place in (each.shipping, each.billing) if place is not None)
    names = (name for each in people if (name := name_of(each)) and name not in {each.email, each.phone})
    return Customer(
        id=known.ids[0],
        person=known.person,
        name=next(names, ""),
        place=next(places, Address()),
        orders=orders,
    )


def _twins(past: Sequence[PastOrder], skus: set[str], *, since: datetime) -> list[PastOrder]:
    """Orders of the last minutes that share an item with this basket."""
    return [
        each
        for each in past
        if each.placed_at >= since and each.canceled_at is None and skus & set(each.skus)
    ]
