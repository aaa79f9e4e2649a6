"""Routes about what channels are told."""
