"""The sync engine's rules: what may leave, what a channel shows instead, and how fresh it is."""
