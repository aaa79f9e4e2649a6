"""What is said of each event of an order. Of several sayings, the first that has all it tells is said. Pure."""

from collections.abc import Mapping

from hub.model.telling.kinds import Kind
from hub.model.telling.sayings import Saying, counted, said

ORDERS: Mapping[Kind, tuple[Saying, ...]] = {
    "taken": (
        counted("lines", "Order taken: {lines} line, {total}", "Order taken: {lines} lines, {total}"),
        said("Order taken"),
    ),
    "reviewed": (said("Reviewed"),),
    "changed": (said("Changed on the channel"),),
    "canceled": (
        said("Merged into order {order}", order="into"),
        said("Canceled by a person", when="by"),
        said("Canceled on the channel"),
    ),
    "reopened": (
        said("Reopened by a person, but the channel has it canceled: tell them there", when="there"),
        said("Reopened by a person"),
    ),
    "edited": (said("Changed by a person"),),
    "undone": (said("A change was undone"),),
    "split": (
        said("Split off order {order}, with {amount} that was paid", amount="paid", order="from"),
        said("Split off order {order}", order="from"),
        said(
            "Split into two orders: {amount} of what was paid is on order {order}",
            amount="paid",
            order="part",
        ),
        said("Split into two orders: a part is order {order}", order="part"),
        said("Split into two orders"),
    ),
    "merged": (
        said("Merged with {order}, with {amount} that was paid there", amount="paid", order="others"),
        said("Merged with {order}", order="others"),
        said("Merged with other orders, with {amount} that was paid for them", amount="paid"),
        said("Merged with other orders"),
    ),
    "gone": (said("The channel has this order no more"),),
    "held": (said("Put on hold: {holds}", holds="put"),),
    "released": (
        counted(
            "units",
            "Given back for the hold: {units} unit that was promised",
            "Given back for the hold: {units} units that were promised",
        ),
    ),
    "assigned": (
        said("{owner} looks after the hold “{hold}”"),
        said("The hold “{hold}” has other words now"),
    ),
    "resolved": (said("Looked into and resolved: {hold}"),),
    "dismissed": (said("A parked message was dismissed"),),
    "unpaid": (
        counted(
            "units",
            "Not paid in time: {units} unit that was promised is given back",
            "Not paid in time: {units} units that were promised are given back",
        ),
    ),
    "kept unpaid": (
        counted(
            "hours",
            "Its stock is kept for {hours} hour more although it is unpaid",
            "Its stock is kept for {hours} hours more although it is unpaid",
        ),
        said("Its stock is kept although it is unpaid"),
    ),
    "late": (said("It should have left by now"),),
    "ready": (said("Ready to be collected at {location}, until {until}"),),
    "not collected": (said("Nobody collected it"),),
    "filled": (
        counted(
            "units",
            "{units} unit that was short got stock",
            "{units} units that were short got stock",
        ),
    ),
    "backordered": (said("Put on backorder"),),
    "reallocated": (
        said("Promised anew: {location} has less than was promised there"),
        said("Promised anew by a person"),
    ),
    "prioritized": (said("Given priority {priority}"),),
    "picking": (said("Put on pick list {list} at {location}"),),
    "picking dropped": (said("Pick list {list} was given up"),),
    "picked short": (
        said("Not found while picking: {units} × {sku}, {reason}"),
        said("Not found while picking: {units} × {sku}"),
    ),
    "shipped": (
        said("Collected by the customer", when="collected"),
        said("Left in a parcel by {carrier}, {tracking}"),
        said("Left in a parcel by {carrier}"),
        said("Left in a parcel, {tracking}"),
        said("Left in a parcel"),
    ),
    "parcel labeled": (
        said("A parcel got its label: {carrier}, {tracking}"),
        said("A parcel got its label: {carrier}"),
        said("A parcel got its label: {tracking}"),
        said("A parcel got its label"),
    ),
    "parcel delivered": (said("A parcel was delivered"),),
    "parcel lost": (said("A parcel was lost"),),
    "parcel returned to sender": (said("A parcel came back to its sender"),),
    "payment authorized": (
        said("Set aside for us: {amount} by {tender}, {due} still to pay"),
        said("Set aside for us: {amount} by {tender}, {over} too much"),
        said("Set aside for us: {amount} by {tender}"),
    ),
    "payment captured": (
        said("Paid: {amount} by {tender}, {due} still to pay"),
        said("Paid: {amount} by {tender}, {over} too much"),
        said("Paid: {amount} by {tender}"),
    ),
    "refund recognized": (
        said("The channel tells of {amount} that it gave back, {reference}: it was recorded here before"),
    ),
    "payment refunded": (
        said("The channel gave back {amount}, {reference}", when="there"),
        said("Refunded: {amount} by {tender}, {due} still to pay"),
        said("Refunded: {amount} by {tender}, {over} still too much"),
        said("Refunded: {amount} by {tender}"),
    ),
    "payment undone": (
        said("Not paid after all: {amount} by {tender}, {due} still to pay"),
        said("Not paid after all: {amount} by {tender}"),
    ),
    "return requested": (
        counted(
            "units",
            "Asked for a return, RMA {rma}: {units} unit",
            "Asked for a return, RMA {rma}: {units} units",
        ),
    ),
    "return approved": (said("Approved the return, RMA {rma}"),),
    "return declined": (said("Declined the return, RMA {rma}"),),
    "return canceled": (said("Called the return off, RMA {rma}"),),
    "refunded": (
        said("Settled the return, RMA {rma}: {amount} goes back"),
        said("Settled the return, RMA {rma}"),
        said("{amount} goes back"),
    ),
    "told": (said("The channel was told of {effect}, {amount}"), said("The channel was told of {effect}")),
    "not told": (said("The channel does not take {effect}: {reason}"),),
    "told again": (said("The channel is told of {effect} once more"),),
    "let be": (said("The channel is not told of {effect} any more"),),
    "returned": (said("Came back: {units} × {line}, {disposition}"),),
    "inspected": (said("Looked at after it came back: {units} × {line}, {disposition}"),),
}
