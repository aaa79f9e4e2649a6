"""The work of filling orders: pick lists, packing with a scanner or a phone, paper, and the parcels that left."""

from hub.web.desk.fulfillment.lists import begin_list, new_list_page, picks_page
from hub.web.desk.fulfillment.pack import find_packing, pack_order, pack_page
from hub.web.desk.fulfillment.paper import print_list, print_slip, print_slips
from hub.web.desk.fulfillment.parcels import change_parcel, parcels_page, ship_many
from hub.web.desk.fulfillment.pickups import pickups_page, settle_pickup
from hub.web.desk.fulfillment.sheet import drop_list, enter_pick, pick_page, put_back, tell_short

fulfillment_pages = [
    picks_page,
    new_list_page,
    begin_list,
    pick_page,
    enter_pick,
    tell_short,
    put_back,
    drop_list,
    find_packing,
    pack_page,
    pack_order,
    print_list,
    print_slip,
    print_slips,
    pickups_page,
    settle_pickup,
    parcels_page,
    ship_many,
    change_parcel,
]
