"""The sync page of a channel: what it is told, what waits, and what a person decides about it."""

from hub.web.desk.sync.sync import decide, settle_drift, sync_page

sync_pages = [sync_page, decide, settle_drift]
