"""The desk: pages for clerks and retailers, rendered on the server; every one works without script."""

from hub.web.desk.orders import home, orders_page

desk_routes = [home, orders_page]
