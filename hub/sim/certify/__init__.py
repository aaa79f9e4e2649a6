"""Certification: hundreds of small trials of one connector, over loopback HTTP, against its own simulator."""
