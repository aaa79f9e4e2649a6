"""Bank transfers: what came in, and which orders it pays."""
