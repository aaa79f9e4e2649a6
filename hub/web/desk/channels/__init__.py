"""Pages about channels: how each does, one that is joined, one looked at, a log-in there and back."""

from hub.web.desk.channels.channel import channel_page, set_settings, try_connection
from hub.web.desk.channels.channels import channels_page
from hub.web.desk.channels.closing import close, open_again
from hub.web.desk.channels.handling import set_how_fast
from hub.web.desk.channels.join import join_channel, kinds_page, new_channel_page
from hub.web.desk.channels.login import log_in, logged_in
from hub.web.desk.channels.shipping import set_where_shipped

channel_pages = [
    channels_page,
    kinds_page,
    new_channel_page,
    join_channel,
    channel_page,
    set_settings,
    try_connection,
    set_where_shipped,
    set_how_fast,
    close,
    open_again,
    log_in,
    logged_in,
]
