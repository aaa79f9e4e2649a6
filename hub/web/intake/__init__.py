"""Webhooks: what a channel sends on its own, stored before it is answered, understood afterwards."""
