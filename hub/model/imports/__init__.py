"""What comes from files: which columns there are, what a row says, and what it would change. Pure."""
