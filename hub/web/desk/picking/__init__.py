"""Pick lists on the desk: begun for many orders, picked and packed with a scanner or a phone, printed."""

from hub.web.desk.picking.lists import begin_list, new_list_page, picks_page
from hub.web.desk.picking.pack import find_packing, pack_order, pack_page
from hub.web.desk.picking.paper import print_list, print_slip, print_slips
from hub.web.desk.picking.sheet import drop_list, enter_pick, pick_page, put_back, tell_short

picking_pages = [
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
]
