"""What is said of each event of a channel, and of rules, checks and customers. Pure."""

from collections.abc import Mapping

from hub.model.telling.kinds import Kind
from hub.model.telling.sayings import Saying, counted, said

CHANNELS: Mapping[Kind, tuple[Saying, ...]] = {
    "channel closed": (said("Channel closed"),),
    "channel opened": (said("Channel opened again"),),
    "drift": (
        counted(
            "listings",
            "{listings} listing shows another number than the hub confirmed",
            "{listings} listings show other numbers than the hub confirmed",
        ),
    ),
    "drift policy": (said("Where a channel shows another number: {policy}"),),
    "drift settled": (
        counted(
            "drifts",
            "{drifts} number that differed: {deed}",
            "{drifts} numbers that differed: {deed}",
        ),
    ),
    "freshness goal": (
        counted(
            "goal_s",
            "Goal for the age of its numbers: {goal_s} second",
            "Goal for the age of its numbers: {goal_s} seconds",
        ),
    ),
    "groups paused": (said("Groups paused: {groups}"), said("No group is paused any more")),
    "handling set": (
        counted(
            "hours",
            "Its orders leave within {hours} hour",
            "Its orders leave within {hours} hours",
        ),
        said("Nothing is promised of when its orders leave"),
    ),
    "listings back": (said("Listings that are there again: {listings}"),),
    "listings doubted": (said("{missing} listings were not seen, {seen} were: nothing was concluded"),),
    "listings gone": (said("Listings that are gone: {listings}"),),
    "listings matched": (said("Listings matched: {listings}"),),
    "listings unmatched": (said("Listings matched no more: {listings}"),),
    "patience set": (
        counted(
            "hours",
            "Unpaid orders keep their stock for {hours} hour",
            "Unpaid orders keep their stock for {hours} hours",
        ),
        said("Unpaid orders keep their stock for good"),
    ),
    "seatbelt": (
        said(
            "More than {few} drastic changes wait for a person where they are {share_percent} % of its listings, "
            "or {most} of them; one is drastic that leaps {factor} times as high"
        ),
    ),
    "shadow": (
        said("In shadow: it is read, and told nothing", when="on"),
        said("Out of shadow: it is told its numbers"),
    ),
    "shipping set": (
        said("Its orders are shipped here", when="here"),
        said("Its orders are shipped by somebody else"),
    ),
    "stock published": (said("Told its numbers: {listings}"), said("Took no number")),
    "suspended": (
        counted(
            "listings",
            "{listings} drastic change waits for a person",
            "{listings} drastic changes wait for a person",
        ),
    ),
    "suspended approved": (
        counted("listings", "{listings} drastic change approved", "{listings} drastic changes approved"),
    ),
    "suspended dismissed": (
        counted("listings", "{listings} drastic change dismissed", "{listings} drastic changes dismissed"),
    ),
    "tells set": (
        said("Of its orders it is told: {effects}"),
        said("Nothing that is done to its orders is told"),
    ),
}

SHOP: Mapping[Kind, tuple[Saying, ...]] = {
    "bank rule set": (
        said("Bank transfers that are sure are matched by themselves", when="books"),
        said("A person matches every bank transfer"),
    ),
    "checks set": (said("What is checked of new orders was set"),),
    "customer blocked": (said("Customer put on the blocked list"),),
    "customer noted": (said("What is noted of a customer was changed"),),
    "customer unblocked": (said("Customer taken off the blocked list"),),
    "customers merged": (said("Two customers are one now"),),
    "customers parted": (said("A customer was parted in two again"),),
    "field defined": (said("The field “{field}” of orders was defined"),),
    "field dropped": (said("The field “{field}” of orders was given up"),),
    "rule dropped": (said("Rule “{rule}” was given up"),),
    "rule off": (said("Rule “{rule}” is off"),),
    "rule on": (said("Rule “{rule}” is on"),),
    "rule written": (said("Rule “{rule}”, version {version}, was written"),),
    "rules arranged": (said("Rules arranged: {rules}"),),
}
