"""Orders: drafts, snapshots, states. Pure."""
