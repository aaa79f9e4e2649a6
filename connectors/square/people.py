"""Who gets the goods and how: all personal data of an order in one value (L17). Pure."""

from connectors.square import wire
from connectors.square.parts import words
from hub.model.incoming import Address, Person
from hub.spec import people
from hub.spec.people import text


def person_of(order: wire.Order) -> Person:
    details = [each for fulfillment in order.fulfillments or [] for each in details_of(fulfillment)]
    to = next((each.recipient for each in details if each.recipient), None) or wire.Recipient()
    ticket = f"Ticket: {order.ticket_name}" if order.ticket_name else None
    about_lines = [f"{line.name or 'Line'}: {line.note}" for line in order.line_items or [] if line.note]
    notes = [ticket, *(each.note or each.shipping_note for each in details), *about_lines]
    return Person(
        name=text(to.display_name),
        email=text(to.email_address),
        phone=text(to.phone_number),
        shipping=_address(to) if to.address else None,
        note=people.note(*notes),
    )


def shipping_method(order: wire.Order) -> str:
    """A carrier that the hub itself wrote is no news of how the goods are to be sent."""
    first = next(iter(order.fulfillments or []), None)
    if first is None:
        return ""
    is_ours = wire.HUB_KEY in (first.metadata or {})
    carrier = next((each.carrier for each in details_of(first) if each.carrier and not is_ours), None)
    kind = words(first.type or "")
    return text(f"{kind}: {carrier}" if carrier else kind)


def _address(to: wire.Recipient) -> Address:
    place = to.address or wire.Address()
    rest = [line for line in (place.address_line_2, place.address_line_3) if line]
    return Address(
        name=text(to.display_name),
        street=text(place.address_line_1),
        street2=text(", ".join(rest)),
        city=text(place.locality),
        region=text(place.administrative_district_level_1),
        postcode=text(place.postal_code),
        country=text(place.country),
        phone=text(to.phone_number),
    )


def details_of(fulfillment: wire.Fulfillment) -> list[wire.FulfillmentDetails]:
    kinds = (fulfillment.pickup_details, fulfillment.shipment_details, fulfillment.delivery_details)
    return [each for each in kinds if each]
