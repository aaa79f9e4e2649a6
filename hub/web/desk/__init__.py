"""The desk: pages for clerks and retailers, rendered on the server; every one works without script."""

from hub.web.desk.channels import channel_pages
from hub.web.desk.files.exports import export_file
from hub.web.desk.files.imports import import_pages
from hub.web.desk.fulfillment import fulfillment_pages
from hub.web.desk.history import history_page
from hub.web.desk.language import choose_language
from hub.web.desk.orders.bank import bank_pages
from hub.web.desk.orders.cancel_many import cancel_pages
from hub.web.desk.orders.duplicate import duplicate_order
from hub.web.desk.orders.edit_forms import edit_pages
from hub.web.desk.orders.holds import hold_pages
from hub.web.desk.orders.new_order import accept_order, known_customer, new_order_page, save_typed
from hub.web.desk.orders.order import message_page, order_page
from hub.web.desk.orders.orders import find_orders, home, orders_page
from hub.web.desk.orders.payments import record_payment
from hub.web.desk.orders.reallocate import reallocate_order
from hub.web.desk.orders.refunds import refund_order
from hub.web.desk.orders.rmas import rma_pages
from hub.web.desk.orders.saving import drop_draft
from hub.web.desk.orders.settle import settle_routes
from hub.web.desk.orders.shipping import ship_order
from hub.web.desk.places.counts import begin_count, counts_page, new_count_page, print_page
from hub.web.desk.places.locations import location_page, locations_page
from hub.web.desk.places.receipts import receipt_pages
from hub.web.desk.places.review import (
    drop_count,
    find_none,
    post_count,
    review_page,
    settle_differences,
)
from hub.web.desk.places.settle_locations import add_location, change_location
from hub.web.desk.places.settle_transfers import transfer_forms
from hub.web.desk.places.sheet import enter_count, sheet_page, undo_entry
from hub.web.desk.places.sourcing import sourcing_pages
from hub.web.desk.places.transfers import transfer_page, transfers_page
from hub.web.desk.review.checks import review_pages
from hub.web.desk.review.customers import customer_pages
from hub.web.desk.review.own_fields import field_pages
from hub.web.desk.review.rules import rule_pages
from hub.web.desk.shadow import shadow_page, switch_shadow
from hub.web.desk.stock.adjust import adjust
from hub.web.desk.stock.alarms import alarms_page
from hub.web.desk.stock.listings import listings_page
from hub.web.desk.stock.products import products_page
from hub.web.desk.stock.recipe import recipe_pages
from hub.web.desk.stock.scan import attach, scan_page
from hub.web.desk.stock.sell_ahead import sell_ahead
from hub.web.desk.stock.settle_alarms import alarm_forms
from hub.web.desk.stock.settle_listings import listing_forms
from hub.web.desk.stock.shelves import put_on_shelves
from hub.web.desk.stock.sku import sku_page
from hub.web.desk.stock.stock import stock_page, suggest
from hub.web.desk.stock.visibility import visibility_pages
from hub.web.desk.sync import sync_pages
from hub.web.desk.waiting import waiting_page

desk_routes = [
    home,
    waiting_page,
    choose_language,
    history_page,
    *settle_routes,
    *hold_pages,
    *edit_pages,
    *cancel_pages,
    duplicate_order,
    *review_pages,
    *field_pages,
    *rule_pages,
    *customer_pages,
    orders_page,
    find_orders,
    new_order_page,
    accept_order,
    known_customer,
    save_typed,
    drop_draft,
    order_page,
    message_page,
    reallocate_order,
    ship_order,
    record_payment,
    *bank_pages,
    refund_order,
    *rma_pages,
    *fulfillment_pages,
    alarms_page,
    *alarm_forms,
    stock_page,
    products_page,
    suggest,
    sku_page,
    scan_page,
    attach,
    listings_page,
    *listing_forms,
    adjust,
    sell_ahead,
    put_on_shelves,
    locations_page,
    location_page,
    add_location,
    change_location,
    transfers_page,
    transfer_page,
    *transfer_forms,
    counts_page,
    new_count_page,
    begin_count,
    print_page,
    sheet_page,
    enter_count,
    undo_entry,
    review_page,
    settle_differences,
    post_count,
    find_none,
    drop_count,
    *receipt_pages,
    *sourcing_pages,
    *recipe_pages,
    *visibility_pages,
    *import_pages,
    export_file,
    shadow_page,
    switch_shadow,
    *sync_pages,
    *channel_pages,
]
