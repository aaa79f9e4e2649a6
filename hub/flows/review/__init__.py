"""Review: look at orders as they are taken, and say which of them wait for a person."""
