"""All routes of the API, in one place."""

from litestar import Router

from hub.web.api.allocating import allocating_routes
from hub.web.api.bank.transfers import bank_routes
from hub.web.api.canceling import cancel_routes
from hub.web.api.carriers import carrier_routes
from hub.web.api.catalog import catalog_routes
from hub.web.api.channels import channel_routes
from hub.web.api.connectors import connector_routes
from hub.web.api.customers import customer_routes
from hub.web.api.drafts import draft_routes
from hub.web.api.edits import edit_routes
from hub.web.api.files import file_routes
from hub.web.api.fulfillment.handling import handling_routes
from hub.web.api.fulfillment.pickups import pickup_routes
from hub.web.api.history import history_routes
from hub.web.api.holds import hold_routes
from hub.web.api.notifiers import notifier_routes
from hub.web.api.order_fields import field_routes
from hub.web.api.orders import order_routes
from hub.web.api.parcels import parcel_routes
from hub.web.api.payments import payment_routes
from hub.web.api.picks import pick_routes
from hub.web.api.refunds import refund_routes
from hub.web.api.returns import return_routes
from hub.web.api.review import review_routes
from hub.web.api.rmas import rma_routes
from hub.web.api.rules import rule_routes
from hub.web.api.shadow import shadow_routes
from hub.web.api.shipments import shipment_routes
from hub.web.api.stock.alarms import alarm_routes
from hub.web.api.stock.backorders import backorder_routes
from hub.web.api.stock.bundles import bundle_routes
from hub.web.api.stock.counts import count_routes
from hub.web.api.stock.listings import listing_routes
from hub.web.api.stock.locations import location_routes
from hub.web.api.stock.lots import lot_routes
from hub.web.api.stock.products import product_routes
from hub.web.api.stock.shelves import shelf_routes
from hub.web.api.stock.sourcing import sourcing_routes
from hub.web.api.stock.stock import stock_routes
from hub.web.api.stock.transfers import transfer_routes
from hub.web.api.stock.visibility import visibility_routes
from hub.web.api.sync.drift import drift_routes
from hub.web.api.sync.pace import pace_routes
from hub.web.api.sync.suspended import suspended_routes
from hub.web.api.sync.write_backs import write_back_routes

api_routes = Router(
    "/api/v1",
    route_handlers=[
        order_routes,
        field_routes,
        hold_routes,
        cancel_routes,
        edit_routes,
        draft_routes,
        allocating_routes,
        return_routes,
        rma_routes,
        refund_routes,
        pick_routes,
        customer_routes,
        review_routes,
        rule_routes,
        shipment_routes,
        parcel_routes,
        pickup_routes,
        payment_routes,
        bank_routes,
        stock_routes,
        lot_routes,
        alarm_routes,
        sourcing_routes,
        backorder_routes,
        location_routes,
        transfer_routes,
        count_routes,
        shelf_routes,
        visibility_routes,
        channel_routes,
        handling_routes,
        shadow_routes,
        suspended_routes,
        write_back_routes,
        drift_routes,
        pace_routes,
        connector_routes,
        notifier_routes,
        catalog_routes,
        carrier_routes,
        listing_routes,
        bundle_routes,
        file_routes,
        product_routes,
        history_routes,
    ],
)
