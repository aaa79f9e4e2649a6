"""Queries about what channels are told: what waits for a person, what differs there, how old it is."""
