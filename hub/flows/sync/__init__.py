"""Stories about what channels are told: what is held back, read back, put right."""
