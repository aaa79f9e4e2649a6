"""The sync page of a channel: what it is told and shows, what waits, and what a person decides about it."""

from hub.web.desk.sync.decide import decide, pause_or_resume, settle_drift
from hub.web.desk.sync.sync import sync_page
from hub.web.desk.sync.told import told_pages

sync_pages = [sync_page, decide, pause_or_resume, settle_drift, *told_pages]
