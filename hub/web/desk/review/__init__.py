"""Review: which orders wait for a look, and what was found in each."""
