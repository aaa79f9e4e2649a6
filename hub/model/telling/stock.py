"""What is said of each event of stock and catalog. Pure."""

from collections.abc import Mapping

from hub.model.telling.kinds import Kind
from hub.model.telling.sayings import Saying, counted, said

STOCK: Mapping[Kind, tuple[Saying, ...]] = {
    "alarm bounds set": (
        said(
            "Alarms for all SKUs: low at {low_stock}, unmoved for {unmoved_days} days, {expiry_days} days before expiry"
        ),
    ),
    "alarm thresholds set": (said("Alarms set for {skus}"),),
    "alarms dismissed": (said("Alarms dismissed: {skus}"),),
    "assembled": (said("Assembled or taken apart: {says}"),),
    "backorders set": (said("Whether more is sold than there is was set for {skus}"),),
    "barcode attached": (said("{sku} has the barcode {barcode} now"),),
    "catalog imported": (counted("count", "{count} SKU imported", "{count} SKUs imported"),),
    "components set": (said("What SKUs are made of was set: {says}"),),
    "count accepted": (said("Count {sheet}: accepted for {skus}", sheet="count"),),
    "count begun": (
        counted(
            "lines", "Count {sheet} begun: {lines} line", "Count {sheet} begun: {lines} lines", sheet="count"
        ),
    ),
    "count dropped": (said("Count {sheet} was given up", sheet="count"),),
    "count posted": (
        said("Count {sheet} posted: {counted} counted, {changed} of them changed", sheet="count"),
    ),
    "count to be repeated": (said("Count {sheet}: {skus} to be counted again", sheet="count"),),
    "grouped": (said("Put into the group {group}: {skus}"), said("Taken out of their group: {skus}")),
    "lot swapped": (said("Order {order}: {units} × {sku} of lot {new} in place of lot {old}"),),
    "lots expired": (said("No longer sold, their day has come: {lots}"),),
    "prices imported": (counted("count", "{count} price imported", "{count} prices imported"),),
    "products set": (said("Products set: {codes}"),),
    "reservations ran out": (
        counted(
            "units",
            "The time of reservations ran out: {units} unit came free, {skus}",
            "The time of reservations ran out: {units} units came free, {skus}",
        ),
    ),
    "safety stock set": (said("Safety stock set for {skus}"),),
    "shelved": (said("Shelves set for {skus}"),),
    "skus made": (said("New SKUs: {skus}"),),
    "sourcing cleared": (
        said("{channel} has no sourcing policy of its own any more"),
        said("There is no sourcing policy for all channels any more"),
    ),
    "sourcing set": (said("Sourcing set: {says}"),),
    "stock adjusted": (said("Stock adjusted: {skus}"),),
    "stock received": (said("Stock received: {references}"),),
    "tracking set": (said("{sku} is tracked by {tracking}", tracking="by"),),
    "transfer canceled": (said("Transfer {transfer} canceled"),),
    "transfer changed": (
        counted(
            "units",
            "Transfer {transfer} changed: {units} unit",
            "Transfer {transfer} changed: {units} units",
        ),
    ),
    "transfer drafted": (
        counted(
            "units",
            "Transfer {transfer} drafted: {units} unit",
            "Transfer {transfer} drafted: {units} units",
        ),
    ),
    "transfer received": (
        said("Transfer {transfer}: {received} came, {lost} are lost, {found} were found beyond it"),
    ),
    "transfer sent": (
        counted("units", "Transfer {transfer} sent: {units} unit", "Transfer {transfer} sent: {units} units"),
    ),
    "variants added": (said("Variants added to their products: {skus}"),),
    "variants removed": (said("Variants taken out of their products: {skus}"),),
    "visibility set": (said("What channels see was set: {says}"),),
}
