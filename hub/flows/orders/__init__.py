"""Stories about orders: they arrive, are taken, wait, and are settled."""
